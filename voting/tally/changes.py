"""The smallest change with which an item that lost would have been funded.

Two changes are asked about, each with everything else as it was:

- `+k`: k organisations that do not support the item support it as well. They join in a fixed order: those with the
  most money left at the end first, equal ones by what they approve. With points, each gives the item as many points
  as the median of its supporters (the lower one of two; one where it has none), beside what it gave to others.
- `-c`: the item costs c units less.

"Smallest" means: with it the item wins, and with one less it does not; both are counted in full by the rule itself.
Equal Shares with Add1 is not monotone: an item that is bought may push the sum over the budget earlier, and with a
still larger change it may not. So in rare rounds a smaller change than the answer wins as well, with losing ones in
between. The search begins at a bound that is proven (`voting.tally.need`: below it the item is bought at no endowment),
goes up from there in growing steps to the first change that wins, and divides what lies below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from voting.tally.changed import Change, Changed
from voting.tally.counted import Counter
from voting.tally.election import Election, Utility

# Larger questions (endowments x voters x items) are left out: the answer would take minutes.
MOST_WORK = 10_000_000
# Values just above the bound that are tried one by one, and steps up to the largest change after them, half as many
# at a time; parts into which what is left below a change that wins is divided.
NEAREST = 4
STEPS = 10
SECTIONS = 4
# Where none of those wins, so many more are tried: all there are, or evenly spread.
SWEEP = 32
# Endowments looked at beyond the last one where none overspends.
MORE = 100


@dataclass(frozen=True, slots=True)
class Smallest:
    """The fewest further supporters and the smallest cut (in budget units) with which an item wins; None: no number
    does it."""

    supporters: int | None
    cheaper: int | None


class _Search:
    """One item and one kind of change, between `least` and `most`. `high` wins, and every smaller value that was counted
    does not; `tries` are to be counted next, in ascending order."""

    def __init__(self, place: int, item: int, least: int, most: int, *, adds: bool) -> None:
        self.place, self.item, self.adds = place, item, adds
        self.high: int | None = None
        self._lost = [least - 1]
        span = most - least
        steps = {least + near for near in range(min(NEAREST, span + 1))}
        steps |= {least + (span >> part) for part in range(STEPS)}
        self._above = sorted(steps)
        spread = {least + span * part // SWEEP for part in range(SWEEP)}
        self._sweep = sorted(spread - steps)
        self.tries = self._take(NEAREST)

    def _take(self, count: int) -> list[int]:
        taken, self._above = self._above[:count], self._above[count:]
        return taken

    def changes(self) -> list[Change]:
        return [Change(self.place, self.item, self.adds, value) for value in self.tries]

    def learn(self, wins: Sequence[bool]) -> None:
        """Takes in how the tries came out, and finds the next ones."""
        for value, won in zip(self.tries, wins, strict=True):
            if won:
                self.high = value
                break
            self._lost.append(value)
        if self.high is None:
            self.tries = self._take(max(2, len(self._above) // 2))
            if not self.tries:
                self.tries, self._sweep = self._sweep, []
        else:
            low = max(value for value in self._lost if value < self.high)
            parts = {low + (self.high - low) * part // SECTIONS for part in range(1, SECTIONS)}
            self.tries = sorted(parts - {low, self.high})


class Changes:
    """Small changes of one counted election. `order`: winners of the kept run; `runs`: endowments asked about."""

    def __init__(
        self, election: Election, utility: Utility, order: tuple[int, ...], endowment: Fraction, runs: int
    ) -> None:
        self.changed = Changed(election, utility, order, endowment)
        self.order, self.runs = order, runs

    def smallest(self, items: Sequence[str], most_work: int = MOST_WORK) -> dict[str, Smallest] | None:
        """Per item what would have been enough; None where the question is larger than `most_work`."""
        rows = self._rows()
        if rows * len(self.changed.election.ballots) * max(1, len(items)) > most_work:
            return None
        self.changed.ask(items)
        self.counter = Counter(
            self.changed,
            [self.changed.index[id] for id in items],
            rows,
            overspends=self._overspends(),
        )
        searches = self._searches(items)
        while going := [search for search in searches if search.tries]:
            asked = [search.changes() for search in going]
            wins = iter(self.counter.count([change for each in asked for change in each]))
            for search, each in zip(going, asked, strict=True):
                search.learn([next(wins) for _ in each])
        found: dict[str, list[int | None]] = {id: [None, None] for id in items}
        for search in searches:
            found[items[search.place]][not search.adds] = search.high
        for id in items:
            if self._fits_beside(id):
                found[id][0] = 1
        return {id: Smallest(*both) for id, both in found.items()}

    def _rows(self) -> int:
        """Endowments before and at the first that overspends; where none does, because all that has support was
        funded, some more."""
        return self.runs if self._overspends() else self.runs + MORE

    def _overspends(self) -> bool:
        """Whether the last endowment asked about was refused, and not the last because everything was funded."""
        return len(self.order) < sum(votes > 0 for votes in self.changed.compiled.votes)

    def _fits_beside(self, id: str) -> bool:
        """Whether everything with support was funded and the item can be paid for as well: then a run never
        overspends, and a first supporter can pay for it at last."""
        compiled = self.changed.compiled
        spent = sum(compiled.costs[each] for each in self.order)
        fits = spent + compiled.costs[self.changed.index[id]] <= compiled.budget
        return fits and not self._overspends() and bool(self.changed.others(id))

    def _searches(self, items: Sequence[str]) -> list[_Search]:
        searches = []
        for place, id in enumerate(items):
            item = self.changed.index[id]
            cheapest = -(-self.changed.compiled.costs[item] // self.changed.compiled.scale) - 1
            for adds, needs, most in (
                (True, self.counter.trail.supporters, len(self.changed.queues[place])),
                (False, self.counter.trail.cuts, cheapest),
            ):
                least = max(1, int(needs[:, place].min()))
                if least <= most:
                    searches.append(_Search(place, item, least, most, adds=adds))
        return searches
