"""Closing on time; may be delivered twice."""

from celery import shared_task

from voting.actions import VoteRefused
from voting.actions.rounds import close_round
from voting.models import Round


@shared_task
def close_due_rounds() -> None:
    """Closes every open round whose time is over; the ballots were refused from that instant on anyway."""
    for due in Round.objects.due().order_by("pk"):
        try:
            close_round(by=None, voting_round=due)
        except VoteRefused:
            # Somebody else closed it in the meantime.
            continue
