"""Many runs of one election at once, in floats, with a mark on every run that floats alone cannot vouch for.

A row is one run of Equal Shares: one variant of the election at one endowment. All rows advance together, each by
what it needs next: the cheapest item's price if that is out of date, its purchase otherwise.

Rounding errors stay below 1e-12. A row in which all comparisons were farther apart than `CLOSE` is therefore what
the exact engines find. Equal prices that are a cost shared by whole payers are compared as whole numbers. Any other
comparison within `CLOSE` sets `doubt`, and the caller asks an exact engine.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from voting.tally.compiled import Compiled, Flags, Floats, Ints
from voting.tally.election import Utility
from voting.tally.variants import NO_ITEM, Variants

CLOSE = 1e-10
# Head-room for rounding in the reach of a run, as in `voting.tally.fast`.
MARGIN = 1e-9
# Rows that are worked on together: enough to share the cost of a NumPy call, few enough for the processor's cache.
ROWS = 3000
# Asked endowments per variant and round at the beginning; more than needed is wasted, fewer cost more calls.
AHEAD = 16

# Called before each purchase with the rows, what their groups hold, and the price per utility and the cost of what is
# bought; at the end of a run with infinity for both.
type Watch = Callable[[Ints, Floats, Floats, Floats], None]


class Runs(NamedTuple):
    """Per row: items bought; whether they overspend (the run is cut short there); whether every supported item is
    bought; whether only an exact engine can say."""

    won: Flags
    over: Flags
    full: Flags
    doubt: Flags


def _width(size: int) -> int:
    """16, 64, 256 …: few widths, so that few calls do, and not too much filled up in vain."""
    return 4 ** max(2, -(-max(0, size - 1).bit_length() // 2))


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

    def add1(self, variants: Variants, *, stride: int = 1) -> Flags:
        """`won[v, item]` under Add1 with steps of `stride` budget units."""
        count = len(variants)
        voters = variants.weights.sum(axis=1)
        won = np.zeros((count, len(self.compiled.costs)), dtype=np.bool)
        alive = np.flatnonzero(voters > 0)
        number, ahead = 0, AHEAD
        while len(alive):
            chunk = max(1, min(ahead, ROWS // len(alive)))
            still = []
            for at in range(0, len(alive), ROWS):
                part = alive[at : at + ROWS]
                steps = np.tile(np.arange(number, number + chunk), (len(part), 1))
                endowments = self.endowments(voters[part], steps * stride)
                rows = np.repeat(part, chunk)
                runs = self.runs(variants.take(rows), endowments.ravel())
                over, full = runs.over.reshape(-1, chunk), runs.full.reshape(-1, chunk)
                first = np.where(over.any(axis=1), over.argmax(axis=1), chunk)
                kept = np.flatnonzero(first > 0)
                won[part[kept]] = runs.won[kept * chunk + first[kept] - 1]
                ended = (first < chunk) | full[:, -1]
                still.append(part[~ended])
            alive = np.concatenate(still)
            number += chunk
            ahead *= 2
        return won

    def endowments(self, voters: Floats, numbers: Ints) -> Floats:
        """The share for number 0, then its whole part and `numbers[v, …]` units; in fine units."""
        share = self.compiled.budget / voters[:, None]
        scale = self.compiled.scale
        return np.where(numbers == 0, share, np.floor(share / scale) * scale + numbers * scale)

    def runs(self, variants: Variants, endowments: Floats, watch: Watch | None = None) -> Runs:
        """One run per row, at the row's endowment in fine units."""
        rows = np.arange(len(variants))
        state = Lanes(self, variants, watch)
        state.start(rows, endowments)
        active = rows
        while len(active):
            active, _ = state.advance(active)
        return Runs(state.won, state.over, state.full(rows), state.doubt)


