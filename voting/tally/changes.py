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
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor, inf

import numpy as np

from voting.tally.batch import NO_ITEM, Batch, Lanes, Variants
from voting.tally.compiled import Compiled, Flags, Floats, Ints, apart, compile_election, make_support
from voting.tally.election import Ballot, Election, Number, Utility
from voting.tally.exact import Ledger, Tied, run_exactly
from voting.tally.fast import Ambiguous, Runner
from voting.tally.need import Needs
from voting.tally.residues import Indivisible
from voting.tally.rules import ranks_by_standard

# Larger questions (endowments x voters x items) are left out: the answer would take minutes.
MOST_WORK = 10_000_000
# Values tried at first, and parts into which what is left is divided.
PARTS = 5
SECTIONS = 3
# A look at few endowments goes so far beyond the last, and stops so near to the answer.
BEYOND = 16
NEAR = 1
# Endowments that are counted one after the other, and values counted together.
STRETCH = 16
COUNTS = 100
# So many runs side by side keep NumPy busy.
LANES = 1000
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


@dataclass(slots=True)
class _Stretch:
    """Endowments from `number` to `last` of one count, one after the other. `stop`: the number at which the budget
    was overspent, or everything was bought; `kept`: whether the item is in the last run within the budget."""

    count: int
    number: int
    last: int
    kept: bool | None = None
    stop: int | None = None


