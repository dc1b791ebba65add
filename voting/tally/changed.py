"""One counted election with small changes: an item that is cheaper, or that more organisations support."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import floor, inf
from typing import NamedTuple

import numpy as np

from voting.tally.compiled import Compiled, Floats, Ints, apart, compile_election, make_support
from voting.tally.election import Ballot, Election, Number, Utility
from voting.tally.exact import Ledger
from voting.tally.variants import NO_ITEM, Variants


class Change(NamedTuple):
    """`value` further supporters (`adds`) or budget units less for the item with this index, the `place`-th of those
    asked about."""

    place: int
    item: int
    adds: bool
    value: int


class Changed:
    """Elections that differ from `election` by one change.

    `order`: winners of the kept run; `endowment`: its endowment, in fine units. Who joins a further supporter and with
    how many points is explained in `voting.tally.changes`.
    """

    def __init__(
        self, election: Election, utility: Utility, order: tuple[int, ...], endowment: Fraction
    ) -> None:
        self.election, self.utility = election, utility
        self.compiled = compile_election(election, utility)
        self.index = {item.id: place for place, item in enumerate(election.items)}
        self.ledger = Ledger(self.compiled, endowment)
        for item in order:
            self.ledger.charge(item)
        self.single = apart(self.compiled)
        self.queue = sorted(range(len(election.ballots)), key=self._last)
        self.supporting = [
            {
                id
                for id, points in zip(each.items, each.points or (1,) * len(each.items), strict=True)
                if points
            }
            for each in election.ballots
        ]
        self.position = self._positions()
        share = Fraction(self.compiled.budget, max(1, len(election.ballots)))
        self.share, self.base = share, floor(share / self.compiled.scale) * self.compiled.scale

    def ask(self, items: Sequence[str]) -> None:
        """Prepare for changes of these items: `queues` of voters that would join, and the fine points `given`."""
        self.queues = [
            np.array([self.position[each] for each in self.others(id)], dtype=np.int64) for id in items
        ]
        self.given = [self._fine_points(id) for id in items]

    def _last(self, ballot: int) -> tuple[object, ...]:
        cast = self.election.ballots[ballot]
        group = self.compiled.group_of[cast.items, cast.points]
        given = cast.points or (1,) * len(cast.items)
        return -self.ledger.held(group), sorted(zip(cast.items, given, strict=True)), cast.voter

    def _positions(self) -> list[int]:
        """Where `apart` puts each ballot: groups after each other, within a group in the order of ballots."""
        groups = [self.compiled.group_of[ballot.items, ballot.points] for ballot in self.election.ballots]
        place = [0] * len(groups)
        for position, ballot in enumerate(sorted(range(len(groups)), key=groups.__getitem__)):
            place[ballot] = position
        return place

    def others(self, item: str) -> list[int]:
        """Places of the ballots that do not support the item, in the order in which they would begin to."""
        return [ballot for ballot in self.queue if item not in self.supporting[ballot]]

    def points_given(self, item: str) -> Number:
        """What a new supporter gives to the item."""
        if self.utility is not Utility.POINTS:
            return 1
        given = sorted(
            dict(zip(each.items, each.points or (1,) * len(each.items), strict=True))[item]
            for each, supported in zip(self.election.ballots, self.supporting, strict=True)
            if item in supported
        )
        return given[(len(given) - 1) // 2] if given else 1

    def with_supporters(self, item: str, count: int) -> Election:
        """The election in which the first `count` of the others support the item as well."""
        joining = set(self.others(item)[:count])
        points = self.points_given(item)
        ballots = []
        for place, ballot in enumerate(self.election.ballots):
            if place not in joining:
                ballots.append(ballot)
                continue
            kept = [(id, given) for id, given in zip(ballot.items, ballot.points, strict=False) if id != item]
            items = (*(id for id in ballot.items if id != item), item)
            ballots.append(
                Ballot(ballot.voter, items, (*(given for _, given in kept), points) if ballot.points else ())
            )
        return replace(self.election, ballots=tuple(ballots))

    def with_cost(self, item: str, cost: Number) -> Election:
        items = [replace(each, cost=cost) if each.id == item else each for each in self.election.items]
        return replace(self.election, items=tuple(items))

    def _fine_points(self, item: str) -> int:
        support = self.compiled.supports[self.index[item]]
        if support is None or support.points_given is None:
            return self.compiled.point_scale
        pairs = zip(support.points_given, support.voters.astype(int).tolist(), strict=True)
        given = sorted(points for points, voters in pairs for _ in range(voters))
        return given[(len(given) - 1) // 2]

    def endowment(self, number: int) -> Fraction:
        return Fraction(self.base + number * self.compiled.scale) if number else self.share

    def endowments(self, numbers: Ints) -> Floats:
        return np.where(numbers == 0, float(self.share), self.base + numbers * float(self.compiled.scale))

    def variant(self, change: Change) -> Compiled:
        """The changed election, for the exact engine."""
        if change.adds:
            single, item = self.single, change.item
            support = single.supports[item]
            groups = [] if support is None else support.groups.tolist()
            given = [] if support is None else list(support.points_given or (1,) * len(groups))
            joining = self.queues[change.place][: change.value].tolist()
            points = [*given, *[self.given[change.place]] * len(joining)]
            groups = [*groups, *joining]
            members = np.array(groups, dtype=np.int64)
            pointed = points if self.utility is Utility.POINTS else None
            changed = make_support(members, np.ones_like(members), pointed)
            return replace(
                single,
                votes=(*single.votes[:item], len(groups), *single.votes[item + 1 :]),
                supports=(*single.supports[:item], changed, *single.supports[item + 1 :]),
            )
        costs = list(self.single.costs)
        costs[change.item] -= change.value * self.single.scale
        return replace(self.single, costs=tuple(costs))

    def variants(self, changes: Sequence[Change]) -> Variants:
        """A row for each value asked; without any, one row of the election as it was."""
        count, voters = max(1, len(changes)), len(self.election.ballots)
        costs = np.tile(np.array(self.single.costs, dtype=np.int64), (count, 1))
        votes = np.tile(np.array(self.single.votes, dtype=np.int64), (count, 1))
        target, reach = np.full(count, NO_ITEM), np.zeros(count, dtype=np.int64)
        order, points = np.zeros((count, voters), dtype=np.int64), np.ones((count, voters))
        for row, change in enumerate(changes):
            if not change.adds:
                costs[row, change.item] -= change.value * self.single.scale
                continue
            support = self.single.supports[change.item]
            known = 0 if support is None else len(support.groups)
            if support is not None:
                order[row, :known] = support.groups
                points[row, :known] = 1.0 if support.points is None else support.points
            order[row, known : known + len(self.queues[change.place])] = self.queues[change.place]
            points[row, known:] = self.given[change.place]
            target[row], reach[row] = change.item, known + change.value
            votes[row, change.item] = reach[row]
        ties, ranks = self._ties(costs, votes)
        weights = np.ones((count, voters))
        changed = np.array([change.item for change in changes] or [NO_ITEM])
        return Variants(costs.astype(np.float64), weights, changed, ties, ranks, target, order, points, reach)

    def _ties(self, costs: Ints, votes: Ints) -> tuple[Ints, Ints]:
        """Per row the items by lower cost, more votes, lot; and their ranks in that order."""
        lots = [inf if item.lot is None else item.lot for item in self.election.items]
        lot = np.tile(np.array(lots, dtype=np.float64), (len(costs), 1))
        ties = np.lexsort((lot, -votes, costs), axis=-1)
        differs = np.zeros(costs.shape, dtype=np.bool)
        for key in (costs, votes, lot):
            ordered = np.take_along_axis(key, ties, axis=1)
            differs[:, 1:] |= ordered[:, 1:] != ordered[:, :-1]
        return ties, differs.cumsum(axis=1)
