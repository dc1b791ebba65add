from typing import Any

from django.db import models

from accounts.models import User
from activity.models import Event


def record(by: User | None, verb: str, target: models.Model, **data: Any) -> Event:
    """Writes that `by` (None: the portal itself) did `verb` to `target`; `data` must be JSON.

    Call it inside the transaction of the change: an event without its change, or the reverse, must not exist.
    """
    address = target.get_absolute_url() if hasattr(target, "get_absolute_url") else ""
    return Event.objects.create(
        actor=by,
        verb=verb,
        target_type=target._meta.label_lower,
        target_id=target.pk,
        target_label=str(target)[:250],
        target_url=address,
        data=data,
    )