class Changes:
    """Small changes of one counted election. `order`: winners of the kept run; `runs`: endowments asked about."""

    def __init__(
        self, election: Election, utility: Utility, order: tuple[int, ...], endowment: Fraction, runs: int
    ) -> None:
        self.election, self.utility, self.order, self.runs = election, utility, order, runs
        self.index = {item.id: place for place, item in enumerate(election.items)}
        self.compiled = compile_election(election, utility)
        self.ledger = Ledger(self.compiled, endowment)
        for item in order:
            self.ledger.charge(item)
        self.single = apart(self.compiled)
        self.batch = Batch(self.single)
        self.queue = sorted(range(len(election.ballots)), key=self._last)
        self.supporting = [
            {
                id
                for id, points in zip(each.items, each.points or (1,) * len(each.items), strict=True)
                if points
            }
            for each in election.ballots
        ]
        self.place = self._places()
        share = Fraction(self.compiled.budget, max(1, len(election.ballots)))
        self.share, self.base = share, floor(share / self.compiled.scale) * self.compiled.scale

    def _last(self, ballot: int) -> tuple[object, ...]:
        cast = self.election.ballots[ballot]
        group = self.compiled.group_of[cast.items, cast.points]
        given = cast.points or (1,) * len(cast.items)
        return -self.ledger.held(group), sorted(zip(cast.items, given, strict=True)), cast.voter

    def _places(self) -> list[int]:
        """Where `apart` puts each ballot: groups after each other, within a group in the order of ballots."""
        groups = [self.compiled.group_of[ballot.items, ballot.points] for ballot in self.election.ballots]
        place = [0] * len(groups)
        for position, ballot in enumerate(sorted(range(len(groups)), key=groups.__getitem__)):
            place[ballot] = position
        return place

    def others(self, item: str) -> list[int]:
        """Places of the ballots that do not support the item, in the order in which they would begin to."""
        return [ballot for ballot in self.queue if item not in self.supporting[ballot]]

    def points_given(self, item: str) -> Number:
        """What a new supporter gives to the item."""
        if self.utility is not Utility.POINTS:
            return 1
        given = sorted(
            dict(zip(each.items, each.points or (1,) * len(each.items), strict=True))[item]
            for each, supported in zip(self.election.ballots, self.supporting, strict=True)
            if item in supported
        )
        return given[(len(given) - 1) // 2] if given else 1

    def with_supporters(self, item: str, count: int) -> Election:
        """The election in which the first `count` of the others support the item as well."""
        joining = set(self.others(item)[:count])
        points = self.points_given(item)
        ballots = []
        for place, ballot in enumerate(self.election.ballots):
            if place not in joining:
                ballots.append(ballot)
                continue
            kept = [(id, given) for id, given in zip(ballot.items, ballot.points, strict=False) if id != item]
            items = (*(id for id in ballot.items if id != item), item)
            ballots.append(
                Ballot(ballot.voter, items, (*(given for _, given in kept), points) if ballot.points else ())
            )
        return replace(self.election, ballots=tuple(ballots))

    def with_cost(self, item: str, cost: Number) -> Election:
        items = [replace(each, cost=cost) if each.id == item else each for each in self.election.items]
        return replace(self.election, items=tuple(items))

    def smallest(self, items: Sequence[str], most_work: int = MOST_WORK) -> dict[str, Smallest] | None:
        """Per item what would have been enough; None where the question is larger than `most_work`."""
        positions = [self.index[id] for id in items]
        rows = self._rows()
        if rows * len(self.election.ballots) * max(1, len(items)) > most_work:
            return None
        self.queues = [
            np.array([self.place[each] for each in self.others(id)], dtype=np.int64) for id in items
        ]
        self.given = [self._fine_points(id) for id in items]
        needs = Needs(self.batch, rows, positions, self.queues, self.given)
        plain = self._variants([])
        self.batch.runs(
            plain.take(np.zeros(rows, dtype=np.int64)), self._endowments(np.arange(rows)), needs.watch
        )
        self.supporters, self.cuts = needs.supporters, -(-needs.cuts // self.compiled.scale)
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
        return len(self.order) < sum(votes > 0 for votes in self.compiled.votes)

    def _fits_beside(self, id: str) -> bool:
        """Whether everything with support was funded and the item can be paid for as well: then a run never
        overspends, and a first supporter can pay for it at last."""
        spent = sum(self.compiled.costs[each] for each in self.order)
        fits = spent + self.compiled.costs[self.index[id]] <= self.compiled.budget
        return fits and not self._overspends() and bool(self.others(id))

    def _fine_points(self, item: str) -> int:
        support = self.compiled.supports[self.index[item]]
        if support is None or support.points_given is None:
            return self.compiled.point_scale
        pairs = zip(support.points_given, support.voters.astype(int).tolist(), strict=True)
        given = sorted(points for points, voters in pairs for _ in range(voters))
        return given[(len(given) - 1) // 2]

    def _endowment(self, number: int) -> Fraction:
        return Fraction(self.base + number * self.compiled.scale) if number else self.share

    def _endowments(self, numbers: Ints) -> Floats:
        return np.where(numbers == 0, float(self.share), self.base + numbers * float(self.compiled.scale))

    def _searches(self, items: Sequence[str]) -> list[_Search]:
        searches = []
        for place, id in enumerate(items):
            item = self.index[id]
            cheapest = -(-self.compiled.costs[item] // self.compiled.scale) - 1
            for adds, needs, most in (
                (True, self.supporters, len(self.queues[place])),
                (False, self.cuts, cheapest),
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
            asked = [(search, value) for search in going for value in search.tries]
            wins = iter(self._seem_to_win(asked))
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
            for (search, value), won in zip(asked, self._count(asked), strict=True):
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

    def _first(self, search: _Search, value: int) -> int:
        """The first endowment at which the item may be bought; the number of rows where there is none."""
        able = (self.supporters if search.adds else self.cuts)[:, search.place] <= value
        return int(able.argmax()) if able.any() else len(self.supporters)

    def _seem_to_win(self, asked: list[tuple[_Search, int]]) -> list[bool]:
        """Whether the item wins, if the sum never falls back below the budget once it is above."""
        variants = self._variants(asked)
        items = np.array([search.item for search, _ in asked])
        low = np.array([self._first(*each) for each in asked])
        alive = np.flatnonzero(low < len(self.supporters))
        high = np.full(len(asked), len(self.supporters) - 1 + BEYOND)
        kept = np.zeros(len(asked), dtype=np.bool)

        def look(rows: Ints, numbers: Ints) -> Flags:
            runs = self.batch.runs(variants.take(rows), self._endowments(numbers))
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

    def _count(self, asked: list[tuple[_Search, int]]) -> list[bool]:
        """Whether the item wins, for each value asked: Add1 from the first endowment on that the change can touch, at
        every endowment. The endowments are cut into stretches that are counted side by side."""
        won = [False] * len(asked)
        begin = [self._first(*each) for each in asked]
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

    def _walk(self, asked: list[tuple[_Search, int]], stretches: list[_Stretch]) -> None:
        variants = self._variants(asked).take(np.array([stretch.count for stretch in stretches]))
        lanes = Lanes(self.batch, variants, reaching=True)
        active = np.arange(len(stretches))
        lanes.start(active, self._endowments(np.array([stretch.number for stretch in stretches])))
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
                lanes.start(rows, self._endowments(np.array([stretches[row].number for row in again])))
                active = np.concatenate((active, rows))

    def _goes_on(
        self, asked: tuple[_Search, int], stretch: _Stretch, lanes: Lanes, row: int, *, full: bool
    ) -> bool:
        """Takes the outcome of a run into account; whether the stretch has another endowment to ask about."""
        bought, over = bool(lanes.won[row, asked[0].item]), bool(lanes.over[row])
        reach = float(lanes.reach[row])
        if lanes.doubt[row]:
            (bought, over, full), reach = self._exactly(*asked, stretch.number), 0.0
        if over:
            stretch.stop = stretch.number
            return False
        stretch.kept = bought
        if full or reach == inf:
            stretch.stop = stretch.number
            return False
        endowment = float(self._endowment(stretch.number))
        same_until = floor((endowment + reach - self.base) / self.compiled.scale)
        stretch.number = max(stretch.number, same_until) + 1
        return stretch.number <= stretch.last

    def _exactly(self, search: _Search, value: int, number: int) -> tuple[bool, bool, bool]:
        """Whether the item is bought, the budget overspent, everything bought. A tie without an answer is no result,
        so that nothing wins: the count ends with nothing kept."""
        variant = self._variant(search, value)
        ranks = ranks_by_standard(variant)
        endowment = self._endowment(number)
        try:
            try:
                order = Runner(variant, ranks).run(endowment).order
            except (Ambiguous, Indivisible):
                order = run_exactly(variant, ranks, endowment)
        except Tied:
            return False, False, True
        over = sum(variant.costs[item] for item in order) > variant.budget
        return search.item in order, over, len(order) == sum(votes > 0 for votes in variant.votes)

    def _variant(self, search: _Search, value: int) -> Compiled:
        """The changed election, for the exact engine."""
        if search.adds:
            single, item = self.single, search.item
            support = single.supports[item]
            groups = [] if support is None else support.groups.tolist()
            given = [] if support is None else list(support.points_given or (1,) * len(groups))
            joining = self.queues[search.place][:value].tolist()
            points = [*given, *[self.given[search.place]] * len(joining)]
            groups = [*groups, *joining]
            changed = make_support(groups, [1] * len(groups), points, self.utility is Utility.POINTS)
            return replace(
                single,
                votes=(*single.votes[:item], len(groups), *single.votes[item + 1 :]),
                supports=(*single.supports[:item], changed, *single.supports[item + 1 :]),
            )
        costs = list(self.single.costs)
        costs[search.item] -= value * self.single.scale
        return replace(self.single, costs=tuple(costs))

    def _variants(self, asked: Sequence[tuple[_Search, int]]) -> Variants:
        """A row for each value asked; without any, one row of the election as it was."""
        count, voters = max(1, len(asked)), len(self.election.ballots)
        costs = np.tile(np.array(self.single.costs, dtype=np.int64), (count, 1))
        votes = np.tile(np.array(self.single.votes, dtype=np.int64), (count, 1))
        target, reach = np.full(count, NO_ITEM), np.zeros(count, dtype=np.int64)
        order, points = np.zeros((count, voters), dtype=np.int64), np.ones((count, voters))
        for row, (search, value) in enumerate(asked):
            if not search.adds:
                costs[row, search.item] -= value * self.single.scale
                continue
            support = self.single.supports[search.item]
            known = 0 if support is None else len(support.groups)
            if support is not None:
                order[row, :known] = support.groups
                points[row, :known] = 1.0 if support.points is None else support.points
            order[row, known : known + len(self.queues[search.place])] = self.queues[search.place]
            points[row, known:] = self.given[search.place]
            target[row], reach[row] = search.item, known + value
            votes[row, search.item] = reach[row]
        ties, ranks = self._ties(costs, votes)
        weights = np.ones((count, voters))
        return Variants(costs.astype(np.float64), weights, ties, ranks, target, order, points, reach)

    def _ties(self, costs: Ints, votes: Ints) -> tuple[Ints, Ints]:
        """Per row the items by lower cost, more votes, lot; and their ranks in that order."""
        lots = [inf if item.lot is None else item.lot for item in self.election.items]
        lot = np.tile(np.array(lots, dtype=np.float64), (len(costs), 1))
        ties = np.lexsort((lot, -votes, costs), axis=-1)
        differs = np.zeros(costs.shape, dtype=np.bool)
        for key in (costs, votes, lot):
            ordered = np.take_along_axis(key, ties, axis=1)
            differs[:, 1:] |= ordered[:, 1:] != ordered[:, :-1]
        return ties, differs.cumsum(axis=1)


def _between(low: int, high: int) -> list[int]:
    """Values that divide what lies between, to ask about next."""
    gap = high - low
    return sorted({low + gap * part // SECTIONS for part in range(1, SECTIONS)} - {low, high})
