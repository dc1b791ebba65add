"""An election as arrays: identical ballots are one group, all money is whole numbers of a fine unit."""

from collections import Counter
from dataclasses import dataclass, replace
from math import lcm

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
    groups = Counter((ballot.items, ballot.points) for ballot in election.ballots)
    point_scale = (
        lcm(*(points.denominator for _, all_points in groups for points in all_points)) if use_points else 1
    )
    index = {item.id: position for position, item in enumerate(election.items)}
    members: list[list[int]] = [[] for _ in election.items]
    sizes: list[list[int]] = [[] for _ in election.items]
    given: list[list[int]] = [[] for _ in election.items]
    for group, ((items, all_points), size) in enumerate(groups.items()):
        if not all_points:
            chosen = [(index[id], 1) for id in items]
        elif use_points:
            pairs = zip(items, all_points, strict=True)
            chosen = [(index[id], int(points * point_scale)) for id, points in pairs if points > 0]
        else:
            chosen = [(index[id], 1) for id, points in zip(items, all_points, strict=True) if points > 0]
        for position, points in chosen:
            members[position].append(group)
            sizes[position].append(size)
            given[position].append(points)
    return Compiled(
        election=election,
        utility=utility,
        scale=scale,
        point_scale=point_scale,
        budget=int(election.budget * scale),
        costs=tuple(int(item.cost * scale) for item in election.items),
        votes=tuple(sum(size) for size in sizes),
        supports=tuple(
            make_support(groups_, size, points, use_points)
            for groups_, size, points in zip(members, sizes, given, strict=True)
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
        groups = [voter for voters in members for voter in voters]
        supports.append(make_support(groups, [1] * len(groups), points, support.points is not None))
    return replace(compiled, supports=tuple(supports), group_count=int(first[-1]), group_of={})


def make_support(groups: list[int], sizes: list[int], points: list[int], use_points: bool) -> Support | None:
    """Support of an item by these groups; None where there are none."""
    if not groups:
        return None
    voters = np.array(sizes, dtype=np.float64)
    floats = np.array(points, dtype=np.float64) if use_points else None
    return Support(
        groups=np.array(groups, dtype=np.int64),
        voters=voters,
        weight=voters if floats is None else voters * floats,
        points=floats,
        total_weight=sum(size * point for size, point in zip(sizes, points, strict=True)),
        points_given=tuple(points) if use_points else None,
    )
