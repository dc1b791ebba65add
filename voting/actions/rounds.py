"""From the draft of a round to its closing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation, User
from accounts.roles import Role
from activity.actions import record
from portfolio.actions.proposals import put_on_ballot
from portfolio.models import ModelProposal
from voting import chain
from voting.actions import VoteRefused
from voting.actions.chain import append
from voting.actions.delegations import copy_delegated
from voting.actions.moments import moment
from voting.counting import tally_closed_round
from voting.models import Ballot, Round, RoundItem, RoundVoter, Track, VotingPreference

# What a draft may change; everything is fixed once the round is open.
CONTENT = (
    "title",
    "question",
    "budget",
    "utility",
    "minimum_approvals",
    "points_total",
    "points_most",
    "four_eyes",
    "delegation",
    "opens_at",
    "closes_at",
)


@transaction.atomic
def create_round(*, by: User, proposals: Sequence[ModelProposal], **content: Any) -> Round:
    """A draft that asks for `proposals`; `content` holds the fields named in CONTENT."""
    try:
        with transaction.atomic():
            drafted = Round.objects.create(slug=_free_slug(content["title"]), created_by=by, **_only(content))
    except IntegrityError as error:
        raise VoteRefused(
            _("There is a round with the same address; please choose another title.")
        ) from error
    _set_items(drafted, proposals)
    record(by, "voting.round_created", drafted)
    return drafted


@transaction.atomic
def edit_round(*, by: User, voting_round: Round, proposals: Sequence[ModelProposal], **content: Any) -> Round:
    """Changes a draft; an opened round can not be changed any more."""
    locked = Round.objects.select_for_update().get(pk=voting_round.pk)
    if locked.status != Round.Status.DRAFT:
        raise VoteRefused(_("The round was opened in the meantime; it can not be changed any more."))
    for name, value in _only(content).items():
        setattr(locked, name, value)
    locked.save(update_fields=list(_only(content)))
    _set_items(locked, proposals)
    record(by, "voting.round_edited", locked)
    return locked


@transaction.atomic
def open_round(*, by: User, voting_round: Round) -> Round:
    """Fixes items and electorate and lets organisations vote between `opens_at` and `closes_at`.

    An opening time that is missing or past becomes now. Raises VoteRefused when the round could not give a result.
    """
    locked = Round.objects.select_for_update().with_clock().get(pk=voting_round.pk)
    if locked.status != Round.Status.DRAFT:
        raise VoteRefused(_("The round is open already."))
    items = list(locked.items.select_related("proposal", "track"))
    tracks = list(locked.tracks.all())
    opens_at = max(locked.opens_at or locked.clock, locked.clock)  # type: ignore[attr-defined]
    _check_can_open(locked, items, opens_at)
    _check_tracks(locked, items, tracks)
    voters = _electorate(locked)
    for item in items:
        assert item.proposal is not None
        put_on_ballot(by=by, proposal=item.proposal)
    RoundVoter.objects.bulk_create(voters)
    locked.move_to(Round.Status.OPEN, opens_at=opens_at)
    asked = [
        {"id": item.code, "title": item.title, "cost": item.cost}
        | ({"track": item.track.code} if item.track else {})
        for item in items
    ]
    divided = [
        {"id": track.code, "name": track.name, "budget": track.budget, "sizes": track.sizes}
        for track in tracks
    ]
    append(locked, chain.RULES, **{name: getattr(locked, name) for name in Round.RULES}, tracks=divided)
    append(locked, chain.PROPOSALS, items=asked)
    append(locked, chain.FREEZE, items=asked, voters=sorted(voter.pseudonym for voter in voters))
    record(by, "voting.round_opened", locked, items=len(items), voters=len(voters))
    return locked


@transaction.atomic
def close_round(*, by: User | None, voting_round: Round) -> Round:
    """Ends the voting, now or at the time that was announced, and has the ballots counted.

    `by` None: the portal itself, which closes only what is due.
    """
    # Waits for ballots that are being written: each holds a share lock on the round.
    locked = Round.objects.select_for_update().with_clock().get(pk=voting_round.pk)
    if locked.status != Round.Status.OPEN:
        raise VoteRefused(_("The round is not open."))
    clock = locked.clock  # type: ignore[attr-defined]
    assert locked.opens_at is not None
    assert locked.closes_at is not None
    if by is None and clock < locked.closes_at:
        raise VoteRefused(_("The round is still open."))
    if clock <= locked.opens_at:
        raise VoteRefused(
            _("The round opens on %(when)s; it can be closed after that.") % {"when": moment(locked.opens_at)}
        )
    copy_delegated(locked)
    locked.move_to(Round.Status.CLOSED, closes_at=min(locked.closes_at, clock))
    cast = Ballot.objects.filter(voter__round=locked)
    append(locked, chain.CLOSE, ballots=cast.count(), voters=cast.current().count())
    record(by, "voting.round_closed", locked)
    tally_closed_round.delay_on_commit(locked.pk)
    return locked


def _only(content: dict[str, Any]) -> dict[str, Any]:
    return {name: content[name] for name in CONTENT if name in content}


def _free_slug(title: str) -> str:
    slug = slugify(title)[:70] or "round"
    # Words that stand in addresses of the portal itself.
    taken = {"new", "preferences"} | set(
        Round.objects.filter(slug__startswith=slug).values_list("slug", flat=True)
    )
    if slug not in taken:
        return slug
    return next(each for number in range(2, len(taken) + 3) if (each := f"{slug}-{number}") not in taken)


def _set_items(drafted: Round, proposals: Sequence[ModelProposal]) -> None:
    if not proposals:
        raise VoteRefused(_("A round asks for at least one proposal."), field="proposals")
    tracks = dict(RoundItem.objects.filter(round=drafted).values_list("proposal", "track"))
    RoundItem.objects.filter(round=drafted).delete()
    RoundItem.objects.bulk_create(
        RoundItem(
            round=drafted,
            proposal=proposal,
            code=proposal.code,
            title=proposal.title,
            cost=proposal.cost_gpu_hours,
            track_id=tracks.get(proposal.pk),
        )
        for proposal in proposals
    )


def _check_can_open(drafted: Round, items: list[RoundItem], opens_at: datetime) -> None:
    if drafted.closes_at is None or drafted.closes_at <= opens_at:
        raise VoteRefused(_("The round needs a closing time that lies ahead."), field="closes_at")
    if drafted.minimum_approvals > len(items):
        raise VoteRefused(
            _("%(minimum)s approvals are asked for, but the round has only %(items)s proposals.")
            % {"minimum": drafted.minimum_approvals, "items": len(items)},
            field="minimum_approvals",
        )
    by_cost: dict[int, RoundItem] = {}
    for item in items:
        # Equal costs could end in a tie that nothing decides; then there would be no result.
        if item.cost in by_cost:
            raise VoteRefused(
                _(
                    "%(one)s and %(other)s cost the same. Costs in one round must differ, so that no tie can arise."
                )
                % {"one": by_cost[item.cost].code, "other": item.code},
                field="proposals",
            )
        by_cost[item.cost] = item
    if min(by_cost) > drafted.budget:
        raise VoteRefused(_("The budget does not suffice for any of the proposals."), field="budget")


def _check_tracks(drafted: Round, items: list[RoundItem], tracks: list[Track]) -> None:
    """What the database would refuse without a sentence for the reader."""
    if not tracks:
        return
    total = sum(track.budget for track in tracks)
    if total != drafted.budget:
        raise VoteRefused(
            _("The tracks have %(sum)s %(unit)s together, the round has %(budget)s %(unit)s.")
            % {"sum": total, "budget": drafted.budget, "unit": drafted.unit}
        )
    for item in items:
        if item.track is None:
            raise VoteRefused(_("%(code)s is in no track.") % {"code": item.code})
    for track in tracks:
        inside = [item for item in items if item.track == track]
        if len(inside) < drafted.minimum_approvals:
            raise VoteRefused(
                _(
                    "The track “%(track)s” has %(items)s proposals; a ballot needs at least %(minimum)s of them."
                )
                % {"track": track, "items": len(inside), "minimum": drafted.minimum_approvals}
            )
        if min(item.cost for item in inside) > track.budget:
            raise VoteRefused(
                _("The budget of the track “%(track)s” does not suffice for any of its proposals.")
                % {"track": track}
            )


def _electorate(drafted: Round) -> list[RoundVoter]:
    """Every organisation with a voting representative today; CESAI itself and funding bodies do not vote."""
    represented = Membership.objects.active().filter(role=Role.VOTING_REPRESENTATIVE)
    organisations = (
        Organisation.objects.filter(pk__in=represented.values("organisation"))
        .exclude(kind__in=[Organisation.Kind.OPERATOR, Organisation.Kind.FUNDER])
        .order_by("name", "pk")
    )
    careful = set(VotingPreference.objects.filter(four_eyes=True).values_list("organisation", flat=True))
    voters = [
        RoundVoter(
            round=drafted,
            organisation=each,
            name=each.name,
            size_class=each.size_class,
            sector=each.sector,
            in_rheinisches_revier=each.in_rheinisches_revier,
            four_eyes=drafted.four_eyes or each.pk in careful,
        )
        for each in organisations
    ]
    if not voters:
        raise VoteRefused(_("No organisation has a voting representative, so nobody could vote."))
    return voters
