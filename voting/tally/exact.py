"""The kept run once more, in true fractions: exact prices, exact payments, exact money left."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from voting.tally.compiled import Compiled
from voting.tally.election import TallyError, Utility


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
        self._class_of = [1] * compiled.group_count

    def charge(self, item: int) -> Charge:
        """Let the supporters pay for the item at the lowest equal price. Raises TallyError if they cannot."""
        classes = self._by_class(item)
        price = self._price(item, classes)
        paid: dict[int, Fraction] = {}
        payers = paid_in_full = 0
        for (old, points), members in classes.items():
            held, due = self._amounts[old], price * points
            payment = min(held, due)
            if held > due:
                self._amounts.append(held - due)
                new = len(self._amounts) - 1
            else:
                new = 0
            for group, _ in members:
                self._class_of[group] = new
                paid[group] = payment
            voters = sum(size for _, size in members)
            payers += voters if payment else 0
            paid_in_full += voters if payment == due else 0
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
        counts: defaultdict[int, int] = defaultdict(int)
        for (held, _), members in self._by_class(item).items():
            counts[held] += sum(voters for _, voters in members)
        return sum((self._amounts[held] * voters for held, voters in counts.items()), Fraction(0))

    def _by_class(self, item: int) -> dict[tuple[int, int], list[tuple[int, int]]]:
        support = self.compiled.supports[item]
        classes: defaultdict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        if support is not None:
            groups = support.groups.tolist()
            given: Iterable[int] = support.points_given or (1,) * len(groups)
            sizes = support.voters.astype(int).tolist()
            for group, voters, points in zip(groups, sizes, given, strict=True):
                classes[self._class_of[group], points].append((group, voters))
        return classes

    def _price(self, item: int, classes: dict[tuple[int, int], list[tuple[int, int]]]) -> Fraction:
        missing = Fraction(self.compiled.costs[item])
        weight = 0
        tiers = []
        for (held, points), members in classes.items():
            voters = sum(size for _, size in members)
            weight += voters * points
            tiers.append((self._amounts[held] / points, voters, points))
        for per_point, voters, points in sorted(tiers):
            if missing <= per_point * weight:
                return missing / weight
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
