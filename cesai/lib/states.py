"""The column that holds a state."""

from typing import Any

from django_fsm import FSMField


class StateField(FSMField):
    """A state that only transitions change; in migrations it is the text column that it is in the database.

    Each state field listens for every model that is prepared after it, and nothing ends that. Migrations prepare
    the same models thousands of times: with state fields among them most of their time went into listening.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"protected": True} | options)

    def deconstruct(self) -> Any:
        name, _path, args, options = super().deconstruct()
        options.pop("protected", None)
        return name, "django.db.models.CharField", args, options
