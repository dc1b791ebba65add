"""The rules, pinned by execution.

`equalshares/add1`: Equal Shares with B/n per voter, then floor(B/n)+1, +2, ... budget units, and no stop when
the outcome is exhaustive; the last run that does not overspend is the result. Ties: lower cost, then more
votes, then the declared lot order, else TieUnresolved. This is what pabulib-checker recomputes for
`rule;equalshares/add1`. Once every supported item is funded more money changes nothing, and the rule ends.

`add1u`: B/n, then B/n+1, +2, ... units; ends with the first exhaustive run; then the rest of the budget is
given by votes (utility per cost), skipping what does not fit. Ties: by item id. This is pabutools' Add1U.

`greedy`: most utility per cost first (for cost utility: most votes), skipping what does not fit. For comparison.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import floor, inf

from voting.tally.compiled import Compiled, compile_election
from voting.tally.election import Election, TieUnresolved, TooManyRuns, Utility
from voting.tally.exact import Charge, Tied, charges, run_exactly
from voting.tally.fast import Ambiguous, Run, Runner
from voting.tally.residues import Indivisible
from voting.tally.result import Remainder, Result, Step

# Runs that are really computed. The largest known public election needs about 150,000 when none is skipped.
MAX_RUNS = 200_000


class Rule(StrEnum):
    """The rule ids as they stand in results and files."""

    ADD1 = "equalshares/add1"
    ADD1U = "add1u"
    GREEDY = "greedy"


RULES: tuple[str, ...] = tuple(Rule)


@dataclass(frozen=True, slots=True)
class Kept:
    """The run that counts, at `endowment` fine units per voter, and how many endowments were asked about."""

    order: tuple[int, ...]
    endowment: Fraction
    runs: int


def tally(election: Election, rule: str = Rule.ADD1, utility: str = Utility.COST) -> Result:
    """The result of the rule. Raises TieUnresolved or TooManyRuns; ValueError for an unknown name."""
    chosen, worth = Rule(rule), Utility(utility)
    compiled = compile_election(election, worth)
    if chosen is Rule.GREEDY:
        return _result(compiled, chosen, None, greedy(compiled, ranks_by_standard(compiled)))
    if not compiled.voters:
        return _result(compiled, chosen, None, ())
    if chosen is Rule.ADD1:
        kept = _Add1(compiled, ranks_by_standard(compiled)).last_within_budget()
        return _result(compiled, chosen, kept, ())
    ranks = ranks_by_id(compiled)
    kept = _Add1(compiled, ranks).first_exhaustive()
    return _result(compiled, chosen, kept, greedy(compiled, ranks, kept.order))


def payments(election: Election, result: Result) -> dict[str, list[tuple[str, str]]]:
    """Per voter the items paid for, in order, with the exact amount in budget units as text."""
    paid: dict[str, list[tuple[str, str]]] = {ballot.voter: [] for ballot in election.ballots}
    if result.endowment is None:
        return paid
    compiled = compile_election(election, Utility(result.utility))
    index = {item.id: position for position, item in enumerate(election.items)}
    order = tuple(index[step.item] for step in result.steps)
    made, _ = charges(compiled, order, Fraction(result.endowment) * compiled.scale)
    for charge in made:
        id = election.items[charge.item].id
        for ballot in election.ballots:
            amount = charge.paid.get(compiled.group_of[ballot.items, ballot.points])
            if amount:
                paid[ballot.voter].append((id, str(amount / compiled.scale)))
    return paid


class _Add1:
    """Runs with more and more money, leaving out those that provably repeat the run before."""

    def __init__(self, compiled: Compiled, ranks: tuple[int, ...]) -> None:
        self.compiled = compiled
        self.ranks = ranks
        self.runner = Runner(compiled, ranks)
        self.share = Fraction(compiled.budget, compiled.voters)

    def last_within_budget(self) -> Kept:
        base = floor(self.share / self.compiled.scale) * self.compiled.scale
        return self._search(base, lambda order: False)

    def first_exhaustive(self) -> Kept:
        return self._search(self.share, self._exhaustive)

    def _search(self, base: Fraction | int, stop: Callable[[tuple[int, ...]], bool]) -> Kept:
        """Endowments: the share, then `base` plus 1, 2, ... units."""
        costs, unit = self.compiled.costs, self.compiled.scale
        supported = sum(votes > 0 for votes in self.compiled.votes)
        kept, number, endowment = None, 0, self.share
        for _ in range(MAX_RUNS):
            run = self._run(endowment)
            if sum(costs[item] for item in run.order) > self.compiled.budget:
                # The share itself never overspends: together the voters hold exactly the budget.
                assert kept is not None
                last = Fraction(base + (number - 1) * unit) if number > 1 else self.share
                return Kept(kept.order, last, number + 1)
            kept = run
            if len(run.order) == supported or run.reach == inf or stop(run.order):
                return Kept(run.order, endowment, number + 1)
            same_until = floor((endowment + Fraction(run.reach) - base) / unit)
            number = max(number, same_until) + 1
            endowment = Fraction(base + number * unit)
        raise TooManyRuns(f"no end after {MAX_RUNS} runs: choose a larger unit for the budget")

    def _run(self, endowment: Fraction) -> Run:
        try:
            try:
                return self.runner.run(endowment)
            except (Ambiguous, Indivisible):
                return Run(run_exactly(self.compiled, self.ranks, endowment), reach=0.0)
        except Tied as tie:
            raise self._unresolved(tie.items, endowment) from None

    def _unresolved(self, items: tuple[int, ...], endowment: Fraction) -> TieUnresolved:
        ids = sorted(self.compiled.election.items[item].id for item in items)
        return TieUnresolved(tuple(ids), endowment / self.compiled.scale)

    def _exhaustive(self, order: tuple[int, ...]) -> bool:
        left = self.compiled.budget - sum(self.compiled.costs[item] for item in order)
        funded = set(order)
        return not any(
            votes and cost <= left and item not in funded
            for item, (votes, cost) in enumerate(zip(self.compiled.votes, self.compiled.costs, strict=True))
        )


def ranks_by_standard(compiled: Compiled) -> tuple[int, ...]:
    """Lower cost, more votes, lot order. Items that these do not separate get the same rank."""
    keys = [
        (cost, -votes, item.lot is None, item.lot or 0)
        for item, cost, votes in zip(compiled.election.items, compiled.costs, compiled.votes, strict=True)
    ]
    places = {key: place for place, key in enumerate(sorted(set(keys)))}
    return tuple(places[key] for key in keys)


def ranks_by_id(compiled: Compiled) -> tuple[int, ...]:
    order = sorted(range(len(compiled.costs)), key=lambda item: compiled.election.items[item].id)
    places = {item: place for place, item in enumerate(order)}
    return tuple(places[item] for item in range(len(order)))


def greedy(compiled: Compiled, ranks: tuple[int, ...], funded: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Items that the rest of the budget buys, most utility per cost first; equal ones by rank, then id."""
    left = compiled.budget - sum(compiled.costs[item] for item in funded)

    def density(item: int) -> Fraction:
        support = compiled.supports[item]
        if support is None:
            return Fraction(0)
        return Fraction(support.total_weight, 1 if compiled.utility is Utility.COST else compiled.costs[item])

    items = compiled.election.items
    bought = []
    for item in sorted(range(len(items)), key=lambda item: (-density(item), ranks[item], items[item].id)):
        if item not in funded and compiled.costs[item] <= left:
            bought.append(item)
            left -= compiled.costs[item]
    return tuple(bought)