class Lanes:
    """The state of one run per row. A row whose run has ended can start another one, at another endowment, while
    the others go on.

    With `reaching`, `reach[row]` tells how much more money per voter (fine units) would not change the run; how that
    is known is explained in `voting.tally.fast`.
    """

    def __init__(
        self, batch: Batch, variants: Variants, watch: Watch | None = None, *, reaching: bool = False
    ) -> None:
        self.batch, self.variants, self.watch, self.reaching = batch, variants, watch, reaching
        count, items = variants.costs.shape
        groups = batch.nobody + 1
        self.money = np.zeros((count, groups))
        self.growth = np.ones((count, groups)) if reaching else np.ones((1, 1))
        self.reach = np.full(count, np.inf)
        self.weights = np.zeros((count, groups))
        self.weights[:, :-1] = variants.weights
        self.left = np.zeros(count)
        self.won = np.zeros((count, items), dtype=np.bool)
        self.over = np.zeros(count, dtype=np.bool)
        self.doubt = np.zeros(count, dtype=np.bool)
        # Columns in the order of ties, so that the first of equal ones is the one to take.
        self.bounds = np.zeros((count, items))
        self.slopes = np.zeros((count, items))
        self.fresh = np.zeros((count, items), dtype=np.bool)
        self.price = np.zeros((count, items))
        self.slope = np.zeros((count, items))
        # Cost / price where that is a whole number of equal payers (or of their points), otherwise 0.
        self.whole = np.zeros((count, items))
        self._first_prices()

    def _first_prices(self) -> None:
        """The first prices of all items in one product: nobody has spent anything yet."""
        batch, variants = self.batch, self.variants
        weight = self.weights @ batch.matrix
        votes = self.weights @ (batch.matrix > 0) if batch.pointed else weight.copy()
        for row in np.flatnonzero(variants.target != NO_ITEM):
            item, reach = variants.target[row], variants.reach[row]
            votes[row, item] = reach
            weight[row, item] = variants.points[row, :reach].sum() if batch.pointed else reach
        self.supported = (votes > 0).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            price = variants.costs / weight
            key = price / variants.costs if batch.by_cost else price
            threshold = variants.costs / votes
        key[votes <= 0] = np.inf
        threshold[votes <= 0] = np.inf
        self.first_bounds = np.take_along_axis(key, variants.ties, axis=1)
        # The endowment at which the supporters together hold the cost.
        self.threshold = np.take_along_axis(threshold, variants.ties, axis=1)

    def start(self, rows: Ints, endowments: Floats) -> None:
        """Begin a run in each of the rows."""
        self.money[rows] = endowments[:, None]
        self.left[rows] = float(self.batch.compiled.budget)
        for flags in (self.won, self.fresh, self.over, self.doubt):
            flags[rows] = False
        threshold = self.threshold[rows]
        short = threshold * (1 - CLOSE) > endowments[:, None]
        self.bounds[rows] = np.where(short, np.inf, self.first_bounds[rows])
        if self.reaching:
            self.growth[rows] = 1.0
            self.slopes[rows] = 0.0
            gap = np.where(
                short & np.isfinite(threshold), threshold * (1 - MARGIN) - endowments[:, None], np.inf
            )
            self.reach[rows] = np.maximum(0.0, gap.min(axis=1))

    def full(self, rows: Ints) -> Flags:
        """Whether every supported item was bought within the budget."""
        return (self.won[rows].sum(axis=1) == self.supported[rows]) & ~self.over[rows]

    def advance(self, active: Ints) -> tuple[Ints, Ints]:
        """One move of every active row: the rows that go on, and those that have come to their end."""
        bounds, fresh = self.bounds[active], self.fresh[active]
        lowest = bounds.min(axis=1)
        going = np.isfinite(lowest)
        ended = active[~going]
        if len(ended):
            if self.watch:
                nothing = np.full(len(ended), np.inf)
                self.watch(ended, self.money[ended], nothing, nothing)
            active, bounds, fresh, lowest = active[going], bounds[going], fresh[going], lowest[going]
            if not len(active):
                return active, ended
        close = bounds <= (lowest * (1 + CLOSE))[:, None]
        stale = close & ~fresh
        ask = stale.any(axis=1)
        column = np.where(ask, stale.argmax(axis=1), close.argmax(axis=1))
        if ask.any():
            self._evaluate(active[ask], column[ask])
        buy = ~ask
        if buy.any():
            rows, columns = active[buy], column[buy]
            self._doubt_ties(rows, columns, close[buy])
            if self.watch:
                bought = self.variants.ties[rows, columns]
                self.watch(rows, self.money[rows], lowest[buy], self.variants.costs[rows, bought])
            if self.reaching:
                self._bound_by_others(rows, columns, bounds[buy])
            self._charge(rows, columns)
        over = self.over[active]
        return active[~over], np.concatenate((ended, active[over]))

    def _reach_at_most(self, rows: Ints, reach: Floats) -> None:
        self.reach[rows] = np.maximum(0.0, np.minimum(self.reach[rows], reach))

    def _bound_by_others(self, rows: Ints, columns: Ints, bounds: Floats) -> None:
        """With so much more money another item would be the better offer."""
        place = np.arange(len(rows))
        slopes = self.slopes[rows]
        key, slope = bounds[place, columns][:, None], slopes[place, columns][:, None]
        closing = slope - slopes + MARGIN * (np.abs(slope) + np.abs(slopes))
        closing[place, columns] = 0.0
        with np.errstate(divide="ignore", invalid="ignore"):
            ahead = np.where(
                (closing > 0) & np.isfinite(bounds), (bounds - key * (1 + MARGIN)) / closing, np.inf
            )
        self._reach_at_most(rows, ahead.min(axis=1))

    def _doubt_ties(self, rows: Ints, columns: Ints, close: Flags) -> None:
        several = np.flatnonzero(close.sum(axis=1) > 1)
        if not len(several):
            return
        rows, columns, close = rows[several], columns[several], close[several]
        whole = self.whole[rows]
        if not self.batch.by_cost:
            # Prices are equal when cost × payers of the one is cost × payers of the other.
            costs = np.take_along_axis(self.variants.costs[rows], self.variants.ties[rows], axis=1)
            winner = np.take_along_axis(costs, columns[:, None], axis=1)
            mine = np.take_along_axis(whole, columns[:, None], axis=1)
            differ = (whole * winner != mine * costs) | (mine == 0) | (whole == 0)
        else:
            mine = np.take_along_axis(whole, columns[:, None], axis=1)
            differ = (whole != mine) | (mine == 0)
        ranks = self.variants.ranks[rows]
        undecided = (ranks == np.take_along_axis(ranks, columns[:, None], axis=1)) & close
        self.doubt[rows] |= (differ & close).any(axis=1) | (undecided.sum(axis=1) > 1)

    def _by_width(self, rows: Ints, items: Ints, work: Callable[..., None], *more: Floats | Ints) -> None:
        """Calls `work(rows, groups, points, …)` for rows of about equally many supporters."""
        targeted = self.variants.target[rows] == items
        widths = np.where(targeted, NO_ITEM, self.batch.widths[items])
        for width in self.batch.all_widths:
            some = np.flatnonzero(widths == width)
            if not len(some):
                continue
            chosen, rest = rows[some], [each[some] for each in more]
            if width == NO_ITEM:
                reach = self.variants.reach[chosen]
                order = self.variants.order[chosen, : reach.max()]
                groups = np.where(np.arange(order.shape[1]) < reach[:, None], order, self.batch.nobody)
                points = self.variants.points[chosen, : reach.max()] if self.batch.pointed else None
                work(chosen, groups, points, *rest)
            else:
                points = self.batch.points[items[some], :width] if self.batch.pointed else None
                work(chosen, self.batch.groups[items[some], :width], points, *rest)

    def _evaluate(self, rows: Ints, columns: Ints) -> None:
        items = self.variants.ties[rows, columns]
        self.fresh[rows, columns] = True
        self._by_width(rows, items, self._price, items, columns)

    def _price(self, rows: Ints, groups: Ints, points: Floats | None, items: Ints, columns: Ints) -> None:
        index = rows[:, None]
        money, weights = self.money[index, groups], self.weights[index, groups]
        if points is not None:
            money, weights = money / points, weights * points
        costs = self.variants.costs[rows, items]
        held = money * weights
        total_held = held.sum(axis=1)
        payable = total_held >= costs * (1 - CLOSE)
        self.doubt[rows[payable & (total_held <= costs * (1 + CLOSE))]] = True
        self.bounds[rows[~payable], columns[~payable]] = np.inf
        growth = self.growth[index, groups] if self.reaching else None
        if not payable.all():
            if growth is not None:
                self._bound_by_money(rows, points, growth, weights, costs - total_held, costs, ~payable)
                growth = growth[payable]
            rows, columns, items, costs = rows[payable], columns[payable], items[payable], costs[payable]
            money, weights, held = money[payable], weights[payable], held[payable]
            points = points[payable] if points is not None else None
        if not len(rows):
            return
        total = weights.sum(axis=1)
        price = costs / total
        while True:
            poor = money < (price * (1 - CLOSE))[:, None]
            rich = total - (weights * poor).sum(axis=1)
            # Money that is the cost exactly: rounding may call all of them poor.
            paid = (held * poor).sum(axis=1)
            found = np.where(rich > 0.5, (costs - paid) / np.maximum(rich, 0.5), money.max(axis=1))
            moved = found > price * (1 + CLOSE)
            price = np.maximum(price, found)
            if not moved.any():
                break
        self.price[rows, columns] = price
        self.whole[rows, columns] = np.where(paid == 0, rich, 0.0)
        key = price / costs if self.batch.by_cost else price
        self.bounds[rows, columns] = np.maximum(self.bounds[rows, columns], key)
        if growth is not None:
            # In points times growth per point: what the poor would pay more.
            per_point = growth if points is None else growth / points
            slope = -(weights * per_point * poor).sum(axis=1) / np.maximum(rich, 0.5)
            self.slope[rows, columns] = slope
            self.slopes[rows, columns] = slope / costs if self.batch.by_cost else slope

    def _bound_by_money(
        self,
        rows: Ints,
        points: Floats | None,
        growth: Floats,
        weights: Floats,
        missing: Floats,
        costs: Floats,
        short: Flags,
    ) -> None:
        """With so much more money the supporters could pay."""
        voters = weights if points is None else weights / points
        gain = (voters * growth).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = np.where(gain > 0, (missing - MARGIN * costs) / gain, np.inf)
        self._reach_at_most(rows[short], reach[short])

    def _charge(self, rows: Ints, columns: Ints) -> None:
        items = self.variants.ties[rows, columns]
        self._by_width(rows, items, self._pay, self.price[rows, columns], self.slope[rows, columns])
        self.left[rows] -= self.variants.costs[rows, items]
        self.over[rows] = self.left[rows] < -0.5
        self.won[rows, items] = True
        self.bounds[rows, columns] = np.inf
        self.fresh[rows] = False

    def _pay(self, rows: Ints, groups: Ints, points: Floats | None, price: Floats, slope: Floats) -> None:
        index = rows[:, None]
        due = price[:, None] if points is None else price[:, None] * points
        money = self.money[index, groups] - due
        somebody = self.weights[index, groups] > 0
        # Money that is the price to the last digit, or is not: poor supporters are far below it.
        near = (np.abs(money) <= CLOSE * due) & somebody
        self.doubt[rows[near.any(axis=1)]] = True
        spent = money <= CLOSE * due
        if self.reaching:
            growth = self.growth[index, groups]
            after = growth - (slope[:, None] if points is None else slope[:, None] * points)
            # The first poor supporter who could pay the price makes this run a different one.
            poor = spent & ~near & somebody
            with np.errstate(divide="ignore", invalid="ignore"):
                gap = np.where(poor & (after > 0), (-money - MARGIN * due) / after, np.inf)
            self._reach_at_most(rows, gap.min(axis=1))
            after[spent] = 0.0
            self.growth[index, groups] = after
        money[spent] = 0.0
        self.money[index, groups] = money
