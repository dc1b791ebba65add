"""The second engine: Equal Shares by the book, in fractions, voter by voter.

It shares no code with the fast engine beyond the election itself and exists to be compared with it. The only
liberty taken: an item whose last known price was already worse than the best offer of this step is not priced
again, because prices never fall while money is only spent.
"""

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from operator import itemgetter

from voting.tally.election import Ballot, Election, Item, Number, TallyError, TieUnresolved, Utility
from voting.tally.result import Result


@dataclass(frozen=True, slots=True)
class Purchase:
    """An item bought: the price (per point) and what every supporter paid for it."""

    item: str
    price: Fraction
    payments: dict[str, Fraction]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The kept run: purchases in order, the endowment of each voter, endowments asked, items added by greedy."""

    purchases: tuple[Purchase, ...]
    endowment: Fraction
    runs: int
    completion: tuple[str, ...] = ()

    @property
    def winners(self) -> tuple[str, ...]:
        return (*(purchase.item for purchase in self.purchases), *self.completion)


class EnginesDisagree(TallyError):
    """The two engines found different results, so there is none."""


def tally(election: Election, rule: str = "equalshares/add1", utility: str = "cost") -> Outcome:
    """`equalshares/add1` or `add1u` by the definitions in `voting.tally.rules`. Raises TieUnresolved."""
    book = _Book(election, Utility(utility), by_id=rule == "add1u")
    if not election.ballots:
        return Outcome((), Fraction(0), 0)
    if rule == "equalshares/add1":
        return book.add1()
    if rule == "add1u":
        return book.add1u()
    raise ValueError(f"the reference engine does not know the rule {rule}")


def confirm(election: Election, result: Result) -> None:
    """Recompute the result from scratch and compare winners, order, prices, payers, endowment and runs.

    Raises EnginesDisagree with the first difference.
    """
    outcome = tally(election, result.rule, result.utility)
    if outcome.winners != result.winners:
        raise EnginesDisagree(f"winners: {result.winners} against {outcome.winners}")
    if result.endowment is None:
        if outcome.runs:
            raise EnginesDisagree("one engine charged voters, the other did not")
        return
    if (Fraction(result.endowment), result.runs) != (outcome.endowment, outcome.runs):
        raise EnginesDisagree(f"endowment {result.endowment} against {outcome.endowment}")
    for step, purchase in zip(result.steps, outcome.purchases, strict=True):
        payers = sum(payment > 0 for payment in purchase.payments.values())
        if (step.item, Fraction(step.price), step.payers) != (purchase.item, purchase.price, payers):
            raise EnginesDisagree(f"{step.item}: {step.price} against {purchase.price}")


class _Book:
    def __init__(self, election: Election, utility: Utility, *, by_id: bool) -> None:
        self.election = election
        self.utility = utility
        self.by_id = by_id
        self.items = {item.id: item for item in election.items}
        self.supporters: dict[str, dict[str, Number]] = {id: {} for id in self.items}
        for ballot in election.ballots:
            for id, points in _points(ballot, utility):
                if points > 0:
                    self.supporters[id][ballot.voter] = points
        self.share = Fraction(election.budget) / max(1, len(election.ballots))

    def add1(self) -> Outcome:
        kept, endowment, runs = self.run(self.share), self.share, 1
        while len(kept) < self.supported():
            larger = floor(self.share) + Fraction(runs)
            attempt = self.run(larger)
            runs += 1
            if self.cost(attempt) > self.election.budget:
                break
            kept, endowment = attempt, larger
        return Outcome(tuple(kept), endowment, runs)

    def add1u(self) -> Outcome:
        kept, endowment, runs = self.run(self.share), self.share, 1
        while not self.exhaustive(kept):
            attempt = self.run(endowment + 1)
            runs += 1
            if self.cost(attempt) > self.election.budget:
                break
            kept, endowment = attempt, endowment + 1
        return Outcome(tuple(kept), endowment, runs, self.completion(kept))

    def supported(self) -> int:
        return sum(1 for voters in self.supporters.values() if voters)

    def cost(self, purchases: list[Purchase]) -> Fraction:
        return sum((Fraction(self.items[purchase.item].cost) for purchase in purchases), Fraction(0))

    def exhaustive(self, purchases: list[Purchase]) -> bool:
        bought = {purchase.item for purchase in purchases}
        left = self.election.budget - self.cost(purchases)
        return not any(
            item.cost <= left and self.supporters[id] and id not in bought for id, item in self.items.items()
        )

    def completion(self, purchases: list[Purchase]) -> tuple[str, ...]:
        left = self.election.budget - self.cost(purchases)
        bought = {purchase.item for purchase in purchases}

        def worth(item: Item) -> Fraction:
            given = Fraction(sum(self.supporters[item.id].values()))
            return given if self.utility is Utility.COST else given / item.cost

        added = []
        for item in sorted(self.election.items, key=lambda item: (-worth(item), item.id)):
            if item.id not in bought and item.cost <= left:
                added.append(item.id)
                left -= Fraction(item.cost)
        return tuple(added)

    def run(self, endowment: Fraction) -> list[Purchase]:
        money = {ballot.voter: endowment for ballot in self.election.ballots}
        worst_case = {id: Fraction(0) for id, voters in self.supporters.items() if voters}
        purchases: list[Purchase] = []
        while True:
            best: list[tuple[str, Fraction]] = []
            lowest: Fraction | None = None
            for id in sorted(worst_case, key=worst_case.__getitem__):
                if lowest is not None and worst_case[id] > lowest:
                    break
                price = self.price(id, money)
                if price is None:
                    del worst_case[id]
                    continue
                key = price / self.items[id].cost if self.utility is Utility.COST else price
                worst_case[id] = key
                if lowest is None or key < lowest:
                    best, lowest = [(id, price)], key
                elif key == lowest:
                    best.append((id, price))
            if not best:
                return purchases
            winner = self.untie([id for id, _ in best], endowment)
            price = dict(best)[winner]
            paid = {
                voter: min(money[voter], price * points) for voter, points in self.supporters[winner].items()
            }
            for voter, payment in paid.items():
                money[voter] -= payment
            purchases.append(Purchase(winner, price, paid))
            del worst_case[winner]

    def price(self, id: str, money: dict[str, Fraction]) -> Fraction | None:
        """The smallest p with: supporters paying min(money, p x points) together pay the cost."""
        cost = Fraction(self.items[id].cost)
        purses: defaultdict[tuple[Fraction, Number], int] = defaultdict(int)
        for voter, points in self.supporters[id].items():
            purses[money[voter], points] += 1
        missing = cost
        weight = sum(points * voters for (_, points), voters in purses.items())
        by_need = [
            (held if points == 1 else held / points, held, points * voters, voters)
            for (held, points), voters in purses.items()
        ]
        for limit, held, share, voters in sorted(by_need, key=itemgetter(0)):
            price = missing / weight
            if price <= limit:
                return price
            missing -= held * voters
            weight -= share
        return None

    def untie(self, ids: list[str], endowment: Fraction) -> str:
        if len(ids) == 1:
            return ids[0]
        if self.by_id:
            return min(ids)
        cheapest = min(self.items[id].cost for id in ids)
        ids = [id for id in ids if self.items[id].cost == cheapest]
        most = max(len(self.supporters[id]) for id in ids)
        ids = [id for id in ids if len(self.supporters[id]) == most]
        lots = {id: lot for id in ids if (lot := self.items[id].lot) is not None}
        if len(ids) == 1:
            return ids[0]
        if lots:
            return min(lots, key=lots.__getitem__)
        raise TieUnresolved(tuple(sorted(ids)), endowment)


def _points(ballot: Ballot, utility: Utility) -> list[tuple[str, Number]]:
    given = ballot.points or (1,) * len(ballot.items)
    if utility is Utility.POINTS:
        return list(zip(ballot.items, given, strict=True))
    return [(id, 1 if points > 0 else 0) for id, points in zip(ballot.items, given, strict=True)]
