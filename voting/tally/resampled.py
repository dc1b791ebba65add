"""Add1 counted for many resamples of one election side by side, in larger steps than the rule's.

A lane counts one resample: run after run, each with a part of the endowment more, until one overspends; then it halves
that last step until it has an endowment that fits and the next one that does not. With steps of one unit that is the
rule itself. Larger steps overlook a run that overspends where a later one fits again, which is rare: what is spent
nearly always grows with the money.
"""

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from voting.tally.batch import LANES, Batch, work
from voting.tally.compiled import Flags, Ints
from voting.tally.lanes import Lanes
from voting.tally.variants import Variants

# Above the number of any endowment, and exact as a float.
NEVER = 1 << 52

# What an exact engine says about the run of a resample at an endowment (fine units): the items bought, or None where a
# tie leaves no answer.
type Exactly = Callable[[int, Fraction], Flags | None]


class Resampled:
    """Counts all variants, which have the same number of voters. Each step is the endowment divided by `parts`, in
    whole units, and at least one unit."""

    def __init__(self, batch: Batch, variants: Variants, exactly: Exactly, parts: int) -> None:
        self.batch, self.variants, self.exactly, self.parts = batch, variants, exactly, parts
        compiled = batch.compiled
        self.scale = compiled.scale
        self.share = Fraction(compiled.budget, int(variants.weights[0].sum()))
        self.units = self.share // self.scale
        self.costs, self.budget = np.array(compiled.costs, dtype=object), compiled.budget
        self.lanes = Lanes(batch, variants, min(len(variants), LANES))
        # Per resample the number of the endowment: units above the share in whole units; nought is the share itself.
        self.number = np.zeros(len(variants), dtype=np.int64)
        # The last one that fits, the first known not to, and whether a tie is the cause of that.
        self.fitting, self.limit = self.number.copy(), np.full(len(variants), NEVER)
        self.tied = np.zeros(len(variants), dtype=np.bool)
        # The items bought in the last run within the budget.
        self.kept = np.zeros(variants.costs.shape, dtype=np.bool)

    def winners(self) -> Flags:
        """`winners[v, item]`; nothing wins where a tie leaves no answer."""
        going = np.arange(len(self.variants))
        while len(going):
            self.more = np.zeros(len(self.variants), dtype=np.bool)
            work(self.lanes, going, self._start, self._ended)
            going = np.flatnonzero(self.more)
        return self.kept

    def _start(self, rows: Ints, of: Ints) -> None:
        number = self.number[of]
        endowment = (self.units + number) * float(self.scale)
        self.lanes.start(rows, of, np.where(number > 0, endowment, float(self.share)))

    def _ended(self, rows: Ints, of: Ints) -> None:
        lanes = self.lanes
        won, over, full = lanes.won[rows], lanes.over[rows].copy(), lanes.full(rows)
        tied = np.zeros(len(rows), dtype=np.bool)
        for place in np.flatnonzero(lanes.doubt[rows]).tolist():
            exact = self._exactly(of[place])
            tied[place] = exact is None
            if exact is not None:
                won[place] = exact
                over[place] = int(self.costs[exact].sum()) > self.budget
                full[place] = exact.sum() == lanes.supported[of[place]] and not over[place]
        stopped = over | tied
        self.kept[of[~stopped]] = won[~stopped]
        self.fitting[of[~stopped]] = self.number[of[~stopped]]
        self.limit[of[stopped]], self.tied[of[stopped]] = self.number[of[stopped]], tied[stopped]
        between = self.limit[of] - self.fitting[of]
        self.kept[of[(between <= 1) & self.tied[of]]] = False
        upwards = np.maximum(1, (self.units + self.fitting[of]) // self.parts)
        self.number[of] = self.fitting[of] + np.where(self.limit[of] == NEVER, upwards, between // 2)
        self.more[of] = (between > 1) & ~full

    def _exactly(self, resample: int) -> Flags | None:
        number = int(self.number[resample])
        endowment = Fraction((self.units + number) * self.scale) if number else self.share
        return self.exactly(int(resample), endowment)
