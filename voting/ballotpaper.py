"""What a reader sees of the ballot: the items, which of them are the reader's own, and the own organisation's vote."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from accounts.models import User
from accounts.roles import STAFF
from portfolio.models import UseCase
from voting.models import Ballot, Round, RoundItem, RoundVoter


@dataclass(frozen=True)
class Line:
    """One item; `own` when a use case of the reader's organisation stands behind it."""

    item: RoundItem
    own: bool


@dataclass(frozen=True)
class OwnVote:
    """The reader's organisation in a round, its current ballot and the items on it; `ballot` is None before it votes."""

    voter: RoundVoter
    ballot: Ballot | None

    def approves(self, item: RoundItem) -> bool:
        return self.ballot is not None and item.pk in self.ballot.approvals


@dataclass(frozen=True)
class Selection:
    """What a choice of items amounts to."""

    count: int
    minimum: int
    cost: int
    budget: int

    @property
    def missing(self) -> int:
        return max(0, self.minimum - self.count)

    @property
    def percent(self) -> int:
        """Cost of the choice in percent of the round's budget; may be more than 100."""
        return self.cost * 100 // self.budget


def reads_proposals(user: User) -> bool:
    """Whether the proposals of a round may be opened; guests see only those that were chosen."""
    return user.is_superuser or bool(user.organisations) or user.has_role(*STAFF)


def paper(user: User, voting_round: Round) -> list[Line]:
    """The items by code; one statement."""
    ours = [each.pk for each in user.organisations]
    own = UseCase.objects.filter(organisation__in=ours, proposals=OuterRef("proposal"))
    items = voting_round.items.select_related("proposal").annotate(is_own=Exists(own))
    return [Line(item, item.is_own) for item in items]


def own_vote(user: User, voting_round: Round) -> OwnVote | None:
    """The vote of the reader's organisation, None when it has none in this round. Never shows another's ballot."""
    represented = user.representing
    ours = [represented.pk] if represented else [each.pk for each in user.organisations]
    if not ours:
        return None
    ballots = Ballot.objects.filter(voter__round=voting_round, voter__organisation__in=ours)
    ballot = ballots.select_related("voter", "cast_by").order_by("voter_id", "-version").first()
    if ballot is not None:
        return OwnVote(ballot.voter, ballot)
    voter = RoundVoter.objects.filter(round=voting_round, organisation__in=ours).order_by("pk").first()
    return OwnVote(voter, None) if voter else None


def selection(voting_round: Round, lines: Collection[Line], chosen: Collection[str]) -> Selection:
    costs = [line.item.cost for line in lines if line.item.code in chosen]
    return Selection(len(costs), voting_round.minimum_approvals, sum(costs), voting_round.budget)