def _result(compiled: Compiled, rule: Rule, kept: Kept | None, completion: tuple[int, ...]) -> Result:
    items, scale = compiled.election.items, compiled.scale
    made, ledger = charges(compiled, kept.order if kept else (), kept.endowment if kept else Fraction(0))
    funded = {*(charge.item for charge in made), *completion}
    return Result(
        rule=rule.value,
        utility=compiled.utility.value,
        voters=compiled.voters,
        budget=compiled.election.budget,
        spent=sum(items[item].cost for item in funded),
        endowment=str(kept.endowment / scale) if kept else None,
        runs=kept.runs if kept else 0,
        steps=tuple(_step(compiled, charge) for charge in made),
        completion=tuple(items[item].id for item in completion),
        losers=tuple(
            Remainder(item.id, item.cost, compiled.votes[index], str(ledger.money_behind(index) / scale))
            for index, item in enumerate(items)
            if index not in funded
        ),
    )


def _step(compiled: Compiled, charge: Charge) -> Step:
    item = compiled.election.items[charge.item]
    return Step(
        item=item.id,
        cost=item.cost,
        votes=compiled.votes[charge.item],
        price=str(charge.price / compiled.scale),
        payers=charge.payers,
        paid_in_full=charge.paid_in_full,
        effective_votes=str(compiled.costs[charge.item] / charge.price),
    )
