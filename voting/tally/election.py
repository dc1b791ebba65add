"""What is tallied: items with costs, ballots of voters, one budget."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

type Number = int | Fraction


class TallyError(Exception):
    """No result can be given; the message says why, in English."""


class InvalidElection(TallyError):
    """The election contradicts itself: an unknown item on a ballot, a cost that is not positive."""


class TieUnresolved(TallyError):
    """Items are tied in price, cost and votes, and no lot order was declared."""

    def __init__(self, items: tuple[str, ...], endowment: Fraction) -> None:
        self.items = items
        self.endowment = endowment
        super().__init__(f"unresolved tie between {', '.join(items)} at {endowment} per voter")


class TooManyRuns(TallyError):
    """The unit is so small against the budget that Add1 does not come to an end."""


class Utility(StrEnum):
    """What one funded item is worth to a supporter: its cost, one, or the points given to it."""

    COST = "cost"
    CARDINALITY = "cardinality"
    POINTS = "points"


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can be funded. `cost` is in units of the budget; `lot` is its place in the lot order."""

    id: str
    cost: Number
    lot: int | None = None


class Ballot(NamedTuple):
    """One voter's approvals; with `points`, as many of them as items, in the same order."""

    voter: str
    items: tuple[str, ...]
    points: tuple[Number, ...] = ()


@dataclass(frozen=True)
class Election:
    """A consistent election. Raises InvalidElection otherwise, so both engines may trust what they get."""

    budget: Number
    items: tuple[Item, ...]
    ballots: tuple[Ballot, ...]

    def __post_init__(self) -> None:
        if self.budget < 0:
            raise InvalidElection("the budget is negative")
        known = {item.id for item in self.items}
        if len(known) != len(self.items):
            twice = next(id for id, times in Counter(item.id for item in self.items).items() if times > 1)
            raise InvalidElection(f"item {twice} is listed twice")
        for item in self.items:
            if item.cost <= 0:
                raise InvalidElection(f"the cost of item {item.id} is not positive")
        lots = [item.lot for item in self.items if item.lot is not None]
        if len(set(lots)) != len(lots):
            raise InvalidElection("two items have the same place in the lot order")
        if len({ballot.voter for ballot in self.ballots}) != len(self.ballots):
            twice = next(v for v, times in Counter(b.voter for b in self.ballots).items() if times > 1)
            raise InvalidElection(f"voter {twice} has two ballots")
        for ballot in self.ballots:
            chosen = set(ballot.items)
            if len(chosen) != len(ballot.items):
                raise InvalidElection(f"the ballot of {ballot.voter} names an item twice")
            if not chosen <= known:
                raise InvalidElection(f"the ballot of {ballot.voter} names an unknown item")
            if ballot.points and len(ballot.points) != len(ballot.items):
                raise InvalidElection(f"the ballot of {ballot.voter} has not one number of points per item")
            if ballot.points and min(ballot.points) < 0:
                raise InvalidElection(f"the ballot of {ballot.voter} has negative points")

    def votes(self) -> dict[str, int]:
        """Supporters of every item: ballots that name it, with more than zero points where points are given."""
        counts = dict.fromkeys((item.id for item in self.items), 0)
        for ballot in self.ballots:
            if ballot.points:
                for id, points in zip(ballot.items, ballot.points, strict=True):
                    counts[id] += points > 0
            else:
                for id in ballot.items:
                    counts[id] += 1
        return counts
