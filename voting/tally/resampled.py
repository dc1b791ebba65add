"""Add1 counted for many resamples of one election side by side, at every endowment of the rule.

A lane counts one resample: run after run, with more and more money, leaving out the runs that provably repeat the one
before and taking up each other run at the first purchase that may differ, as `voting.tally.fast` does for one election.
"""

from collections.abc import Callable
from fractions import Fraction
from math import floor

import numpy as np

from voting.tally.batch import Batch
from voting.tally.compiled import Flags, Floats, Ints
from voting.tally.lanes import Lanes
from voting.tally.variants import Variants

# Numbers kept for taking up runs in the middle: 8 bytes each, so about 200 MB.
MEMORY = 24_000_000
LANES = 500

# What an exact engine says about the run of a resample at an endowment (fine units): the items bought, or None where a
# tie leaves no answer.
type Exactly = Callable[[int, Fraction], Flags | None]


class Resampled:
    """Counts all variants; they have the same number of voters."""

    def __init__(self, batch: Batch, variants: Variants, exactly: Exactly) -> None:
        self.batch, self.variants, self.exactly = batch, variants, exactly
        compiled = batch.compiled
        self.scale = compiled.scale
        self.share = Fraction(compiled.budget, int(variants.weights[0].sum()))
        self.base = floor(self.share / self.scale) * self.scale
        self.costs, self.budget = np.array(compiled.costs, dtype=object), compiled.budget
        items, groups = variants.costs.shape[1], batch.nobody + 1
        size = (items + 1) * (2 * groups + 2 * items)
        count = max(1, min(len(variants), LANES, MEMORY // size))
        self.lanes = Lanes(batch, variants, count, self._remember, reaching=True)
        shape = (count, items + 1)
        self.money, self.growth = np.zeros((*shape, groups)), np.zeros((*shape, groups))
        self.bounds, self.slopes = np.zeros((*shape, items)), np.zeros((*shape, items))
        self.won, self.left = np.zeros((*shape, items), dtype=np.bool), np.zeros(shape)
        self.at, self.until = np.zeros(shape), np.zeros(shape)
        self.endowment = np.zeros(count)
        self.number = np.zeros(count, dtype=np.int64)
        # Of every resample the items bought in its last run within the budget.
        self.kept = np.zeros(variants.costs.shape, dtype=np.bool)

    def winners(self) -> Flags:
        """`winners[v, item]`; nothing wins where a tie leaves no answer."""
        free, active = np.arange(self.lanes.count), np.zeros(0, dtype=np.int64)
        begun = 0
        while begun < len(self.variants) or len(active):
            if len(free) and begun < len(self.variants):
                rows = free[: len(self.variants) - begun]
                free = free[len(rows) :]
                self._start(rows, np.arange(begun, begun + len(rows)))
                begun += len(rows)
                active = np.concatenate((active, rows))
            active, done = self.lanes.advance(active)
            if len(done):
                more = self._ended(done)
                active = np.concatenate((active, done[more]))
                free = np.concatenate((free, done[~more]))
        return self.kept

    def _start(self, rows: Ints, of: Ints) -> None:
        self.number[rows], self.endowment[rows] = 0, float(self.share)
        self.lanes.start(rows, of, self.endowment[rows])

    def _remember(self, lanes: Lanes, rows: Ints, keys: Floats, costs: Floats) -> None:
        """Before each purchase: with `x` more money per voter, up to `until`, it is the same state plus x times its
        slopes."""
        at = (rows, lanes.steps[rows])
        self.money[at], self.growth[at] = lanes.money[rows], lanes.growth[rows]
        self.bounds[at], self.slopes[at] = lanes.bounds[rows], lanes.slopes[rows]
        self.won[at], self.left[at] = lanes.won[rows], lanes.left[rows]
        self.at[at], self.until[at] = self.endowment[rows], self.endowment[rows] + lanes.reach[rows]

    def _ended(self, rows: Ints) -> Flags:
        """Takes in the runs and begins the next ones; whether there is one."""
        lanes = self.lanes
        of, over, reach = lanes.of[rows], lanes.over[rows].copy(), lanes.reach[rows].copy()
        won, more = lanes.won[rows], ~(over | lanes.full(rows))
        for place in np.flatnonzero(lanes.doubt[rows]).tolist():
            exact = self._exactly(rows[place])
            reach[place] = 0.0
            won[place] = False if exact is None else exact
            over[place] = exact is not None and int(self.costs[exact].sum()) > self.budget
            full = exact is not None and exact.sum() == lanes.supported[of[place]]
            more[place] = not (exact is None or over[place] or full)
        self.kept[of[~over]] = won[~over]
        more &= reach < np.inf
        rows, reach = rows[more], reach[more]
        same_until = np.floor((self.endowment[rows] + reach - self.base) / self.scale).astype(np.int64)
        self.number[rows] = np.maximum(self.number[rows], same_until) + 1
        self.endowment[rows] = self.base + self.number[rows] * float(self.scale)
        self._resume(rows)
        return more

    def _exactly(self, row: int) -> Flags | None:
        number = int(self.number[row])
        endowment = Fraction(self.base + number * self.scale) if number else self.share
        return self.exactly(int(self.lanes.of[row]), endowment)

    def _resume(self, rows: Ints) -> None:
        """Take up the latest purchase that is the same with the new endowment; otherwise begin anew."""
        lanes, endowment = self.lanes, self.endowment[rows]
        same = self.until[rows] >= endowment[:, None]
        same &= np.arange(same.shape[1]) <= lanes.steps[rows][:, None]
        same &= ~lanes.doubt[rows][:, None]
        some = same.any(axis=1)
        lanes.start(rows[~some], lanes.of[rows[~some]], endowment[~some])
        rows = rows[some]
        step = same.shape[1] - 1 - same[some][:, ::-1].argmax(axis=1)
        at = (rows, step)
        more = (endowment[some] - self.at[at])[:, None]
        lanes.growth[rows], lanes.slopes[rows] = self.growth[at], self.slopes[at]
        lanes.money[rows] = self.money[at] + more * lanes.growth[rows]
        # Prices are convex in the endowment, so that their tangent is a lower bound; it may fall below nought.
        lanes.bounds[rows] = np.maximum(0.0, self.bounds[at] + more * lanes.slopes[rows])
        lanes.won[rows], lanes.left[rows], lanes.steps[rows] = self.won[at], self.left[at], step
        lanes.reach[rows] = self.until[at] - endowment[some]
        for flags in (lanes.fresh, lanes.over, lanes.doubt):
            flags[rows] = False
