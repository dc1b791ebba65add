"""Why an item was not funded, and the smallest change with which it would have been."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from voting.tally.changes import MOST_WORK, Changes, Smallest
from voting.tally.compiled import compile_election
from voting.tally.election import Election, Utility
from voting.tally.exact import charges
from voting.tally.result import Result
from voting.tally.rules import Rule
from voting.tally.story import refused


class Reason(StrEnum):
    """Why an item lost."""

    NO_SUPPORT = "no_support"
    TOO_DEAR = "too_dear"  # it costs more than the whole budget
    TOO_LITTLE = "too_little"  # even unspent, the shares of its supporters do not reach its cost
    SPENT_ELSEWHERE = "spent_elsewhere"  # they would, but other items were bought with them
    OVERSPENDS = "overspends"  # one unit more per voter buys it, and then the budget does not suffice


@dataclass(frozen=True, slots=True)
class Explanation:
    """One item that was not funded.

    `held` is what its supporters held at first, together; `elsewhere` what they paid for other items, most first
    (exact rationals as text). `supporters` more organisations behind it, or a cost lower by `cheaper` units, would
    have been enough, and one less of either not; None when no number is enough. How they are defined and found:
    `voting.tally.changes`. `counted` is False where the election is too large for that question.
    """

    item: str
    reason: Reason
    held: str
    elsewhere: tuple[tuple[str, str], ...]
    supporters: int | None
    cheaper: int | None
    counted: bool = True


def explain(election: Election, result: Result, *, most_work: int = MOST_WORK) -> tuple[Explanation, ...]:
    """An explanation for each loser of `equalshares/add1`, in the result's order; nothing for other rules.

    A question larger than `most_work` (endowments x voters x losers) gets reasons without numbers.
    """
    if result.rule != Rule.ADD1 or result.endowment is None or not result.losers:
        return ()
    changes = changes_of(election, result)
    smallest = changes.smallest([lost.item for lost in result.losers], most_work)
    elsewhere = _elsewhere(election, result)
    overspending = refused(election, result)
    too_much = set(overspending.items) if overspending else set()
    endowment = Fraction(result.endowment)
    explained = []
    for lost in result.losers:
        held = endowment * lost.votes
        if not lost.votes:
            reason = Reason.NO_SUPPORT
        elif lost.cost > election.budget:
            reason = Reason.TOO_DEAR
        elif lost.item in too_much:
            reason = Reason.OVERSPENDS
        elif held < lost.cost:
            reason = Reason.TOO_LITTLE
        else:
            reason = Reason.SPENT_ELSEWHERE
        found = smallest[lost.item] if smallest else Smallest(None, None)
        explained.append(
            Explanation(
                lost.item,
                reason,
                str(held),
                elsewhere[lost.item],
                found.supporters,
                found.cheaper,
                counted=smallest is not None,
            )
        )
    return tuple(explained)


def changes_of(election: Election, result: Result) -> Changes:
    """The changes that can be asked about a result of `equalshares/add1` with at least one ballot."""
    index = {item.id: place for place, item in enumerate(election.items)}
    assert result.endowment is not None
    scale = compile_election(election, Utility(result.utility)).scale
    return Changes(
        election,
        Utility(result.utility),
        tuple(index[step.item] for step in result.steps),
        Fraction(result.endowment) * scale,
        result.runs,
    )


def _elsewhere(election: Election, result: Result) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Per loser what its supporters paid for other items together, most first."""
    compiled = compile_election(election, Utility(result.utility))
    index = {item.id: place for place, item in enumerate(election.items)}
    assert result.endowment is not None
    endowment = Fraction(result.endowment) * compiled.scale
    made, _ = charges(compiled, tuple(index[step.item] for step in result.steps), endowment)
    found = {}
    for lost in result.losers:
        support = compiled.supports[index[lost.item]]
        sizes = (
            dict(zip(support.groups.tolist(), support.voters.astype(int).tolist(), strict=True))
            if support
            else {}
        )
        paid = []
        for charge in made:
            # Members of many groups paid the same: few products of fractions instead of one per group.
            members: dict[Fraction, int] = {}
            for group in sizes.keys() & charge.paid.keys():
                members[charge.paid[group]] = members.get(charge.paid[group], 0) + sizes[group]
            amount = sum((each * size for each, size in members.items()), Fraction(0))
            if amount:
                paid.append((amount / compiled.scale, election.items[charge.item]))
        paid.sort(key=lambda each: (-each[0], each[1].cost, each[1].id))
        found[lost.item] = tuple((item.id, str(amount)) for amount, item in paid)
    return found
