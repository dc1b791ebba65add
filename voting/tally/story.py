"""What people ask about the run that decides: which offers were equal, and why no larger share was taken."""

from dataclasses import dataclass
from fractions import Fraction
from math import floor

from voting.tally.compiled import compile_election
from voting.tally.election import Election, Utility
from voting.tally.exact import Ledger
from voting.tally.fast import run_at
from voting.tally.result import Result
from voting.tally.rules import Rule, ranks_by_standard


@dataclass(frozen=True, slots=True)
class Tie:
    """When `item` was bought, `others` could be had at the same price; the order of ties decided."""

    item: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """The first share that overspends (an exact rational as text), and what it would buy, in order."""

    share: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """`ties` in the order of the steps; `refused` is None where every item with a supporter is bought."""

    ties: tuple[Tie, ...]
    refused: Refused | None


def tell(election: Election, result: Result) -> Story:
    """The story of a result of `equalshares/add1`. Raises ValueError for other rules."""
    if result.rule != Rule.ADD1:
        raise ValueError(f"no story is told of {result.rule}")
    return Story(ties(election, result), refused(election, result))


def ties(election: Election, result: Result) -> tuple[Tie, ...]:
    """Equal offers, compared as exact rationals.

    An item whose last known offer was already worse is not priced again: while money is only spent, none gets better.
    """
    if result.endowment is None:
        return ()
    compiled = compile_election(election, Utility(result.utility))
    index = {item.id: place for place, item in enumerate(election.items)}
    ledger = Ledger(compiled, Fraction(result.endowment) * compiled.scale)

    def offer(item: int) -> Fraction | None:
        price = ledger.price(item)
        if price is None or compiled.utility is not Utility.COST:
            return price
        return price / compiled.costs[item]

    bounds = {item: Fraction(0) for item, votes in enumerate(compiled.votes) if votes}
    found = []
    for step in result.steps:
        bought = index[step.item]
        del bounds[bought]
        best = offer(bought)
        assert best is not None
        equal = []
        for item in [item for item, bound in bounds.items() if bound <= best]:
            offered = offer(item)
            if offered is None:
                del bounds[item]
                continue
            bounds[item] = offered
            if offered == best:
                equal.append(election.items[item].id)
        if equal:
            found.append(Tie(step.item, tuple(sorted(equal))))
        ledger.charge(bought)
    return tuple(found)


def refused(election: Election, result: Result) -> Refused | None:
    """The first run that overspends; None where no run does."""
    if result.endowment is None or result.runs < 2:
        return None
    compiled = compile_election(election, Utility(result.utility))
    share = Fraction(compiled.budget, len(election.ballots))
    base = floor(share / compiled.scale) * compiled.scale
    endowment = Fraction(base + (result.runs - 1) * compiled.scale)
    order = run_at(compiled, ranks_by_standard(compiled), endowment)
    if sum(compiled.costs[item] for item in order) <= compiled.budget:
        return None
    return Refused(str(endowment / compiled.scale), tuple(election.items[item].id for item in order))
