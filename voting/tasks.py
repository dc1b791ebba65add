"""Steps of rounds whose time has come; each may be delivered twice. Ballots ask the clock and wait for none of them."""

from collections.abc import Callable
from functools import partial

from celery import shared_task

from voting.actions import VoteRefused
from voting.actions.objections import finalise_round
from voting.actions.steps import begin_voting, close_round
from voting.models import Round


@shared_task
def open_due_rounds() -> None:
    """Says of every frozen round whose opening time has come that it is open."""
    for due in Round.objects.due_to_open().order_by("pk"):
        _unless_refused(partial(begin_voting, voting_round=due))


@shared_task
def close_due_rounds() -> None:
    """Closes every round whose time is over; the ballots were refused from that instant on anyway."""
    for due in Round.objects.due().order_by("pk"):
        _unless_refused(partial(close_round, by=None, voting_round=due))


@shared_task
def finalise_due_rounds() -> None:
    """Makes every result final whose objection period is over and against which nothing stands."""
    for due in Round.objects.due_to_become_final().order_by("pk"):
        _unless_refused(partial(finalise_round, by=None, voting_round=due))


def _unless_refused(step: Callable[[], object]) -> None:
    try:
        step()
    except VoteRefused:
        # Somebody else took the step in the meantime, or an objection stands against it.
        return
