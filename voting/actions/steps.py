"""The steps of a round from its rules to the closing; each is sealed in the chain and goes one way only."""

import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from activity.actions import record
from portfolio.actions.proposals import put_on_ballot, take_off_ballot
from voting import chain
from voting.actions import VoteRefused
from voting.actions.chain import append
from voting.actions.delegations import copy_delegated
from voting.actions.electorate import electorate_of
from voting.actions.letters import tell
from voting.actions.moments import moment
from voting.costing import check_end, check_items, check_share, check_tracks, pots
from voting.counting import tally_closed_round
from voting.lots import lot_order
from voting.models import Ballot, Round, RoundItem, RoundVoter

Status = Round.Status


@transaction.atomic
def publish_rules(*, by: User, voting_round: Round) -> Round:
    """Fixes rule, budget, dates and the order of the lot; members see the round from now on.

    An opening time that is past is none: the voting begins when the ballot paper is frozen. Raises VoteRefused without a closing time that lies ahead of the opening and of now.
    """
    locked = _lock(voting_round, Status.DRAFT, refusal=_("The rules are published already."))
    clock = locked.clock  # type: ignore[attr-defined]
    begins = check_end(locked, clock)
    # 32 random bytes: nobody could choose them so that a tie ends as wished.
    opens_at = None if begins == clock else begins
    Round.objects.filter(pk=locked.pk).update(lot=secrets.token_hex(32), opens_at=opens_at)
    locked.refresh_from_db()
    tracks = list(locked.tracks.all())
    check_tracks(locked, list(locked.items.select_related("track")), tracks)
    divided = [
        {"id": track.code, "name": track.name, "budget": track.budget, "sizes": track.sizes}
        for track in tracks
    ]
    append(locked, chain.RULES, **{name: getattr(locked, name) for name in Round.RULES}, tracks=divided)
    locked.move_to(Status.PUBLISHED)
    record(by, "voting.rules_published", locked)
    return locked


@transaction.atomic
def confirm_proposals(*, by: User, voting_round: Round) -> Round:
    """Fixes the proposals and what they cost. Raises VoteRefused for costs that could end in a tie or in nothing."""
    locked = _lock(
        voting_round, Status.PUBLISHED, refusal=_("First publish the rules; proposals are confirmed once.")
    )
    items = list(locked.items.select_related("track"))
    check_items(locked, items)
    check_tracks(locked, items, list(locked.tracks.all()))
    append(locked, chain.PROPOSALS, items=_asked(items))
    locked.move_to(Status.COSTED)
    record(by, "voting.proposals_confirmed", locked, items=len(items))
    return locked


@transaction.atomic
def freeze_round(*, by: User, voting_round: Round) -> Round:
    """Fixes the ballot paper and the electorate. Voting begins at `opens_at`, or now where that is empty or past."""
    locked = _lock(
        voting_round,
        Status.COSTED,
        refusal=_("First confirm the proposals; the ballot paper is frozen once."),
    )
    clock = locked.clock  # type: ignore[attr-defined]
    assert locked.closes_at is not None
    if locked.closes_at <= clock:
        raise VoteRefused(
            _(
                "The voting should have ended on %(when)s. The dates are fixed: please cancel this round and draft another."
            )
            % {"when": moment(locked.closes_at)}
        )
    voters = electorate_of(locked)
    items = list(locked.items.select_related("proposal", "track"))
    check_share(pots(locked, items, voters))
    for item in items:
        assert item.proposal is not None
        put_on_ballot(by=by, proposal=item.proposal)
    RoundVoter.objects.bulk_create(voters)
    append(
        locked,
        chain.FREEZE,
        items=_asked(items),
        lots=lot_order(locked.lot, [item.code for item in items]),
        voters=sorted(voter.pseudonym for voter in voters),
    )
    opens_at = locked.opens_at or clock
    locked.move_to(Status.FROZEN if opens_at > clock else Status.OPEN, opens_at=opens_at)
    record(by, "voting.round_frozen", locked, items=len(items), voters=len(voters))
    tell(locked, "voting/letters/opened.txt")
    return locked


