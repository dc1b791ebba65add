"""The runs of the election as it was, kept so that a changed run begins where it first differs.

Until it is bought, an item changes nothing (see `voting.tally.need`): a run with a change is the unchanged run up to
the purchase at which the changed item is the better offer. The unchanged runs are counted once, at every endowment
that Add1 asks about, and what they had come to before a purchase is kept, as often as memory allows.
"""

from collections.abc import Sequence

import numpy as np

from voting.tally.batch import Batch
from voting.tally.changed import Change, Changed
from voting.tally.compiled import Flags, Floats, Ints
from voting.tally.lanes import Lanes
from voting.tally.need import NEVER, Needs

# Numbers kept: 8 bytes each, so at most about 100 MB.
MEMORY = 12_000_000


class Trail:
    """The unchanged runs at the endowments of number 0 to `rows` - 1.

    `supporters[row, place]` and `cuts[row, place]` (in budget units): what the item asked about at `place` needs to be
    bought at that endowment. Nought where floats alone cannot vouch for the unchanged run.
    """

    def __init__(self, batch: Batch, changed: Changed, items: Sequence[int], rows: int) -> None:
        self.changed, self.scale = changed, changed.compiled.scale
        self.rows = rows
        self.needs = Needs(batch, rows, items, changed.queues, changed.given)
        plain = changed.variants([])
        self.ties = plain.ties[0]
        voters, known = batch.nobody, len(self.ties)
        fits = MEMORY // (rows * (voters + known + 2 * len(items)))
        self.stride = -(-known // fits) if fits else known + 1
        kept = 1 + known // self.stride
        # The number 0 is the beginning of a run, which needs no memory.
        self.money: Floats = np.zeros((kept, rows if kept > 1 else 0, voters))
        self.bounds: Floats = np.zeros((kept, rows if kept > 1 else 0, known))
        self.won: Flags = np.zeros((kept, rows if kept > 1 else 0, known), dtype=np.bool)
        self.left: Floats = np.zeros((kept, rows if kept > 1 else 0))
        # What had not been enough until then; less than any number where a run did not come so far.
        self.less: tuple[Ints, Ints] = (
            np.full((kept, rows, len(items)), -1),
            np.full((kept, rows, len(items)), -1),
        )
        numbers = np.arange(rows)
        runs = batch.runs(plain, np.zeros(rows, dtype=np.int64), changed.endowments(numbers), self._watch)
        self.supporters, self.cuts = self.needs.supporters, -(-self.needs.cuts // self.scale)
        for less, need in zip(self.less, (self.supporters, self.cuts), strict=True):
            less[1:, runs.doubt] = -1
            less[0] = NEVER
            need[runs.doubt] = 0

    def _watch(self, lanes: Lanes, rows: Ints, keys: Floats, costs: Floats) -> None:
        numbers = lanes.job[rows]
        keep = np.flatnonzero((lanes.steps[rows] % self.stride == 0) & (lanes.steps[rows] > 0))
        if len(keep):
            some, number = rows[keep], numbers[keep]
            at = (lanes.steps[some] // self.stride, number)
            self.money[at] = lanes.money[some, :-1]
            self.bounds[at[0][:, None], number[:, None], self.ties] = lanes.bounds[some]
            self.won[at], self.left[at] = lanes.won[some], lanes.left[some]
            self.less[0][at] = self.needs.supporters[number]
            self.less[1][at] = -(-self.needs.cuts_of(number) // self.scale)
        self.needs.watch(numbers, lanes.money[rows], keys, costs)

    def able(self, change: Change) -> Flags:
        """At which of the endowments the item may be bought."""
        return (self.supporters if change.adds else self.cuts)[:, change.place] <= change.value

    def start(self, lanes: Lanes, rows: Ints, of: Ints, changes: Ints, numbers: Ints) -> None:
        """Begin runs of the variants `of` at the endowments of these numbers; their changes are given as
        (place, adds, value) in three rows."""
        endowments = self.changed.endowments(numbers)
        lanes.start(rows, of, endowments)
        place, adds, value = changes
        known = np.flatnonzero(numbers < self.rows)
        number, place = numbers[known], place[known]
        less = np.where(adds[known] == 1, self.less[0][:, number, place], self.less[1][:, number, place])
        latest = (less > value[known]).sum(axis=0) - 1
        later = np.flatnonzero(latest > 0)
        if len(later):
            at, known = (latest[later], number[later]), known[later]
            lanes.take_up(rows[known], self.money[at], self.bounds[at], self.won[at], self.left[at])
