"""Counting a round, and what follows from it."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from activity.actions import record
from voting import chain
from voting.actions import VoteRefused
from voting.actions.chain import append
from voting.actions.counts import count_round, count_without_own, keep_counts, sealed
from voting.actions.letters import tell
from voting.actions.objections import finalise_round
from voting.models import Result, Round


def tally_round(*, by: User | None, voting_round: Round) -> Result:
    """Counts a closed round with both engines and keeps the result; then the objection period begins.

    A round without an objection period is final at once. Counting twice gives the result of the first time. Raises VoteRefused when the engines disagree or a tie has no answer: then there is no result.
    """
    voting_round.refresh_from_db()
    if voting_round.is_counted:
        return voting_round.result
    if voting_round.status != Round.Status.CLOSED:
        raise VoteRefused(_("The round is not closed yet."))
    # Outside the transaction: a closed round takes no ballots, so nothing can change while it is counted.
    counted = count_round(voting_round)
    others = count_without_own(voting_round, counted)
    won = {code for each in counted for code in each.winners}
    with transaction.atomic():
        locked = Round.objects.select_for_update().get(pk=voting_round.pk)
        if locked.is_counted:
            return locked.result
        if locked.status != Round.Status.CLOSED:
            raise VoteRefused(_("The round was cancelled while it was counted."))
        result = keep_counts(locked, counted, confirmed=True, without_own=others)
        append(locked, chain.RESULT, **sealed(counted))
        clock = Round.objects.with_clock().get(pk=locked.pk).clock  # type: ignore[attr-defined]
        locked.move_to(Round.Status.TALLIED, objections_until=clock + timedelta(days=locked.objection_days))
        record(by, "voting.round_tallied", locked, winners=sorted(won), spent=result.spent)
        tell(locked, "voting/letters/tallied.txt")
        if not locked.objection_days:
            finalise_round(by=by, voting_round=locked)
    return result
