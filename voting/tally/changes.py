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
tries larger and larger changes and goes down from the first that wins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from voting.tally.changed import Change, Changed
from voting.tally.counted import Counter
from voting.tally.election import Election, Utility

# Larger questions (endowments x voters x items) are left out: the answer would take minutes.
MOST_WORK = 10_000_000
# Values tried at first, and parts into which what is left is divided.
PARTS = 5
SECTIONS = 3
# Endowments looked at beyond the last one where none overspends.
MORE = 100


@dataclass(frozen=True, slots=True)
class Smallest:
    """The fewest further supporters and the smallest cut (in budget units) with which an item wins; None: no number
    does it."""

    supporters: int | None
    cheaper: int | None


@dataclass(slots=True)
class _Search:
    """One item and one kind of change. No value up to `floor` can win. `low` loses and `high` wins, as far as is
    known; `tries` are values to ask about next, in ascending order."""

    place: int
    item: int
    adds: bool
    floor: int
    most: int
    tries: list[int]
    low: int
    high: int | None = None
    stride: int = 1

    def at(self, value: int) -> Change:
        return Change(self.place, self.item, self.adds, value)


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
        self.counter = Counter(self.changed, [self.changed.index[id] for id in items], rows)
        searches = self._searches(items)
        self._narrow(searches)
        self._settle(searches)
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
                (True, self.counter.supporters, len(self.changed.queues[place])),
                (False, self.counter.cuts, cheapest),
            ):
                least = max(1, int(needs[:, place].min()))
                if least <= most:
                    # Denser at the beginning, where the answer is more often.
                    tries = {least, *(least + (most - least >> part) for part in range(PARTS))}
                    searches.append(_Search(place, item, adds, least - 1, most, sorted(tries), least - 1))
        return searches

    def _narrow(self, searches: list[_Search]) -> None:
        """Brings each search near its answer, by looking at few endowments only."""
        while going := [search for search in searches if search.tries]:
            asked = [search.at(value) for search in going for value in search.tries]
            wins = iter(self.counter.seem_to_win(asked))
            for search in going:
                won = {value: next(wins) for value in search.tries}
                winning = [value for value, win in won.items() if win]
                if winning:
                    search.high = winning[0]
                losing = [value for value in won if search.high is None or value < search.high]
                search.low = max([search.low, *losing])
                search.tries = [] if search.high is None else _between(search.low, search.high)

    def _settle(self, searches: list[_Search]) -> None:
        """Counts fully: afterwards every `high` wins and one less does not, or nothing wins."""
        known: dict[tuple[int, int], bool] = {}
        going = searches
        while going:
            asked = [
                (search, value)
                for search in going
                for value in self._doubtful(search)
                if (id(search), value) not in known
            ]
            for (search, value), won in zip(
                asked, self.counter.count([search.at(value) for search, value in asked]), strict=True
            ):
                known[id(search), value] = won
            going = [search for search in going if self._move(search, known)]

    def _doubtful(self, search: _Search) -> list[int]:
        """What has to be counted: the answer and one less, or the largest change where nothing seems to win."""
        if search.high is None:
            return [search.most]
        return [value for value in (search.high - 1, search.high) if value > search.floor]

    def _move(self, search: _Search, known: dict[tuple[int, int], bool]) -> bool:
        """Takes in what was counted; whether more has to be."""
        high = search.most if search.high is None else search.high
        own = {value: won for (key, value), won in known.items() if key == id(search)}
        if not own[high]:
            # Upwards, faster and faster, to something that wins.
            search.high = min((value for value, won in own.items() if won and value > high), default=None)
            if search.high is None and high < search.most:
                search.high = min(search.most, high + search.stride)
                search.stride *= 2
            return search.high is not None
        search.high = high
        below = max([search.floor, *(value for value, won in own.items() if not won and value < high)])
        if below == high - 1:
            return False
        search.high = max((below + high + 1) // 2, high - search.stride)
        search.stride *= 2
        return True


def _between(low: int, high: int) -> list[int]:
    """Values that divide what lies between, to ask about next."""
    gap = high - low
    return sorted({low + gap * part // SECTIONS for part in range(1, SECTIONS)} - {low, high})
