"""One way to move a state: check, save, and a sentence when somebody else moved first."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django_fsm import ConcurrentTransition, TransitionNotAllowed

from portfolio.actions import PortfolioRefused


def move(target: Any, transition: str, *, update_fields: Iterable[str] = ()) -> None:
    """Runs the named transition of `target` and saves it with `update_fields`.

    Raises PortfolioRefused when the state does not allow it, or when it changed since `target` was read.
    Must be called inside a transaction: the caller's other changes belong to the same one.
    """
    try:
        getattr(target, transition)()
    except TransitionNotAllowed as error:
        raise PortfolioRefused(
            _("“%(object)s” is in the state “%(state)s”; this step is not possible from there.")
            % {"object": target, "state": target.get_status_display()}
        ) from error
    keep(target, ["status", *update_fields])


def keep(target: Any, update_fields: Iterable[str]) -> None:
    """Saves fields of `target`; raises PortfolioRefused when its state changed since it was read."""
    try:
        with transaction.atomic():
            target.save(update_fields=list(update_fields))
    except ConcurrentTransition as error:
        raise PortfolioRefused(
            _("Somebody else has just changed “%(object)s”. Please look at its new state first.")
            % {"object": target}
        ) from error
