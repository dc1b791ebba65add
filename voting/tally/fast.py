"""One run of Equal Shares at a given endowment: floats decide the order, exact residues decide equality.

Three ideas carry the speed. A price never falls while money is only spent, so an item's last price is a
lower bound and most items are never looked at again. Every amount is also known modulo two primes, so
"equal" is decided exactly without the huge denominators of true fractions; two amounts that are close but
different end the run as Ambiguous, and the plain engine repeats it. And every amount is a linear function
of the endowment as long as the run takes the same decisions: the run reports up to which endowment it would
choose the same items, so Add1 need not compute the runs in between, and the next run begins at the first step
that can differ.
"""

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from math import inf, nextafter

import numpy as np

from voting.tally.compiled import Compiled, Flags, Floats
from voting.tally.election import Utility
from voting.tally.exact import Tied, run_exactly
from voting.tally.residues import Indivisible, Residues, Settled

# Two numbers closer than this (relative) are compared exactly; rounding errors stay below 1e-12.
CLOSE = 1e-10
# Head-room for rounding in the reach of a run, far above its error and far below one unit.
MARGIN = 1e-9
# Whole numbers up to here are exact as floats.
EXACT_FLOAT = 2**53
# Amounts of money kept for taking up later runs in the middle: 16 bytes each, so about 64 MB.
MEMORY = 4_000_000


class Ambiguous(Exception):
    """Two amounts are too close for floats and yet different: only true fractions can decide."""


@dataclass(frozen=True, slots=True)
class Run:
    """Items in the order of funding; `reach` more money per voter (fine units) would not change it."""

    order: tuple[int, ...]
    reach: float


@dataclass(slots=True)
class Offer:
    """What an item would cost its supporters now: `price` per point, and how it moves with the endowment."""

    price: float
    slope: float
    money: Floats  # of each group, per point
    poor: Flags  # groups that pay all they have


@dataclass(frozen=True, slots=True)
class Memory:
    """The state before a step. With `x` more money per voter, x up to `reach`, it is the same state plus x times
    its slopes, so that a later run can begin here."""

    steps: int
    endowment: Fraction
    reach: float
    money: Floats
    growth: Floats
    bounds: Floats
    slopes: Floats


