"""Many runs of one election at once, in floats, with a mark on every run that floats alone cannot vouch for.

A lane holds one run of Equal Shares: one variant of the election at one endowment. All lanes advance together, each by
what it needs next: the cheapest item's price if that is out of date, its purchase otherwise. A run that has ended
makes room for another one.

Rounding errors stay below 1e-12. A run in which all comparisons were farther apart than `CLOSE` is therefore what
the exact engines find. Equal prices that are a cost shared by whole payers are compared as whole numbers. Any other
comparison within `CLOSE` sets `doubt`, and the caller asks an exact engine.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from voting.tally.compiled import Compiled, Flags, Floats, Ints
from voting.tally.election import Utility
from voting.tally.lanes import Lanes, Watch
from voting.tally.variants import NO_ITEM, Variants

# Runs that are worked on together: enough to share the cost of a NumPy call, few enough for the processor's cache.
LANES = 1000

# Begins the jobs in the rows, or takes in what they came to.
type Take = Callable[[Ints, Ints], None]


@dataclass(frozen=True, slots=True)
class Runs:
    """Per run: whether the item that the variant changes is bought; whether the run overspends (it is cut short there);
    whether every supported item is bought; whether only an exact engine can say."""

    bought: Flags
    over: Flags
    full: Flags
    doubt: Flags

    @classmethod
    def of(cls, count: int) -> "Runs":
        return cls(*(np.zeros(count, dtype=np.bool) for _ in range(4)))

    def take(self, lanes: Lanes, rows: Ints, jobs: Ints) -> None:
        """What the runs in the rows came to."""
        self.bought[jobs] = lanes.won[rows, lanes.variants.changed[lanes.of[rows]]]
        self.over[jobs], self.doubt[jobs] = lanes.over[rows], lanes.doubt[rows]
        self.full[jobs] = lanes.full(rows)


def work(
    lanes: Lanes, jobs: Ints, start: Take, ended: Take, wanted: Callable[[Ints], Flags] | None = None
) -> None:
    """Has all jobs run, in their order, as many at a time as there are lanes; those not `wanted` any more when their
    turn comes are left out."""
    free, active = np.arange(lanes.count), np.zeros(0, dtype=np.int64)
    at = 0
    while at < len(jobs) or len(active):
        if at < len(jobs) and len(free) * 4 >= lanes.count:
            taken = jobs[at : at + len(free)]
            at += len(taken)
            if wanted:
                taken = taken[wanted(taken)]
            rows, free = free[: len(taken)], free[len(taken) :]
            lanes.job[rows] = taken
            start(rows, taken)
            active = np.concatenate((active, rows))
        if len(active):
            active, done = lanes.advance(active)
            if len(done):
                ended(done, lanes.job[done])
                free = np.concatenate((free, done))


def _width(size: int) -> int:
    """16, 32, 64 …: few widths, so that few calls do, and not too much filled up in vain."""
    return 1 << max(4, (size - 1).bit_length())


class Batch:
    """Runs of many variants of one election."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.by_cost = compiled.utility is Utility.COST
        sizes = [len(support.groups) if support else 0 for support in compiled.supports]
        width = max(sizes, default=0)
        # The group after the last is nobody: its weight is nought, and it fills the rows up.
        self.nobody = compiled.group_count
        self.groups: Ints = np.full((len(sizes), max(1, width)), self.nobody)
        self.points: Floats = np.ones((len(sizes), max(1, width)))
        for item, support in enumerate(compiled.supports):
            if support:
                self.groups[item, : sizes[item]] = support.groups
                if support.points is not None:
                    self.points[item, : sizes[item]] = support.points
        self.pointed = compiled.utility is Utility.POINTS
        # Items of about the same number of supporters are priced together.
        self.widths = np.array([_width(size) for size in sizes], dtype=np.int64)
        self.all_widths = [NO_ITEM, *sorted(set(self.widths.tolist()))]
        self.matrix = np.zeros((self.nobody + 1, len(self.groups)))
        for item in range(len(self.groups)):
            self.matrix[self.groups[item], item] = self.points[item]

    def runs(self, variants: Variants, of: Ints, endowments: Floats, watch: Watch | None = None) -> Runs:
        """One run of the variant `of[n]` at the n-th of the endowments, in fine units."""
        lanes = Lanes(self, variants, min(len(of), LANES), watch)
        runs = Runs.of(len(of))

        def start(rows: Ints, jobs: Ints) -> None:
            lanes.start(rows, of[jobs], endowments[jobs])

        def ended(rows: Ints, jobs: Ints) -> None:
            runs.take(lanes, rows, jobs)

        work(lanes, np.arange(len(of)), start, ended)
        return runs
