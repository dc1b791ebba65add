"""Whether an item wins in a changed election: Add1 counted in full, or looked at by few endowments."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, inf

import numpy as np

from voting.tally.batch import LANES, Batch, Runs, work
from voting.tally.changed import Change, Changed
from voting.tally.compiled import Flags, Ints
from voting.tally.exact import Tied
from voting.tally.fast import run_at
from voting.tally.lanes import Lanes
from voting.tally.rules import ranks_by_standard
from voting.tally.trail import Trail

# Endowments that are counted one after the other, and values counted together.
STRETCH = 16
COUNTS = 300


@dataclass(slots=True)
class _Stretch:
    """Endowments from `number` to `last` of one count, one after the other. `stop`: the number at which the budget
    was overspent, or everything was bought; `kept`: whether the item is in the last run within the budget."""

    count: int
    number: int
    last: int
    kept: bool | None = None
    stop: int | None = None


class Counter:
    """Counts changed elections. `trail` knows the runs of the election as it was; the last of them overspends, if
    `overspends`, and no other does."""

    def __init__(self, changed: Changed, items: Sequence[int], rows: int, *, overspends: bool) -> None:
        self.changed, self.scale, self.rows = changed, changed.compiled.scale, rows
        self.batch = Batch(changed.single)
        self.trail = Trail(self.batch, changed, items, rows)
        self.over = np.zeros(rows, dtype=np.bool)
        self.over[-1] = overspends

    def count(self, asked: Sequence[Change]) -> list[bool]:
        """Whether the item wins, for each value asked: Add1 at every endowment at which the change may matter."""
        found: list[bool] = []
        for at in range(0, len(asked), COUNTS):
            found += self._count(asked[at : at + COUNTS])
        return found

    def _count(self, asked: Sequence[Change]) -> list[bool]:
        able = np.array([self.trail.able(each) for each in asked])
        number, of = np.nonzero(able.T)
        # No endowment beyond a count's end is looked at, as far as it is known by then.
        stop = np.where(self.over[-1] & ~able[:, -1], self.rows - 1, self.rows)
        runs = self._runs(asked, of, number, stop)
        bought, over, full = (np.zeros(able.shape, dtype=np.bool) for _ in range(3))
        bought[of, number], over[of, number], full[of, number] = runs.bought, runs.over, runs.full
        doubt = np.zeros(able.shape, dtype=np.bool)
        doubt[of, number] = runs.doubt
        won, going = [False] * len(asked), []
        for place, change in enumerate(asked):
            for row in np.flatnonzero(doubt[place]).tolist():
                if row < stop[place]:
                    bought[place, row], over[place, row], full[place, row] = self._exactly(change, row)
                    if over[place, row] or full[place, row]:
                        stop[place] = row
            end = int(stop[place])
            if end == self.rows:
                won[place] = bool(bought[place, -1])
                if able[place].any():
                    going.append(place)
            else:
                won[place] = bool(bought[place, end if full[place, end] else end - 1])
        return self._beyond(asked, won, going)

    def _runs(self, asked: Sequence[Change], of: Ints, numbers: Ints, stop: Ints) -> Runs:
        """Runs of the changed elections `of` at the endowments of these numbers, each begun where it first differs from
        the unchanged one. For each of the elections they end with the first without doubt that overspends or buys
        everything; its number is put into `stop`."""
        variants = self.changed.variants(asked)
        changes = np.array([(each.place, each.adds, each.value) for each in asked], dtype=np.int64).T
        lanes = Lanes(self.batch, variants, min(len(of), LANES))
        runs = Runs.of(len(of))

        def start(rows: Ints, jobs: Ints) -> None:
            self.trail.start(lanes, rows, of[jobs], changes[:, of[jobs]], numbers[jobs])

        def ended(rows: Ints, jobs: Ints) -> None:
            runs.take(lanes, rows, jobs)
            ends = jobs[(runs.over[jobs] | runs.full[jobs]) & ~runs.doubt[jobs]]
            np.minimum.at(stop, of[ends], numbers[ends])

        def wanted(jobs: Ints) -> Flags:
            return numbers[jobs] < stop[of[jobs]]

        work(lanes, np.arange(len(of)), start, ended, wanted)
        return runs

    def _beyond(self, asked: Sequence[Change], kept: list[bool], going: list[int]) -> list[bool]:
        """Counts go on where the unchanged runs ended. The endowments are cut into stretches that are counted side by
        side."""
        begin = [self.rows] * len(asked)
        while going:
            length = min(STRETCH, 1 + len(going) * STRETCH // LANES)
            stretches = [
                _Stretch(place, number, number + length - 1)
                for place in going
                for number in range(begin[place], begin[place] + STRETCH, length)
            ]
            self._walk(asked, stretches)
            again = []
            for place in going:
                own = [stretch for stretch in stretches if stretch.count == place]
                for stretch in own:
                    kept[place] = kept[place] if stretch.kept is None else stretch.kept
                    if stretch.stop is not None:
                        break
                else:
                    begin[place] = own[-1].last + 1
                    again.append(place)
            going = again
        return kept

    def _walk(self, asked: Sequence[Change], stretches: list[_Stretch]) -> None:
        variants = self.changed.variants(asked)
        lanes = Lanes(self.batch, variants, len(stretches), reaching=True)
        active, of = np.arange(len(stretches)), np.array([stretch.count for stretch in stretches])
        lanes.start(active, of, self.changed.endowments(np.array([stretch.number for stretch in stretches])))
        while len(active):
            active, ended = lanes.advance(active)
            if not len(ended):
                continue
            full = lanes.full(ended).tolist()
            again = [
                row
                for row, complete in zip(ended.tolist(), full, strict=True)
                if self._goes_on(asked[stretches[row].count], stretches[row], lanes, row, full=complete)
            ]
            if again:
                rows = np.array(again)
                numbers = np.array([stretches[row].number for row in again])
                lanes.start(rows, of[rows], self.changed.endowments(numbers))
                active = np.concatenate((active, rows))

    def _goes_on(self, change: Change, stretch: _Stretch, lanes: Lanes, row: int, *, full: bool) -> bool:
        """Takes the outcome of a run into account; whether the stretch has another endowment to ask about."""
        bought, over = bool(lanes.won[row, change.item]), bool(lanes.over[row])
        reach = float(lanes.reach[row])
        if lanes.doubt[row]:
            (bought, over, full), reach = self._exactly(change, stretch.number), 0.0
        if over:
            stretch.stop = stretch.number
            return False
        stretch.kept = bought
        if full or reach == inf:
            stretch.stop = stretch.number
            return False
        endowment = float(self.changed.endowment(stretch.number))
        same_until = floor((endowment + reach - self.changed.base) / self.scale)
        stretch.number = max(stretch.number, same_until) + 1
        return stretch.number <= stretch.last

    def _exactly(self, change: Change, number: int) -> tuple[bool, bool, bool]:
        """Whether the item is bought, the budget overspent, everything bought within it. A tie without an answer is no result,
        so that nothing wins: the count ends with nothing kept."""
        variant = self.changed.variant(change)
        try:
            order = run_at(variant, ranks_by_standard(variant), self.changed.endowment(number))
        except Tied:
            return False, False, True
        over = sum(variant.costs[item] for item in order) > variant.budget
        full = not over and len(order) == sum(votes > 0 for votes in variant.votes)
        return change.item in order, over, full