def open_round(*, by: User, voting_round: Round) -> Round:
    """Every step from the draft to the frozen ballot paper at once, or none of them."""
    with transaction.atomic():
        publish_rules(by=by, voting_round=voting_round)
        confirm_proposals(by=by, voting_round=voting_round)
        return freeze_round(by=by, voting_round=voting_round)


@transaction.atomic
def begin_voting(*, voting_round: Round) -> Round:
    """Says that the announced opening time has come. The ballot itself asks the clock and needs nobody to say so."""
    locked = _lock(voting_round, Status.FROZEN, refusal=_("The round is open already."))
    assert locked.opens_at is not None
    if locked.clock < locked.opens_at:  # type: ignore[attr-defined]
        raise VoteRefused(_("The voting begins on %(when)s.") % {"when": moment(locked.opens_at)})
    locked.move_to(Status.OPEN)
    record(None, "voting.round_opened", locked)
    return locked


@transaction.atomic
def close_round(*, by: User | None, voting_round: Round, reason: str = "") -> Round:
    """Ends the voting, seals the chain and has the ballots counted.

    `by` None: the portal itself, which closes only what is due. Before the announced end a `reason` is needed, which
    goes into the chain and to everybody who votes.
    """
    # Waits for ballots that are being written: each holds a lock on the round.
    locked = _lock(voting_round, *Round.VOTING, refusal=_("The round is not open."))
    clock = locked.clock  # type: ignore[attr-defined]
    assert locked.opens_at is not None
    assert locked.closes_at is not None
    early = clock < locked.closes_at
    if by is None and early:
        raise VoteRefused(_("The round is still open."))
    if clock <= locked.opens_at:
        raise VoteRefused(
            _("The round opens on %(when)s; it can be closed after that.") % {"when": moment(locked.opens_at)}
        )
    why = reason.strip() if early else ""
    if early and not why:
        raise VoteRefused(
            _(
                "The voting is announced until %(when)s. Please say why it ends earlier; everybody who votes reads it."
            )
            % {"when": moment(locked.closes_at)},
            field="reason",
        )
    copy_delegated(locked)
    cast = Ballot.objects.filter(voter__round=locked)
    append(locked, chain.CLOSE, ballots=cast.count(), voters=cast.current().count(), early=why or None)
    locked.move_to(Status.CLOSED, closed_at=min(clock, locked.closes_at), closing_reason=why)
    record(by, "voting.round_closed", locked)
    tell(locked, "voting/letters/closed.txt")
    tally_closed_round.delay_on_commit(locked.pk)
    return locked


@transaction.atomic
def cancel_round(*, by: User, voting_round: Round, reason: str) -> Round:
    """Ends a published round without a result, whatever was voted. The reason is in the chain and told to everybody."""
    why = reason.strip()
    if not why:
        raise VoteRefused(_("Please say why; everybody who votes reads it."), field="reason")
    before_final = [each for each in Status if each not in (Status.DRAFT, Status.FINAL, Status.CANCELLED)]
    locked = _lock(voting_round, *before_final, refusal=_("This round can not be cancelled any more."))
    if locked.status not in Round.BEFORE_FREEZE:
        for item in locked.items.select_related("proposal"):
            assert item.proposal is not None
            take_off_ballot(by=by, proposal=item.proposal)
    append(locked, chain.CANCELLED, reason=why)
    locked.move_to(Status.CANCELLED, cancel_reason=why)
    record(by, "voting.round_cancelled", locked)
    tell(locked, "voting/letters/cancelled.txt")
    return locked


def _lock(voting_round: Round, *states: str, refusal: str) -> Round:
    """The round, locked and with the time after the lock was had; VoteRefused when it is in none of `states`."""
    Round.objects.select_for_update().get(pk=voting_round.pk)
    locked = Round.objects.with_clock().get(pk=voting_round.pk)
    if locked.status not in states:
        raise VoteRefused(refusal)
    return locked


def _asked(items: list[RoundItem]) -> list[dict[str, object]]:
    return [
        {"id": item.code, "title": item.title, "cost": item.cost}
        | ({"track": item.track.code} if item.track else {})
        for item in items
    ]
