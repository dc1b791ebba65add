"""Many variants of one election at once, in floats: for questions that a thousand counts answer, not for results.

A row is one run of Equal Shares: one variant at one endowment. All rows advance together, each by what it needs
next: the cheapest item's price if that is out of date, its purchase otherwise. Amounts closer than `CLOSE` count as
equal and the order of ties decides, as in the exact engines.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from voting.tally.compiled import Compiled, Flags, Floats, Ints
from voting.tally.election import Utility

CLOSE = 1e-10
# Rows that are worked on together: enough to share the cost of a NumPy call, few enough for the processor's cache.
ROWS = 3000
# Asked endowments per variant and round at the beginning; more than needed is wasted, fewer cost more calls.
AHEAD = 16


@dataclass(frozen=True, slots=True)
class Variants:
    """`costs[v, item]` and `weights[v, group]`: how many ballots of each group variant v has.

    `ties[v]` lists all items in the order of ties. In variant v the item `target[v]` is supported by the first `reach[v]` groups of `order[v]` instead.
    """

    costs: Floats
    weights: Floats
    ties: Ints
    target: Ints
    order: Ints
    reach: Ints

    def __len__(self) -> int:
        return len(self.costs)

    def take(self, chosen: Ints) -> "Variants":
        return Variants(
            self.costs[chosen],
            self.weights[chosen],
            self.ties[chosen],
            self.target[chosen],
            self.order[chosen],
            self.reach[chosen],
        )


def plain_variants(compiled: Compiled, weights: Floats, ranks: tuple[int, ...]) -> Variants:
    """One variant for each row of `weights`, with costs and supporters as they are; lower `ranks` win ties."""
    count = len(weights)
    none = np.zeros((count, 0), dtype=np.int64)
    costs = np.tile(np.array(compiled.costs, dtype=np.float64), (count, 1))
    ties = np.tile(np.lexsort((np.arange(len(ranks)), np.array(ranks))), (count, 1))
    return Variants(costs, weights, ties, np.full(count, -1), none, np.zeros(count, dtype=np.int64))


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
        self.widths = np.array([1 << max(0, size - 1).bit_length() for size in sizes], dtype=np.int64)

    def add1(self, variants: Variants, *, stride: int = 1, begin: Ints | None = None) -> Flags:
        """`won[v, item]` under Add1 with steps of `stride` budget units.

        `begin[v]`: number of the first endowment asked, for a caller who knows that none before overspends; nothing
        is won when that one does.
        """
        count = len(variants)
        voters = variants.weights.sum(axis=1)
        won = np.zeros((count, len(self.compiled.costs)), dtype=np.bool)
        alive = np.flatnonzero(voters > 0)
        number, ahead = 0, AHEAD
        begin = np.zeros(count, dtype=np.int64) if begin is None else begin
        while len(alive):
            chunk = max(1, min(ahead, ROWS // len(alive)))
            still = []
            for at in range(0, len(alive), ROWS):
                part = alive[at : at + ROWS]
                steps = begin[part, None] + np.arange(number, number + chunk)
                endowments = self.endowments(voters[part], steps * stride)
                rows = np.repeat(part, chunk)
                row_won, over, full = self.runs(variants.take(rows), endowments.ravel())
                over, full = over.reshape(-1, chunk), full.reshape(-1, chunk)
                first = np.where(over.any(axis=1), over.argmax(axis=1), chunk)
                kept = np.flatnonzero(first > 0)
                won[part[kept]] = row_won[kept * chunk + first[kept] - 1]
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

    def runs(self, variants: Variants, endowments: Floats) -> tuple[Flags, Flags, Flags]:
        """Per row: the items bought, whether they overspend (then the run is cut short), whether nothing is left."""
        count = len(variants)
        state = _State(self, variants, endowments)
        active = np.arange(count)
        while len(active):
            active = state.advance(active)
        full = state.won.sum(axis=1) == state.supported
        return state.won, state.over, full & ~state.over


class _State:
    def __init__(self, batch: Batch, variants: Variants, endowments: Floats) -> None:
        self.batch, self.variants = batch, variants
        count, items = variants.costs.shape
        groups = batch.nobody + 1
        self.money = np.repeat(endowments[:, None], groups, axis=1)
        self.weights = np.zeros((count, groups))
        self.weights[:, :-1] = variants.weights
        self.left = np.full(count, float(batch.compiled.budget))
        self.won = np.zeros((count, items), dtype=np.bool)
        self.over = np.zeros(count, dtype=np.bool)
        # Columns in the order of ties, so that the first of equal ones is the one to take.
        self.bounds = np.zeros((count, items))
        self.fresh = np.zeros((count, items), dtype=np.bool)
        self.price = np.zeros((count, items))
        self._begin(endowments)

    def _begin(self, endowments: Floats) -> None:
        """The first prices of all items in one product: nobody has spent anything yet."""
        batch, variants = self.batch, self.variants
        matrix = np.zeros((batch.nobody + 1, len(batch.groups)))
        for item in range(len(batch.groups)):
            matrix[batch.groups[item], item] = batch.points[item]
        weight = self.weights @ matrix
        votes = self.weights @ (matrix > 0) if batch.pointed else weight
        targeted = np.flatnonzero(variants.target >= 0)
        for row in targeted:
            item = variants.target[row]
            votes[row, item] = weight[row, item] = variants.reach[row]
        self.supported = (votes > 0).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            price = variants.costs / weight
            key = price / variants.costs if batch.by_cost else price
        short = votes * endowments[:, None] < variants.costs * (1 - CLOSE)
        key[short | (votes <= 0)] = np.inf
        self.bounds[:] = np.take_along_axis(key, variants.ties, axis=1)

    def advance(self, active: Ints) -> Ints:
        """One move of every active row; the rows that are not at their end."""
        bounds, fresh = self.bounds[active], self.fresh[active]
        lowest = bounds.min(axis=1)
        going = np.isfinite(lowest)
        if not going.all():
            active, bounds, fresh, lowest = active[going], bounds[going], fresh[going], lowest[going]
            if not len(active):
                return active
        close = bounds <= (lowest * (1 + CLOSE))[:, None]
        stale = close & ~fresh
        ask = stale.any(axis=1)
        column = np.where(ask, stale.argmax(axis=1), close.argmax(axis=1))
        if ask.any():
            self._evaluate(active[ask], column[ask])
        buy = ~ask
        if buy.any():
            self._charge(active[buy], column[buy])
        return active[~self.over[active]]

    def _by_width(self, rows: Ints, items: Ints, work: Callable[..., None], *more: Floats | Ints) -> None:
        """Calls `work(rows, groups, points, …)` for rows of about equally many supporters."""
        targeted = self.variants.target[rows] == items
        widths = np.where(targeted, -1, self.batch.widths[items])
        for width in np.unique(widths):
            some = np.flatnonzero(widths == width)
            chosen, rest = rows[some], [each[some] for each in more]
            if width < 0:
                order, reach = self.variants.order[chosen], self.variants.reach[chosen]
                groups = np.where(np.arange(order.shape[1]) < reach[:, None], order, self.batch.nobody)
                work(chosen, groups, None, *rest)
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
        payable = held.sum(axis=1) >= costs * (1 - CLOSE)
        self.bounds[rows[~payable], columns[~payable]] = np.inf
        if not payable.all():
            rows, columns, items, costs = rows[payable], columns[payable], items[payable], costs[payable]
            money, weights, held = money[payable], weights[payable], held[payable]
        total = weights.sum(axis=1)
        price = costs / total
        while len(rows):
            poor = money < (price * (1 - CLOSE))[:, None]
            rich = total - (weights * poor).sum(axis=1)
            # Money that is the cost exactly: rounding may call all of them poor.
            found = np.where(
                rich > 0.5, (costs - (held * poor).sum(axis=1)) / np.maximum(rich, 0.5), money.max(axis=1)
            )
            moved = found > price * (1 + CLOSE)
            price = np.maximum(price, found)
            if not moved.any():
                break
        self.price[rows, columns] = price
        key = price / costs if self.batch.by_cost else price
        self.bounds[rows, columns] = np.maximum(self.bounds[rows, columns], key)

    def _charge(self, rows: Ints, columns: Ints) -> None:
        items = self.variants.ties[rows, columns]
        self._by_width(rows, items, self._pay, self.price[rows, columns])
        self.left[rows] -= self.variants.costs[rows, items]
        self.over[rows] = self.left[rows] < -0.5
        self.won[rows, items] = True
        self.bounds[rows, columns] = np.inf
        self.fresh[rows] = False

    def _pay(self, rows: Ints, groups: Ints, points: Floats | None, price: Floats) -> None:
        index = rows[:, None]
        due = price[:, None] if points is None else price[:, None] * points
        money = self.money[index, groups] - due
        money[money <= CLOSE * due] = 0.0
        self.money[index, groups] = money
