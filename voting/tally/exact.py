"""The kept run once more, in true fractions: exact prices, exact payments, exact money left."""

from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np

from voting.tally.compiled import Compiled, Ints
from voting.tally.election import TallyError, Utility

# Supporters of an item that hold the same amount (by its number) and give the same points: their groups, and how many
# voters they are.
type Classes = dict[tuple[int, int], tuple[Ints, int]]


class Tied(Exception):
    """Items that the order of ties does not separate."""

    def __init__(self, items: tuple[int, ...]) -> None:
        self.items = items


@dataclass(frozen=True, slots=True)
class Charge:
    """What one funded item cost whom. `price` is per point; `paid` maps a group to each member's payment."""

    item: int
    price: Fraction
    payers: int
    paid_in_full: int
    paid: dict[int, Fraction]


class Ledger:
    """Money per group. Groups with the same history share one class, so few fractions are ever computed."""

    def __init__(self, compiled: Compiled, endowment: Fraction) -> None:
        self.compiled = compiled
        self._amounts = [Fraction(0), endowment]
        self._class_of: Ints = np.ones(compiled.group_count, dtype=np.int64)
        self._whole: tuple[dict[int, int], int] | None = None

    def charge(self, item: int) -> Charge:
        """Let the supporters pay for the item at the lowest equal price. Raises TallyError if they cannot."""
        classes = self._by_class(item)
        price = self._price(item, classes)
        paid: dict[int, Fraction] = {}
        payers = paid_in_full = 0
        for (old, points), (groups, voters) in classes.items():
            held, due = self._amounts[old], price * points
            payment = min(held, due)
            if held > due:
                self._amounts.append(held - due)
                new = len(self._amounts) - 1
            else:
                new = 0
            self._class_of[groups] = new
            paid |= dict.fromkeys(groups.tolist(), payment)
            payers += voters if payment else 0
            paid_in_full += voters if payment == due else 0
        self._whole = None
        return Charge(item, price, payers, paid_in_full, paid)

    def price(self, item: int) -> Fraction | None:
        """The lowest equal price per point, or None when the supporters cannot pay."""
        if self.money_behind(item) < self.compiled.costs[item]:
            return None
        return self._price(item, self._by_class(item))

    def held(self, group: int) -> Fraction:
        """What each member of the group holds now (in fine units)."""
        return self._amounts[self._class_of[group]]

    def money_behind(self, item: int) -> Fraction:
        """What the supporters of the item hold together now (in fine units)."""
        support = self.compiled.supports[item]
        if support is None:
            return Fraction(0)
        voters = np.bincount(self._class_of[support.groups], weights=support.voters)
        classes = np.flatnonzero(voters)
        whole, unit = self._whole_amounts()
        pairs = zip(classes.tolist(), voters[classes].tolist(), strict=True)
        return Fraction(sum(whole[held] * int(n) for held, n in pairs), unit)

    def _whole_amounts(self) -> tuple[dict[int, int], int]:
        """What every class holds now, as multiples of one fraction of a unit: sums of them need far less time."""
        if self._whole is None:
            self._whole = self._as_whole(np.flatnonzero(np.bincount(self._class_of)).tolist())
        return self._whole

    def _as_whole(self, classes: list[int]) -> tuple[dict[int, int], int]:
        amounts = {held: self._amounts[held] for held in classes}
        unit = lcm(*(amount.denominator for amount in amounts.values()))
        return {held: each.numerator * (unit // each.denominator) for held, each in amounts.items()}, unit

    def _by_class(self, item: int) -> Classes:
        support = self.compiled.supports[item]
        if support is None:
            return {}
        levels = sorted(set(support.points_given or (1,)))
        keys = self._class_of[support.groups] * len(levels)
        if support.points_given:
            place = {points: number for number, points in enumerate(levels)}
            keys += np.array([place[points] for points in support.points_given])
        order = np.argsort(keys, kind="stable")
        keys, groups, sizes = keys[order], support.groups[order], support.voters[order]
        ends = [*np.flatnonzero(np.diff(keys)) + 1, len(keys)]
        classes: Classes = {}
        for begin, end in zip([0, *ends], ends, strict=False):
            held, level = divmod(int(keys[begin]), len(levels))
            classes[held, levels[level]] = groups[begin:end], int(sizes[begin:end].sum())
        return classes

    def _price(self, item: int, classes: Classes) -> Fraction:
        whole, unit = self._as_whole([held for held, _ in classes])
        divisor = lcm(*(points for _, points in classes))
        missing, weight, tiers = self.compiled.costs[item] * unit * divisor, 0, []
        for (held, points), (_, voters) in classes.items():
            weight += voters * points
            tiers.append((whole[held] * divisor // points, voters, points))
        for per_point, voters, points in sorted(tiers):
            if missing <= per_point * weight:
                return Fraction(missing, weight * unit * divisor)
            missing -= per_point * points * voters
            weight -= voters * points
        raise TallyError(f"item {self.compiled.election.items[item].id} is not affordable")


def charges(compiled: Compiled, order: tuple[int, ...], endowment: Fraction) -> tuple[list[Charge], Ledger]:
    """Charge the items in order, `endowment` fine units per voter."""
    ledger = Ledger(compiled, endowment)
    return [ledger.charge(item) for item in order], ledger


def run_exactly(compiled: Compiled, ranks: tuple[int, ...], endowment: Fraction) -> tuple[int, ...]:
    """The order of one run, decided by fractions alone. Slow; for the rare run that floats cannot decide."""
    ledger = Ledger(compiled, endowment)
    open_items = {item for item, votes in enumerate(compiled.votes) if votes}
    order: list[int] = []
    while True:
        prices = {item: ledger.price(item) for item in open_items}
        keys = {
            item: price / compiled.costs[item] if compiled.utility is Utility.COST else price
            for item, price in prices.items()
            if price is not None
        }
        if not keys:
            return tuple(order)
        lowest = min(keys.values())
        tied = [item for item, key in keys.items() if key == lowest]
        rank = min(ranks[item] for item in tied)
        first = sorted(item for item in tied if ranks[item] == rank)
        if len(first) > 1:
            raise Tied(tuple(first))
        ledger.charge(first[0])
        order.append(first[0])
        # Money only shrinks, so what cannot be paid now can never be paid in this run.
        open_items = set(keys) - {first[0]}