class Runner:
    """Runs Equal Shares at any endowment. `ranks`: lower wins a tie; equal ranks raise Tied."""

    def __init__(self, compiled: Compiled, ranks: tuple[int, ...]) -> None:
        self.compiled = compiled
        self.ranks = ranks
        self.costs = np.array(compiled.costs, dtype=np.float64)
        self.per_cost = 1.0 / self.costs if compiled.utility is Utility.COST else np.ones(len(self.costs))
        self.residues = Residues(compiled)
        weights = np.array([s.total_weight if s else 0 for s in compiled.supports], dtype=np.float64)
        with np.errstate(divide="ignore"):
            self.first_bounds = np.where(weights > 0, self.costs / weights * self.per_cost, inf)
        thresholds = sorted(
            (Fraction(cost, votes), item)
            for item, (cost, votes) in enumerate(zip(compiled.costs, compiled.votes, strict=True))
            if votes
        )
        self.thresholds = [threshold for threshold, _ in thresholds]
        self.by_threshold = [item for _, item in thresholds]
        self.money: Floats = np.empty(compiled.group_count)
        self.growth: Floats = np.empty(compiled.group_count)
        self.memories: list[Memory] = []
        self.stride = 4 + len(self.costs) * compiled.group_count // MEMORY

    def run(self, endowment: Fraction) -> Run:
        """One run with `endowment` fine units per voter, more than in the run before. Raises Tied or Ambiguous."""
        self.offers: dict[int, Offer] = {}
        if not self._resume(endowment):
            self._begin(endowment)
        while True:
            if len(self.order) >= self.next_memory:
                self._remember(endowment)
            winner = self._cheapest()
            if winner is None:
                return Run(order=tuple(self.order), reach=self.reach)
            self.order.append(winner)
            self._charge(winner)

    def _begin(self, endowment: Fraction) -> None:
        self.money.fill(float(endowment))
        self.growth.fill(1.0)
        self.residues.start(endowment)
        self.order: list[int] = []
        self.reach = inf
        self.bounds: Floats = self.first_bounds.copy()
        self.slopes: Floats = np.zeros(len(self.bounds))
        self.next_memory = 0
        self._drop_unaffordable(endowment)

    def _remember(self, endowment: Fraction) -> None:
        steps = len(self.order)
        self.memories.append(
            Memory(
                steps,
                endowment,
                self.reach,
                self.money.copy(),
                self.growth.copy(),
                self.bounds.copy(),
                self.slopes.copy(),
            )
        )
        self.next_memory = steps + self.stride

    def _resume(self, endowment: Fraction) -> bool:
        """Take up the latest step that is the same at the new endowment. False: there is none."""
        while self.memories:
            memory = self.memories[-1]
            more = float(endowment - memory.endowment)
            if 0 < more <= memory.reach:
                break
            self.memories.pop()
        else:
            return False
        np.multiply(memory.growth, more, out=self.money)
        self.money += memory.money
        self.growth[:] = memory.growth
        self.bounds = memory.bounds + memory.slopes * more
        self.slopes = memory.slopes.copy()
        self.reach = memory.reach - more
        del self.order[memory.steps :]
        self.residues.resume(endowment, memory.steps)
        self.next_memory = memory.steps + self.stride
        return True

    def _drop_unaffordable(self, endowment: Fraction) -> None:
        affordable = bisect_right(self.thresholds, endowment)
        if affordable < len(self.thresholds):
            self.bounds[self.by_threshold[affordable:]] = inf
            # Exact up to here; two steps down, so that rounding cannot reach the threshold itself.
            gap = float(self.thresholds[affordable] - endowment)
            self._reach_at_most(nextafter(nextafter(gap, 0.0), 0.0))

    def _reach_at_most(self, reach: float) -> None:
        self.reach = max(0.0, min(self.reach, reach))

    def _cheapest(self) -> int | None:
        """The affordable item with the lowest price per utility; ties by rank. None when nothing is left."""
        bounds = self.bounds
        while True:
            best = int(bounds.argmin())
            lowest = bounds[best]
            if lowest == inf:
                return None
            if best not in self.offers:
                self._evaluate(best)
                continue
            (close,) = np.nonzero(bounds <= lowest * (1 + CLOSE))
            if len(close) == 1:
                return best
            stale = [item for item in close.tolist() if item not in self.offers]
            if not stale:
                return self._break_tie(best, close.tolist())
            for item in stale:
                self._evaluate(item)

    def _evaluate(self, item: int) -> None:
        support = self.compiled.support(item)
        groups = support.groups
        cost = float(self.compiled.costs[item])
        money = self.money.take(groups)
        held = support.voters * money
        total = float(held.sum())
        if total <= cost * (1 + CLOSE) and not self._affordable(item, total):
            gain = float(support.voters @ self.growth.take(groups))
            if gain > 0:
                self._reach_at_most((cost - total - MARGIN * cost) / gain)
            self.bounds[item] = inf
            return
        per_point = money if support.points is None else money / support.points
        price = cost / support.total_weight
        slope = 0.0
        # Whoever could not pay the lower bound cannot pay the price; the search for the others begins there.
        # A bound that was carried to another endowment may lie below what all pay who can.
        lowest = max(price, float(self.bounds[item] / self.per_cost[item]))
        poor = per_point < lowest * (1 - CLOSE)
        found = int(np.count_nonzero(poor))
        if found:
            while True:
                # A product of floats and flags would convert the flags each time.
                paying_all = poor.astype(np.float64)
                rich_weight = support.total_weight - float(support.weight @ paying_all)
                if rich_weight <= 0:
                    raise Ambiguous
                price = (cost - float(held @ paying_all)) / rich_weight
                poor = per_point < price * (1 - CLOSE)
                count = int(np.count_nonzero(poor))
                if count == found:
                    break
                found = count
            growing = support.voters * self.growth.take(groups)
            slope = -float(growing @ paying_all) / rich_weight
        self.offers[item] = Offer(price, slope, per_point, poor)
        # Rounding must not let a bound fall: it would look like a new, better offer.
        self.bounds[item] = max(self.bounds[item], price * self.per_cost[item])
        self.slopes[item] = slope * self.per_cost[item]

    def _affordable(self, item: int, total: float) -> bool:
        """Exact answer for money that is short of the cost, or as good as equal to it."""
        if total < self.costs[item] * (1 - CLOSE):
            return False
        if self.residues.holds_exactly(item):
            return True
        raise Ambiguous

    def _break_tie(self, best: int, close: list[int]) -> int:
        if not self._all_undivided(close) and len({self._key(item) for item in close}) > 1:
            raise Ambiguous
        rank = min(self.ranks[item] for item in close)
        first = [item for item in close if self.ranks[item] == rank]
        if len(first) > 1:
            raise Tied(tuple(first))
        return first[0]

    def _all_undivided(self, close: list[int]) -> bool:
        """Whether all supporters with money pay the same for each of the items, and the prices are equal.

        The common case of a tie, answered by whole numbers: the price is then the cost shared by those who
        still have money, and those who have spent everything do not count.
        """
        worth = set()
        for item in close:
            offer, support = self.offers[item], self.compiled.support(item)
            near = (offer.money <= offer.price * (1 + CLOSE)) & ~offer.poor
            # Only money that is spent to the last unit does not grow with the endowment.
            if offer.slope or support.total_weight > EXACT_FLOAT or near.any():
                return False
            cost = 1 if self.compiled.utility is Utility.COST else self.compiled.costs[item]
            worth.add(Fraction(cost, support.total_weight - int(support.weight @ offer.poor)))
        return len(worth) == 1

    def _key(self, item: int) -> tuple[int, ...]:
        price = self._settled(item).price
        return self.residues.per_cost(item, price)

    def _settled(self, item: int) -> Settled:
        offer = self.offers[item]
        near = ~offer.poor & (offer.money <= offer.price * (1 + CLOSE))
        settled = self.residues.price(item, offer.poor)
        if near.any() and not self.residues.all_hold(item, near, settled):
            raise Ambiguous
        return settled

    def _charge(self, winner: int) -> None:
        support = self.compiled.support(winner)
        offer = self.offers[winner]
        groups = support.groups
        growth = self.growth.take(groups)
        self._bound_by_others(winner)
        left = offer.money - offer.price
        after = (growth if support.points is None else growth / support.points) - offer.slope
        (rising,) = (offer.poor & (after > 0)).nonzero()
        if len(rising):
            # The first poor supporter who could pay the price makes this run a different one.
            gap = offer.price * (1 - MARGIN) - offer.money.take(rising)
            self._reach_at_most(float((gap / after.take(rising)).min()))
        spent = left <= CLOSE * offer.price
        # Who pays all is among them.
        if found := np.count_nonzero(spent):
            if found > np.count_nonzero(offer.poor):
                self._settled(winner)
            left[spent] = 0.0
            after[offer.poor] = 0.0
        self.money[groups] = left if support.points is None else left * support.points
        self.growth[groups] = after if support.points is None else after * support.points
        self.residues.charged(winner, offer.poor)
        self.bounds[winner] = inf
        self.offers.clear()

    def _bound_by_others(self, winner: int) -> None:
        key = self.offers[winner].price * self.per_cost[winner]
        slope = self.slopes[winner]
        closing = slope - self.slopes + MARGIN * (abs(slope) + np.abs(self.slopes))
        closing[winner] = 0.0
        (others,) = (closing > 0).nonzero()
        if len(others):
            # What nobody can afford any more has a bound without end, and stays there.
            ahead = self.bounds.take(others) - key * (1 + MARGIN)
            self._reach_at_most(float((ahead / closing.take(others)).min()))


def run_at(compiled: Compiled, ranks: tuple[int, ...], endowment: Fraction) -> tuple[int, ...]:
    """The order of one run, by fractions alone where floats cannot decide it. Raises Tied."""
    try:
        return Runner(compiled, ranks).run(endowment).order
    except (Ambiguous, Indivisible):
        return run_exactly(compiled, ranks, endowment)
