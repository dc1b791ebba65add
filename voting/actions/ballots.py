"""Casting a ballot, and casting it anew."""

from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.db.models import Max, OuterRef, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from activity.actions import record
from voting import chain
from voting.actions import VoteRefused
from voting.actions.chain import append
from voting.actions.rounds import moment
from voting.models import Ballot, Round, RoundItem, RoundVoter
from voting.models.ballot import new_nonce
from voting.models.clock import ClockTimestamp


def cast_ballot(*, by: User, voting_round: Round, approvals: Collection[str]) -> Ballot:
    """The ballot of the organisation that `by` represents; `approvals` are codes of the round's items.

    A second ballot is a new version and replaces the first. Two at the same instant are both kept, one after the
    other. Raises VoteRefused outside the voting period (by the database's clock) and for a ballot that is no ballot.
    """
    with transaction.atomic():
        voter = _lock_voter(by, voting_round)
        _check_period(voting_round, voter)
        chosen = _items(voting_round, approvals)
        version = voter.last_version or 0  # type: ignore[attr-defined]
        try:
            # The triggers look at the chain and at the clock once more, under a lock that closing has to wait for.
            with transaction.atomic():
                ballot = _write(by, voter, version + 1, chosen)
        except IntegrityError as error:
            raise VoteRefused(_("The voting ended while you were voting.")) from error
        # Nothing about the content: who has voted may be known before the end, what was voted may not.
        record(by, "voting.ballot_cast", voting_round)
    return ballot


def choice(codes: Collection[str]) -> dict[str, list[str]]:
    """The content of a ballot as its commitment takes it: the codes of the approved items, in ascending order."""
    return {"items": sorted(codes)}


def _write(by: User, voter: RoundVoter, version: int, chosen: dict[str, int]) -> Ballot:
    nonce = new_nonce()
    entry = append(
        voter.round,
        chain.BALLOT,
        voter=voter.pseudonym,
        version=version,
        commitment=chain.commitment(voter.pseudonym, version, nonce, choice(chosen)),
    )
    return Ballot.objects.create(
        voter=voter,
        version=version,
        approvals=sorted(chosen.values()),
        nonce=nonce,
        record=entry,
        cast_by=by,
    )


def _lock_voter(by: User, voting_round: Round) -> RoundVoter:
    organisation = by.representing
    if organisation is None:
        raise VoteRefused(_("Only the voting representative of an organisation can cast its ballot."))
    last = (
        Ballot.objects.filter(voter=OuterRef("pk")).order_by().values("voter").annotate(last=Max("version"))
    )
    # Locks first and reads the last version afterwards: a subquery in the locking statement would still see
    # the version before the one that it waited for.
    locked = RoundVoter.objects.select_for_update().filter(round=voting_round, organisation=organisation)
    if not locked.values_list("pk", flat=True).first():
        raise VoteRefused(
            _("%(organisation)s is not among the organisations that vote in this round.")
            % {"organisation": organisation}
        )
    return (
        RoundVoter.objects.select_related("round")
        .annotate(last_version=Subquery(last.values("last")), clock=ClockTimestamp())
        .get(round=voting_round, organisation=organisation)
    )


def _check_period(voting_round: Round, voter: RoundVoter) -> None:
    now = voter.round
    now.clock = voter.clock  # type: ignore[attr-defined]
    phase = now.phase
    if phase == Round.Phase.OPEN:
        return
    if phase == Round.Phase.AHEAD:
        assert now.opens_at is not None
        raise VoteRefused(_("The voting begins on %(when)s.") % {"when": moment(now.opens_at)})
    if now.closes_at is None or phase == Round.Phase.DRAFT:
        raise VoteRefused(_("The voting has not begun."))
    raise VoteRefused(
        _("The voting ended on %(when)s. Your ballot was not changed.") % {"when": moment(now.closes_at)}
    )


def _items(voting_round: Round, approvals: Collection[str]) -> dict[str, int]:
    wanted = set(approvals)
    known = dict(RoundItem.objects.filter(round=voting_round).values_list("code", "pk"))
    if unknown := sorted(wanted - known.keys()):
        raise VoteRefused(
            _("“%(code)s” is not on this ballot.") % {"code": unknown[0][:60]}, field="approvals"
        )
    minimum = voting_round.minimum_approvals
    if len(wanted) < minimum:
        raise VoteRefused(
            ngettext(
                "Please approve at least %(minimum)s proposal; you have chosen %(chosen)s.",
                "Please approve at least %(minimum)s proposals; you have chosen %(chosen)s.",
                minimum,
            )
            % {"minimum": minimum, "chosen": len(wanted)},
            field="approvals",
        )
    return {code: known[code] for code in wanted}
