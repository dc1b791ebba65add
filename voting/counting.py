"""The task that counts a closed round; below the actions, which enqueue it."""

from celery import shared_task

from voting.actions.results import tally_round
from voting.models import Round


# A large round takes the plain engine some minutes.
@shared_task(time_limit=1800, soft_time_limit=1740)
def tally_closed_round(round_id: int) -> None:
    """Counts a closed round; does nothing when it is counted already."""
    tally_round(by=None, voting_round=Round.objects.get(pk=round_id))
