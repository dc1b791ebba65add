"""An election as arrays: identical ballots are one group, all money is whole numbers of a fine unit."""

from collections import Counter
from dataclasses import dataclass, replace
from math import lcm
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from voting.tally.election import Election, Number, Utility

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Flags = NDArray[np.bool]


@dataclass(frozen=True, slots=True)
class Support:
    """The groups behind one item: index, voters in the group, and the points of each of these voters."""

    groups: Ints
    voters: Floats
    weight: Floats  # voters x points: what the group adds to the price's divisor
    points: Floats | None  # None where every point is one
    total_weight: int
    points_given: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Compiled:
    """`scale` fine units are one unit of the budget; costs and budget are given in fine units. `point_scale` fine
    points are one point; points are given in fine points."""

    election: Election
    utility: Utility
    scale: int
    point_scale: int
    budget: int
    costs: tuple[int, ...]
    votes: tuple[int, ...]
    supports: tuple[Support | None, ...]  # None: nobody supports the item
    group_count: int
    group_of: dict[tuple[tuple[str, ...], tuple[Number, ...]], int]

    @property
    def voters(self) -> int:
        return len(self.election.ballots)

    def support(self, item: int) -> Support:
        """The supporters of an item that has some."""
        found = self.supports[item]
        assert found is not None
        return found


def compile_election(election: Election, utility: Utility) -> Compiled:
    """Group the ballots. Under POINTS a ballot without points gives one point to each of its items."""
    use_points = utility is Utility.POINTS
    scale = lcm(election.budget.denominator, *(item.cost.denominator for item in election.items))
    groups = Counter(map(attrgetter("items", "points"), election.ballots))
    point_scale = (
        lcm(*(points.denominator for _, all_points in groups for points in all_points)) if use_points else 1
    )
    index = {item.id: position for position, item in enumerate(election.items)}
    positions: list[int] = []
    given: list[int] = []
    lengths: list[int] = []
    for items, all_points in groups:
        if all_points:
            pairs = [pair for pair in zip(items, all_points, strict=True) if pair[1] > 0]
            items = tuple(id for id, _ in pairs)
            given += [int(points * point_scale) if use_points else 1 for _, points in pairs]
        elif use_points:
            given += [1] * len(items)
        positions += [index[id] for id in items]
        lengths.append(len(items))
    # By item, and within an item by group.
    chosen = np.array(positions, dtype=np.int64)
    # Small integers are sorted by radix, eight times as fast.
    order = np.argsort(chosen.astype(np.min_scalar_type(len(index))), kind="stable")
    group_of_place = np.repeat(np.arange(len(groups)), lengths)[order]
    size_of_place = np.fromiter(groups.values(), np.int64, len(groups))[group_of_place]
    points_of_place = np.array(given, dtype=object)[order] if use_points else None
    ends = np.cumsum(np.bincount(chosen, minlength=len(election.items))).tolist()
    places = [slice(begin, end) for begin, end in zip([0, *ends], ends, strict=False)]
    return Compiled(
        election=election,
        utility=utility,
        scale=scale,
        point_scale=point_scale,
        budget=int(election.budget * scale),
        costs=tuple(int(item.cost * scale) for item in election.items),
        votes=tuple(int(size_of_place[place].sum()) for place in places),
        supports=tuple(
            make_support(
                group_of_place[place],
                size_of_place[place],
                None if points_of_place is None else points_of_place[place].tolist(),
            )
            for place in places
        ),
        group_count=len(groups),
        group_of={ballot: group for group, ballot in enumerate(groups)},
    )


def apart(compiled: Compiled) -> Compiled:
    """The same election with a group for every single ballot; those of one group follow each other."""
    groups_cast = [compiled.group_of[ballot.items, ballot.points] for ballot in compiled.election.ballots]
    sizes = np.bincount(groups_cast, minlength=compiled.group_count)
    first = np.concatenate(([0], np.cumsum(sizes)))
    supports: list[Support | None] = []
    for support in compiled.supports:
        if support is None:
            supports.append(None)
            continue
        members = [range(first[group], first[group + 1]) for group in support.groups.tolist()]
        given = support.points_given or (1,) * len(members)
        points = [point for point, voters in zip(given, members, strict=True) for _ in voters]
        groups = np.array([voter for voters in members for voter in voters], dtype=np.int64)
        supports.append(
            make_support(groups, np.ones_like(groups), None if support.points is None else points)
        )
    return replace(compiled, supports=tuple(supports), group_count=int(first[-1]), group_of={})


def make_support(groups: Ints, sizes: Ints, points: list[int] | None) -> Support | None:
    """Support of an item by these groups of voters, with the points that one voter of each gives; None where there are
    no groups."""
    if not len(groups):
        return None
    voters = sizes.astype(np.float64)
    floats = None if points is None else np.array(points, dtype=np.float64)
    return Support(
        groups=groups,
        voters=voters,
        weight=voters if floats is None else voters * floats,
        points=floats,
        total_weight=int(sizes.sum())
        if points is None
        else sum(size * point for size, point in zip(sizes.tolist(), points, strict=True)),
        points_given=None if points is None else tuple(points),
    )
