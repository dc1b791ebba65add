"""The count as it is told to people: who could spend what, what was bought in which step, and why it ended there."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from voting.models import Result, ResultItem, Round, RoundItem, TrackResult

# Steps that are read at once; the others open on demand.
FIRST_STEPS = 5


@dataclass(frozen=True)
class WalkStep:
    """One purchase. `full` voters pay `price`, `poorer` have less left and pay all of it, `broke` have nothing left.

    `left` is what remains of the budget afterwards; `tied` are the items that could be had at the same price.
    """

    row: ResultItem
    price: Fraction
    full: int
    poorer: int
    broke: int
    left: int
    tied: list[RoundItem]

    @property
    def part(self) -> Fraction:
        """Which percentage of the cost the price is."""
        return self.price * 100 / self.row.item.cost


@dataclass(frozen=True)
class Walk:
    """One election. Amounts are in the unit of the round.

    `even` is the budget divided by the voters, None where nobody voted; `share` what each held in the count that
    decides. `next_share` is the first one that overspends, by `over`: it would also buy `more` and no longer buy `less`.
    """

    part: TrackResult | None
    budget: int
    voters: int
    even: Fraction | None
    share: Fraction | None
    steps: list[WalkStep]
    left: int
    next_share: Fraction | None
    next_cost: int
    more: list[RoundItem]
    less: list[RoundItem]

    @property
    def first(self) -> list[WalkStep]:
        return self.steps[:FIRST_STEPS]

    @property
    def rest(self) -> list[WalkStep]:
        return self.steps[FIRST_STEPS:]

    @property
    def is_raised(self) -> bool:
        return self.share != self.even

    @property
    def over(self) -> int:
        return self.next_cost - self.budget


def walks(voting_round: Round, result: Result, items: Sequence[ResultItem]) -> list[Walk]:
    """One for each election, tracks by their short name; needs no statement. `result.walk` must not be None.

    `items` with `item` and `part.track` loaded, funded ones in the order of funding.
    """
    parts = {row.part.track.code: row.part for row in items if row.part}
    told = []
    assert result.walk is not None
    for told_of in result.walk:
        part = parts[told_of["track"]] if told_of["track"] else None
        rows = [row for row in items if row.part == part]
        told.append(_walk(voting_round, result, part, rows, told_of))
    return told


def _walk(
    voting_round: Round,
    result: Result,
    part: TrackResult | None,
    rows: Sequence[ResultItem],
    told: dict[str, Any],
) -> Walk:
    budget = part.track.budget if part else voting_round.budget
    counted = part or result
    items = {row.item.code: row.item for row in rows}
    ties = {tie["item"]: [items[code] for code in tie["others"]] for tie in told["ties"]}
    left = budget
    steps = []
    for row in rows:
        if row.step is None:
            continue
        left -= row.item.cost
        full, payers = told["full"][row.item.code], row.payers or 0
        steps.append(
            WalkStep(
                row=row,
                price=Fraction(row.price),
                full=full,
                poorer=payers - full,
                broke=row.votes - payers,
                left=left,
                tied=ties.get(row.item.code, []),
            )
        )
    bought = {step.row.item.code for step in steps}
    refused = told["refused"] or {"share": None, "items": []}
    would = [items[code] for code in refused["items"]]
    return Walk(
        part=part,
        budget=budget,
        voters=counted.voters,
        even=Fraction(budget, counted.voters) if counted.voters else None,
        share=Fraction(counted.endowment) if counted.endowment else None,
        steps=steps,
        left=left,
        next_share=Fraction(refused["share"]) if refused["share"] else None,
        next_cost=sum(item.cost for item in would),
        more=[item for item in would if item.code not in bought],
        less=[step.row.item for step in steps if step.row.item.code not in set(refused["items"])]
        if would
        else [],
    )
