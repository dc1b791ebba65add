"""The result as people read it: rounded amounts, shares, and what was missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from voting.models import Result, ResultItem, RoundItem


@dataclass(frozen=True)
class Row:
    """One item. `support` is the effective support in percent of the voters: the money it found, measured in votes."""

    row: ResultItem
    price: Fraction | None
    support: Fraction | None
    money_left: Fraction | None
    missing: Fraction | None
    reason: str = ""
    elsewhere: tuple[tuple[str, Fraction], ...] = ()
    supporters: int | None = None
    cheaper: int | None = None


# Where the money of a loser's supporters went: the items with the largest amounts say it.
MOST_ELSEWHERE = 3


@dataclass(frozen=True)
class Compared:
    """One way to count the same ballots."""

    is_the_rule: bool
    funded: int
    spent: int
    served: int
    served_percent: int
    alone: list[RoundItem]


def percent(part: int, whole: int) -> int:
    """Rounded to the nearest whole number, halves up; 0 of nothing."""
    return (200 * part + whole) // (2 * whole) if whole else 0


def outcome_rows(result: Result, items: Sequence[ResultItem]) -> list[Row]:
    """Funded items in the order of funding, then the others by votes."""
    titles = {each.item.code: each.item.title for each in items}
    return [_row(each, result, titles) for each in items]


def comparison(result: Result, items: Sequence[ResultItem]) -> list[Compared]:
    """The rule of the round beside "most votes first"."""
    ways = [(True, "won", "won_greedy", result.served), (False, "won_greedy", "won", result.served_greedy)]
    compared = []
    for is_the_rule, here, there, served in ways:
        funded = [each for each in items if getattr(each, here)]
        compared.append(
            Compared(
                is_the_rule=is_the_rule,
                funded=len(funded),
                spent=sum(each.item.cost for each in funded),
                served=served,
                served_percent=percent(served, result.voters),
                alone=[each.item for each in funded if not getattr(each, there)],
            )
        )
    return compared


def _row(each: ResultItem, result: Result, titles: Mapping[str, str]) -> Row:
    support = Fraction(each.effective_votes) * 100 / result.voters if each.effective_votes else None
    left = Fraction(each.money_left) if each.money_left else None
    missing = None
    if left is not None and not each.won:
        missing = max(each.item.cost - left, Fraction(0))
    price = Fraction(each.price) if each.price else None
    why = each.explanation
    if not why:
        return Row(each, price, support, left, missing)
    elsewhere = tuple((titles[code], Fraction(amount)) for code, amount in why["elsewhere"][:MOST_ELSEWHERE])
    return Row(
        each, price, support, left, missing, why["reason"], elsewhere, why["supporters"], why["cheaper"]
    )
