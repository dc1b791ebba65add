"""Whether an item wins in a changed election: Add1 counted in full, or looked at by few endowments."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, inf

import numpy as np

from voting.tally.batch import Batch, Lanes
from voting.tally.changed import Change, Changed
from voting.tally.compiled import Flags, Ints
from voting.tally.exact import Tied, run_exactly
from voting.tally.fast import Ambiguous, Runner
from voting.tally.need import Needs
from voting.tally.residues import Indivisible
from voting.tally.rules import ranks_by_standard

# A look at few endowments goes so far beyond the last, and stops so near to the answer.
BEYOND = 16
NEAR = 1
# Endowments that are counted one after the other, and values counted together.
STRETCH = 16
COUNTS = 100
# So many runs side by side keep NumPy busy.
LANES = 1000


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
    """Counts changed elections. `supporters[row, place]` and `cuts[row, place]` (in budget units): what the item asked
    about at `place` needs to be bought at the endowment of number `row`, as `voting.tally.need` finds it."""

    def __init__(self, changed: Changed, items: Sequence[int], rows: int) -> None:
        self.changed, self.scale = changed, changed.compiled.scale
        self.batch = Batch(changed.single)
        needs = Needs(self.batch, rows, items, changed.queues, changed.given)
        plain = changed.variants([]).take(np.zeros(rows, dtype=np.int64))
        self.batch.runs(plain, changed.endowments(np.arange(rows)), needs.watch)
        self.supporters, self.cuts = needs.supporters, -(-needs.cuts // self.scale)

    def _first(self, change: Change) -> int:
        """The first endowment at which the item may be bought; the number of rows where there is none."""
        able = (self.supporters if change.adds else self.cuts)[:, change.place] <= change.value
        return int(able.argmax()) if able.any() else len(self.supporters)

    def seem_to_win(self, asked: Sequence[Change]) -> list[bool]:
        """Whether the item wins, if the sum never falls back below the budget once it is above."""
        variants = self.changed.variants(asked)
        items = np.array([change.item for change in asked])
        low = np.array([self._first(each) for each in asked])
        alive = np.flatnonzero(low < len(self.supporters))
        high = np.full(len(asked), len(self.supporters) - 1 + BEYOND)
        kept = np.zeros(len(asked), dtype=np.bool)

        def look(rows: Ints, numbers: Ints) -> Flags:
            runs = self.batch.runs(variants.take(rows), self.changed.endowments(numbers))
            within = ~runs.over
            kept[rows[within]] = runs.won[within, items[rows[within]]]
            return within

        alive = alive[look(alive, low[alive])]
        while len(alive):
            middle = (low[alive] + high[alive] + 1) // 2
            within = look(alive, middle)
            low[alive] = np.where(within, middle, low[alive])
            high[alive] = np.where(within, high[alive], middle)
            alive = alive[high[alive] - low[alive] > NEAR]
        return kept.tolist()

    def count(self, asked: Sequence[Change]) -> list[bool]:
        """Whether the item wins, for each value asked: Add1 from the first endowment on that the change can touch, at
        every endowment. The endowments are cut into stretches that are counted side by side."""
        won = [False] * len(asked)
        begin = [self._first(each) for each in asked]
        going = [place for place, number in enumerate(begin) if number < len(self.supporters)]
        kept = [False] * len(asked)
        while going:
            chunk, rest = going[:COUNTS], going[COUNTS:]
            ahead = sum(self._until(begin[place]) - begin[place] for place in chunk)
            length = min(STRETCH, 1 + ahead // LANES)
            stretches = [
                _Stretch(place, number, number + length - 1)
                for place in chunk
                for number in range(begin[place], self._until(begin[place]), length)
            ]
            self._walk(asked, stretches)
            again = []
            for place in chunk:
                own = [stretch for stretch in stretches if stretch.count == place]
                for stretch in own:
                    kept[place] = kept[place] if stretch.kept is None else stretch.kept
                    if stretch.stop is not None:
                        won[place] = kept[place]
                        break
                else:
                    begin[place] = own[-1].last + 1
                    again.append(place)
            going = rest + again
        return won

    def _until(self, begin: int) -> int:
        """So far a count is likely to go: to where the election as it was overspends, or a little further."""
        return max(len(self.supporters), begin + STRETCH)

    def _walk(self, asked: Sequence[Change], stretches: list[_Stretch]) -> None:
        variants = self.changed.variants(asked).take(np.array([stretch.count for stretch in stretches]))
        lanes = Lanes(self.batch, variants, reaching=True)
        active = np.arange(len(stretches))
        lanes.start(active, self.changed.endowments(np.array([stretch.number for stretch in stretches])))
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
                lanes.start(rows, self.changed.endowments(np.array([stretches[row].number for row in again])))
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
        """Whether the item is bought, the budget overspent, everything bought. A tie without an answer is no result,
        so that nothing wins: the count ends with nothing kept."""
        variant = self.changed.variant(change)
        ranks = ranks_by_standard(variant)
        endowment = self.changed.endowment(number)
        try:
            try:
                order = Runner(variant, ranks).run(endowment).order
            except (Ambiguous, Indivisible):
                order = run_exactly(variant, ranks, endowment)
        except Tied:
            return False, False, True
        over = sum(variant.costs[item] for item in order) > variant.budget
        return change.item in order, over, len(order) == sum(votes > 0 for votes in variant.votes)
