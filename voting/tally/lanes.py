"""The state of many runs side by side, and how each of them goes on. See `voting.tally.batch`."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from voting.tally.compiled import Flags, Floats, Ints
from voting.tally.variants import NO_ITEM, Variants

if TYPE_CHECKING:
    from voting.tally.batch import Batch

CLOSE = 1e-10
# Head-room for rounding in the reach of a run, as in `voting.tally.fast`.
MARGIN = 1e-9

# Called before each purchase with the lanes, the rows, and the price per utility and the cost of what is bought; at
# the end of a run with infinity for both.
type Watch = Callable[[Lanes, Ints, Floats, Floats], None]


class Lanes:
    """The state of one run per row; `of[row]` is the variant it counts and `job[row]` the number
    of the run. A row whose run has ended can start another
    one while the others go on.

    With `reaching`, `reach[row]` tells how much more money per voter (fine units) would not change the run; how that
    is known is explained in `voting.tally.fast`.
    """

    def __init__(
        self,
        batch: "Batch",
        variants: Variants,
        count: int,
        watch: Watch | None = None,
        *,
        reaching: bool = False,
    ) -> None:
        self.batch, self.variants, self.watch, self.reaching = batch, variants, watch, reaching
        items, groups = variants.costs.shape[1], batch.nobody + 1
        self.count = count
        self.of: Ints = np.zeros(count, dtype=np.int64)
        self.job: Ints = np.zeros(count, dtype=np.int64)
        self.steps: Ints = np.zeros(count, dtype=np.int64)
        self.money = np.zeros((count, groups))
        self.growth = np.ones((count, groups)) if reaching else np.ones((1, 1))
        self.reach = np.full(count, np.inf)
        self.weights = np.zeros((len(variants), groups))
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

    def start(self, rows: Ints, of: Ints, endowments: Floats) -> None:
        """Begin a run of the variants `of` in the rows."""
        self.of[rows] = of
        self.steps[rows] = 0
        self.money[rows] = endowments[:, None]
        self.left[rows] = float(self.batch.compiled.budget)
        for flags in (self.won, self.fresh, self.over, self.doubt):
            flags[rows] = False
        threshold = self.threshold[of]
        short = threshold * (1 - CLOSE) > endowments[:, None]
        self.bounds[rows] = np.where(short, np.inf, self.first_bounds[of])
        if self.reaching:
            self.growth[rows] = 1.0
            self.slopes[rows] = 0.0
            gap = np.where(
                short & np.isfinite(threshold), threshold * (1 - MARGIN) - endowments[:, None], np.inf
            )
            self.reach[rows] = np.maximum(0.0, gap.min(axis=1))

    def take_up(self, rows: Ints, money: Floats, bounds: Floats, won: Flags, left: Floats) -> None:
        """Let runs that have just begun go on from what their unchanged runs had come to. `bounds[row, item]` are
        theirs; the item that the variant changes keeps its own."""
        of = self.of[rows]
        ties = self.variants.ties[of]
        own = ties == self.variants.changed[of][:, None]
        self.bounds[rows] = np.where(own, self.bounds[rows], np.take_along_axis(bounds, ties, axis=1))
        self.money[rows, :-1] = money
        self.won[rows], self.left[rows] = won, left

    def full(self, rows: Ints) -> Flags:
        """Whether every supported item was bought within the budget."""
        return (self.won[rows].sum(axis=1) == self.supported[self.of[rows]]) & ~self.over[rows]

    def advance(self, active: Ints) -> tuple[Ints, Ints]:
        """One move of every active row: the rows that go on, and those that have come to their end."""
        bounds = self.bounds[active]
        lowest = bounds.min(axis=1)
        close = bounds <= (lowest * (1 + CLOSE))[:, None]
        stale = close & ~self.fresh[active]
        ask = stale.any(axis=1)
        ask &= lowest < np.inf
        asking = active[ask]
        if len(asking):
            self._evaluate(asking, stale[ask].argmax(axis=1))
            bounds[ask] = again = self.bounds[asking]
            lowest[ask] = least = again.min(axis=1)
            close[ask] = near = again <= (least * (1 + CLOSE))[:, None]
            ask[ask] = (near & ~self.fresh[asking]).any(axis=1) & (least < np.inf)
        done = lowest == np.inf
        ended = active[done]
        if len(ended) and self.watch:
            nothing = np.full(len(ended), np.inf)
            self.watch(self, ended, nothing, nothing)
        buy = ~(ask | done)
        rows = active[buy]
        if len(rows):
            close = close[buy]
            columns = close.argmax(axis=1)
            self._doubt_ties(rows, columns, close)
            if self.watch:
                of = self.of[rows]
                bought = self.variants.ties[of, columns]
                self.watch(self, rows, lowest[buy], self.variants.costs[of, bought])
            if self.reaching:
                self._bound_by_others(rows, columns, bounds[buy])
            self._charge(rows, columns)
            done |= self.over[active]
        return active[~done], active[done]

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
        whole, of = self.whole[rows], self.of[rows]
        if not self.batch.by_cost:
            # Prices are equal when cost × payers of the one is cost × payers of the other.
            costs = np.take_along_axis(self.variants.costs[of], self.variants.ties[of], axis=1)
            winner = np.take_along_axis(costs, columns[:, None], axis=1)
            mine = np.take_along_axis(whole, columns[:, None], axis=1)
            differ = (whole * winner != mine * costs) | (mine == 0) | (whole == 0)
        else:
            mine = np.take_along_axis(whole, columns[:, None], axis=1)
            differ = (whole != mine) | (mine == 0)
        ranks = self.variants.ranks[of]
        undecided = (ranks == np.take_along_axis(ranks, columns[:, None], axis=1)) & close
        self.doubt[rows] |= (differ & close).any(axis=1) | (undecided.sum(axis=1) > 1)

    def _by_width(self, rows: Ints, items: Ints, work: Callable[..., None], *more: Floats | Ints) -> None:
        """Calls `work(rows, groups, points, …)` for rows of about equally many supporters."""
        of = self.of[rows]
        widths = np.where(self.variants.target[of] == items, NO_ITEM, self.batch.widths[items])
        for width in self.batch.all_widths:
            some = np.flatnonzero(widths == width)
            if not len(some):
                continue
            chosen, rest = rows[some], [each[some] for each in more]
            if width == NO_ITEM:
                reach = self.variants.reach[of[some]]
                order = self.variants.order[of[some], : reach.max()]
                groups = np.where(np.arange(order.shape[1]) < reach[:, None], order, self.batch.nobody)
                points = self.variants.points[of[some], : reach.max()] if self.batch.pointed else None
                work(chosen, groups, points, *rest)
            else:
                points = self.batch.points[items[some], :width] if self.batch.pointed else None
                work(chosen, self.batch.groups[items[some], :width], points, *rest)

    def _evaluate(self, rows: Ints, columns: Ints) -> None:
        items = self.variants.ties[self.of[rows], columns]
        self.fresh[rows, columns] = True
        self._by_width(rows, items, self._price, items, columns)

    def _places(self, rows: Ints, groups: Ints) -> Ints:
        """Where the amounts of these groups stand in the flat arrays of amounts."""
        return groups + (rows * (self.batch.nobody + 1))[:, None]

    def _price(self, rows: Ints, groups: Ints, points: Floats | None, items: Ints, columns: Ints) -> None:
        places, of = self._places(rows, groups), self.of[rows]
        money = self.money.ravel().take(places)
        weights = self.weights.ravel().take(self._places(of, groups))
        if points is not None:
            money, weights = money / points, weights * points
        costs = self.variants.costs[of, items]
        held = money * weights
        total_held = np.vecdot(money, weights)
        payable = total_held >= costs * (1 - CLOSE)
        self.doubt[rows[payable & (total_held <= costs * (1 + CLOSE))]] = True
        self.bounds[rows[~payable], columns[~payable]] = np.inf
        growth = self.growth.ravel().take(places) if self.reaching else None
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
            poor = (money < (price * (1 - CLOSE))[:, None]).astype(np.float64)
            rich = total - np.vecdot(weights, poor)
            # Money that is the cost exactly: rounding may call all of them poor.
            paid = np.vecdot(held, poor)
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
            slope = -np.vecdot(weights * per_point, poor) / np.maximum(rich, 0.5)
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
        gain = np.vecdot(voters, growth)
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = np.where(gain > 0, (missing - MARGIN * costs) / gain, np.inf)
        self._reach_at_most(rows[short], reach[short])

    def _charge(self, rows: Ints, columns: Ints) -> None:
        of = self.of[rows]
        items = self.variants.ties[of, columns]
        self._by_width(rows, items, self._pay, self.price[rows, columns], self.slope[rows, columns])
        self.steps[rows] += 1
        self.left[rows] -= self.variants.costs[of, items]
        self.over[rows] = self.left[rows] < -0.5
        self.won[rows, items] = True
        self.bounds[rows, columns] = np.inf
        self.fresh[rows] = False

    def _pay(self, rows: Ints, groups: Ints, points: Floats | None, price: Floats, slope: Floats) -> None:
        places = self._places(rows, groups)
        due = price[:, None] if points is None else price[:, None] * points
        money = self.money.ravel().take(places) - due
        somebody = self.weights.ravel().take(self._places(self.of[rows], groups)) > 0
        # Money that is the price to the last digit, or is not: poor supporters are far below it.
        near = (np.abs(money) <= CLOSE * due) & somebody
        self.doubt[rows[near.any(axis=1)]] = True
        spent = money <= CLOSE * due
        if self.reaching:
            growth = self.growth.ravel().take(places)
            after = growth - (slope[:, None] if points is None else slope[:, None] * points)
            # The first poor supporter who could pay the price makes this run a different one.
            poor = spent & ~near & somebody
            with np.errstate(divide="ignore", invalid="ignore"):
                gap = np.where(poor & (after > 0), (-money - MARGIN * due) / after, np.inf)
            self._reach_at_most(rows, gap.min(axis=1))
            after[spent] = 0.0
            self.growth.ravel()[places] = after
        money[spent] = 0.0
        self.money.ravel()[places] = money
