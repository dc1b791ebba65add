"""What a reader sees of the ballot: the items, which of them are the reader's own, and the own organisation's vote."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Exists, OuterRef

from accounts.models import User
from accounts.roles import STAFF
from portfolio.models import UseCase
from voting.models import Ballot, BallotDraft, Round, RoundItem, RoundVoter, Track


@dataclass(frozen=True)
class Line:
    """One item; `own` when a use case of the reader's organisation stands behind it. `given` are its points."""

    item: RoundItem
    own: bool
    given: int = 0

    @property
    def points_name(self) -> str:
        """The field of the ballot form that takes the points."""
        return f"points-{self.item.code}"


@dataclass(frozen=True)
class OwnVote:
    """The reader's organisation in a round, its current ballot and the items on it; `ballot` is None before it votes."""

    voter: RoundVoter
    ballot: Ballot | None
    draft: BallotDraft | None = None

    def approves(self, item: RoundItem) -> bool:
        return self.ballot is not None and item.pk in self.ballot.approvals


@dataclass(frozen=True)
class Selection:
    """What a choice of items in one part of the paper amounts to; `given` and `total` are points, None without them."""

    count: int
    minimum: int
    cost: int
    budget: int
    given: int | None = None
    total: int | None = None

    @property
    def missing(self) -> int:
        return max(0, self.minimum - self.count)

    @property
    def percent(self) -> int:
        """Cost of the choice in percent of the round's budget; may be more than 100."""
        return self.cost * 100 // self.budget

    @property
    def left(self) -> int:
        """Points that are left to give; below zero when too many were given."""
        return (self.total or 0) - (self.given or 0)

    @property
    def over(self) -> int:
        return max(0, -self.left)


@dataclass(frozen=True)
class Part:
    """The items of one track, or of an undivided round (`track` None); `allowed`: the organisation votes on them."""

    track: Track | None
    lines: list[Line]
    allowed: bool
    selection: Selection


def reads_proposals(user: User) -> bool:
    """Whether the proposals of a round may be opened; guests see only those that were chosen."""
    return user.is_superuser or bool(user.organisations) or user.has_role(*STAFF)


def paper(user: User, voting_round: Round) -> list[Line]:
    """The items by track and code; one statement."""
    ours = [each.pk for each in user.organisations]
    own = UseCase.objects.filter(organisation__in=ours, proposals=OuterRef("proposal"))
    items = voting_round.items.select_related("proposal", "track").annotate(is_own=Exists(own))
    return [Line(item, item.is_own) for item in items.order_by("track__code", "code", "pk")]


def parts(
    voting_round: Round, lines: Sequence[Line], chosen: Mapping[str, int], voter: RoundVoter | None
) -> list[Part]:
    """The paper by track; `chosen` are points by code, 1 for an approval. Needs no statement."""
    tracks = list(dict.fromkeys(line.item.track for line in lines)) or [None]
    found = []
    for track in tracks:
        inside = [
            replace(line, given=chosen.get(line.item.code, 0)) for line in lines if line.item.track == track
        ]
        allowed = track is None or voter is None or track.takes(voter.size_class)
        found.append(Part(track, inside, allowed, selection(voting_round, inside, chosen)))
    return found


def own_vote(user: User, voting_round: Round) -> OwnVote | None:
    """The vote of the reader's organisation, None when it has none in this round. Never shows another's ballot."""
    represented = user.representing
    ours = [represented.pk] if represented else [each.pk for each in user.organisations]
    if not ours:
        return None
    voters = RoundVoter.objects.filter(round=voting_round, organisation__in=ours)
    voter = voters.select_related("draft__prepared_by").order_by("pk").first()
    if voter is None:
        return None
    ballots = Ballot.objects.filter(voter=voter).select_related(
        "cast_by", "prepared_by", "copied_from__voter"
    )
    ballot = ballots.order_by("-version").first()
    return OwnVote(voter, ballot, getattr(voter, "draft", None))


def selection(
    voting_round: Round, lines: Collection[Line], chosen: Collection[str] | Mapping[str, int]
) -> Selection:
    """What is chosen of `lines`; the budget is that of their track where the round is divided."""
    picked = [line.item for line in lines if line.item.code in chosen]
    track = next((line.item.track for line in lines), None)
    budget = track.budget if track else voting_round.budget
    points = (
        sum(chosen[item.code] for item in picked)
        if voting_round.asks_points and isinstance(chosen, Mapping)
        else None
    )
    return Selection(
        len(picked),
        voting_round.minimum_approvals,
        sum(item.cost for item in picked),
        budget,
        points,
        voting_round.points_total if points is not None else None,
    )
