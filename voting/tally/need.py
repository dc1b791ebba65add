"""At which change an item would begin to be bought, for every endowment that Add1 asks about.

Until it is bought, an item changes nothing: a run with more supporters for it, or with a lower cost, is the run as it
was up to the first purchase at which the item would be the better offer. And in one run more supporters or a lower
cost never hurt the item itself: its price per utility only falls. So one pass over the runs as they were tells, per
endowment, the fewest further supporters and the smallest cut of the cost at which the item is bought at all.
"""

from collections.abc import Sequence

import numpy as np

from voting.tally.batch import Batch
from voting.tally.compiled import Compiled, Flags, Floats, Ints
from voting.tally.election import Utility
from voting.tally.lanes import CLOSE

# More than any number of supporters, any cost.
NEVER = 2**60
# Price per utility that stands for "whatever they have".
ANY_PRICE = 1e15
# Amounts looked at together; about 100 MB.
AT_ONCE = 4_000_000


class Needs:
    """Watches runs (see `lanes.Watch`) and keeps what each item of `items` would have needed in each.

    `queues[n]` lists the groups (single voters) that do not support `items[n]`, in the order in which they would begin
    to, and `given[n]` the points that each of them would give. After the runs `supporters[row, n]` is the fewest of them
    with which the item is bought and `cuts[row, n]` the smallest cut of the cost in fine units; NEVER where none does
    it. Both may be too small by one where amounts are closer than CLOSE, never too large.
    """

    def __init__(
        self, batch: Batch, rows: int, items: Sequence[int], queues: Sequence[Ints], given: Sequence[int]
    ) -> None:
        compiled: Compiled = batch.compiled
        self.by_cost = compiled.utility is Utility.COST
        self.costs = np.array([compiled.costs[item] for item in items], dtype=np.float64)
        widest = max((len(s.groups) for item in items if (s := compiled.supports[item])), default=1)
        self.groups: Ints = batch.groups[list(items), :widest]
        # Nobody fills the rows up and gives nothing.
        self.points: Floats = np.where(self.groups == batch.nobody, 0.0, batch.points[list(items), :widest])
        longest = max((len(queue) for queue in queues), default=0)
        self.queues: Ints = np.full((len(items), longest), batch.nobody)
        self.given: Floats = np.zeros((len(items), longest))
        for place, (queue, points) in enumerate(zip(queues, given, strict=True)):
            self.queues[place, : len(queue)] = queue
            self.given[place, : len(queue)] = points
        self.lengths = np.array([len(queue) for queue in queues], dtype=np.float64)
        self.gives = np.array(given, dtype=np.float64)
        self.total_points = self.points.sum(axis=1)
        self.total_voters = (self.points > 0).sum(axis=1)
        self.supporters: Ints = np.full((rows, len(items)), NEVER)
        self.affordable: Floats = np.zeros((rows, len(items)))

    @property
    def cuts(self) -> Ints:
        return self._cuts(self.affordable)

    def cuts_of(self, rows: Ints) -> Ints:
        return self._cuts(self.affordable[rows])

    def _cuts(self, affordable: Floats) -> Ints:
        cuts = np.ceil(self.costs - affordable * (1 + CLOSE) - CLOSE)
        return np.where(affordable > 0, np.maximum(cuts, 0), NEVER).astype(np.int64)

    def watch(self, rows: Ints, money: Floats, keys: Floats, costs: Floats) -> None:
        size = max(1, AT_ONCE // max(1, len(self.costs) * self.groups.shape[1]))
        for at in range(0, len(rows), size):
            part = slice(at, at + size)
            self._look(rows[part], money[part], np.minimum(keys[part], ANY_PRICE), costs[part])

    def _look(self, rows: Ints, money: Floats, keys: Floats, costs: Floats) -> None:
        # An equal price wins only against something that is not cheaper.
        ties = self.costs <= costs[:, None]
        prices = keys[:, None] * np.where(ties, 1 + CLOSE, 1 - CLOSE) * (self.costs if self.by_cost else 1.0)
        most = money.max(axis=1)[:, None]
        row, item = np.nonzero(self._may_need_fewer(rows, prices, most))
        if len(row):
            held = money[row[:, None], self.groups[item]]
            price = prices[row, item]
            paid = np.minimum(held, price[:, None] * self.points[item]).sum(axis=1)
            missing = self.costs[item] * (1 - CLOSE) - paid
            fewer = missing <= 0
            self.supporters[rows[row[fewer]], item[fewer]] = 0
            row, item = row[~fewer], item[~fewer]
            self._count_supporters(rows[row], item, money, row, price[~fewer], missing[~fewer])
        row, item = np.nonzero(self._may_cost_more(rows, keys, most))
        if len(row):
            held, key, at = money[row[:, None], self.groups[item]], keys[row], rows[row]
            if self.by_cost:
                self._lower_costs(at, item, held, key * (1 - CLOSE), self.costs[item])
                self._lower_costs(at, item, held, key * (1 + CLOSE), np.minimum(self.costs[item], costs[row]))
            else:
                # The price does not depend on the cost: what the supporters pay at this price is the cost to be.
                due = key[:, None] * (1 + CLOSE) * self.points[item]
                paid = np.minimum(np.minimum(held, due).sum(axis=1) * (1 + CLOSE), self.costs[item])
                self.affordable[at, item] = np.maximum(self.affordable[at, item], paid)

    def _may_need_fewer(self, rows: Ints, prices: Floats, most: Floats) -> Flags:
        """Whether fewer supporters than known could be enough, if everybody had as much as the richest."""
        known = self.supporters[rows]
        paid = np.minimum(prices * self.total_points, most * self.total_voters)
        more = np.minimum(known - 1, self.lengths) * np.minimum(prices * self.gives, most)
        return (known > 0) & (paid + more >= self.costs * (1 - 2 * CLOSE))

    def _may_cost_more(self, rows: Ints, keys: Floats, most: Floats) -> Flags:
        """Whether the item could be bought at a higher cost than known, if all supporters had as much as the richest."""
        known = self.affordable[rows]
        more = (known < self.costs) & (most * self.total_voters > known * (1 - CLOSE))
        weight = keys[:, None] * self.total_points * (1 + 2 * CLOSE)
        return more & ((weight >= 1) if self.by_cost else (weight * (1 + CLOSE) > known))

    def _count_supporters(
        self, rows: Ints, items: Ints, money: Floats, at: Ints, prices: Floats, missing: Floats
    ) -> None:
        """`at`: where in `money` the row stands. Those of whom a few are looked at go together."""
        best = self.supporters[rows, items]
        look = np.minimum(best - 1, self.queues.shape[1])
        bits = np.where(look > 0, np.ceil(np.log2(np.maximum(look, 1))), -1).astype(np.int64)
        for bit in np.unique(bits[bits >= 0]).tolist():
            some = np.flatnonzero(bits == bit)
            item = items[some]
            queues, given = self.queues[item, : 2**bit], self.given[item, : 2**bit]
            paid = np.minimum(money[at[some][:, None], queues], prices[some][:, None] * given).cumsum(axis=1)
            enough = paid >= missing[some][:, None]
            count = np.where(enough[:, -1], enough.argmax(axis=1) + 1, NEVER)
            self.supporters[rows[some], item] = np.minimum(best[some], count)

    def _lower_costs(self, rows: Ints, items: Ints, held: Floats, keys: Floats, most: Floats) -> None:
        """The largest cost C up to `most` with: supporters paying min(money, key x C x points) pay C. The left side
        is concave in C, so Newton's method from above comes down to it."""
        known = self.affordable[rows, items]
        some = np.flatnonzero(most > known)
        rate = keys[some][:, None] * self.points[items[some]]
        enough = np.minimum(held[some], rate * known[some][:, None]).sum(axis=1) >= known[some]
        some, rate = some[enough], rate[enough]
        if not len(some):
            return
        held, points = held[some], self.points[items[some]]
        cost = np.minimum(most[some], (held * (points > 0)).sum(axis=1))
        for _ in range(held.shape[1] + 1):
            poor = held < rate * cost[:, None]
            gain = np.where(poor, 0.0, rate).sum(axis=1)
            money = np.where(poor, held, 0.0).sum(axis=1)
            over = money + gain * cost < cost * (1 - 1e-13)
            if not over.any():
                break
            with np.errstate(divide="ignore", invalid="ignore"):
                cost = np.where(over, money / (1 - gain), cost)
        self.affordable[rows[some], items[some]] = np.maximum(known[some], cost)
