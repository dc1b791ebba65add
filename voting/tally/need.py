"""At which change an item would begin to be bought, for every endowment that Add1 asks about.

Until it is bought, an item changes nothing: a run with more supporters for it, or with a lower cost, is the run as it
was up to the first purchase at which the item would be the better offer. And in one run more supporters or a lower
cost never hurt the item itself: its price per utility only falls. So one pass over the runs as they were tells, per
endowment, the fewest further supporters and the smallest cut of the cost at which the item is bought at all.
"""

from collections.abc import Sequence

import numpy as np

from voting.tally.batch import CLOSE, Batch
from voting.tally.compiled import Compiled, Floats, Ints
from voting.tally.election import Utility

# More than any number of supporters, any cost.
NEVER = 2**60
# Price per utility that stands for "whatever they have".
ANY_PRICE = 1e15
# Amounts looked at together; about 100 MB.
AT_ONCE = 4_000_000


class Needs:
    """Watches runs (see `batch.Watch`) and keeps what each item of `items` would have needed in each.

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
        self.supporters: Ints = np.full((rows, len(items)), NEVER)
        self.affordable: Floats = np.zeros((rows, len(items)))

    @property
    def cuts(self) -> Ints:
        cuts = np.ceil(self.costs - self.affordable * (1 + CLOSE) - CLOSE)
        return np.where(self.affordable > 0, np.maximum(cuts, 0), NEVER).astype(np.int64)

    def watch(self, rows: Ints, money: Floats, keys: Floats, costs: Floats) -> None:
        size = max(1, AT_ONCE // max(1, len(self.costs) * (self.groups.shape[1] + self.queues.shape[1])))
        for at in range(0, len(rows), size):
            part = slice(at, at + size)
            self._look(rows[part], money[part], np.minimum(keys[part], ANY_PRICE), costs[part])

    def _look(self, rows: Ints, money: Floats, keys: Floats, costs: Floats) -> None:
        held = money[:, self.groups]
        # An equal price wins only against something that is not cheaper.
        ties = self.costs <= costs[:, None]
        prices = keys[:, None] * np.where(ties, 1 + CLOSE, 1 - CLOSE) * (self.costs if self.by_cost else 1.0)
        paid = np.minimum(held, prices[:, :, None] * self.points).sum(axis=2)
        self._count_supporters(rows, money, prices, self.costs * (1 - CLOSE) - paid)
        if self.by_cost:
            self._lower_costs(rows, held, keys * (1 - CLOSE), self.costs[None, :])
            self._lower_costs(rows, held, keys * (1 + CLOSE), np.minimum(self.costs, costs[:, None]))
        else:
            # The price does not depend on the cost: what the supporters pay at this price is the cost to be.
            prices = keys[:, None, None] * (1 + CLOSE) * self.points
            paid = np.minimum(np.minimum(held, prices).sum(axis=2) * (1 + CLOSE), self.costs)
            self.affordable[rows] = np.maximum(self.affordable[rows], paid)

    def _count_supporters(self, rows: Ints, money: Floats, prices: Floats, missing: Floats) -> None:
        best = self.supporters[rows]
        open_rows, open_items = np.nonzero((missing > 0) & (best > 1))
        if len(open_rows) and self.queues.shape[1]:
            queues = self.queues[open_items]
            due = prices[open_rows, open_items][:, None] * self.given[open_items]
            paid = np.minimum(money[open_rows[:, None], queues], due).cumsum(axis=1)
            enough = paid >= missing[open_rows, open_items][:, None]
            count = np.where(enough[:, -1], enough.argmax(axis=1) + 1, NEVER)
            best[open_rows, open_items] = np.minimum(best[open_rows, open_items], count)
        best[missing <= 0] = 0
        self.supporters[rows] = best

    def _lower_costs(self, rows: Ints, held: Floats, keys: Floats, most: Floats) -> None:
        """The largest cost C up to `most` with: supporters paying min(money, key x C x points) pay C. The left side
        is concave in C, so Newton's method from above comes down to it."""
        known = self.affordable[rows]
        rate = keys[:, None, None] * self.points
        more = np.broadcast_to(most, known.shape) > known
        more = more & (np.minimum(held, rate * known[:, :, None]).sum(axis=2) >= known)
        at_row, at_item = np.nonzero(more)
        if not len(at_row):
            return
        held, rate = held[at_row, at_item], rate[at_row, at_item]
        cost = np.broadcast_to(most, known.shape)[at_row, at_item]
        cost = np.minimum(cost, (held * (self.points[at_item] > 0)).sum(axis=1))
        for _ in range(held.shape[1] + 1):
            poor = held < rate * cost[:, None]
            gain = np.where(poor, 0.0, rate).sum(axis=1)
            money = np.where(poor, held, 0.0).sum(axis=1)
            over = money + gain * cost < cost * (1 - 1e-13)
            if not over.any():
                break
            with np.errstate(divide="ignore", invalid="ignore"):
                cost = np.where(over, money / (1 - gain), cost)
        known[at_row, at_item] = np.maximum(known[at_row, at_item], cost)
        self.affordable[rows] = known
