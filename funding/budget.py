"""The arithmetic of an award: what was planned, what is bound, what is spent. Pure and exact, no database.

Money is whole euro cents, shares are whole basis points (1 % is 100). Definitions, each written once:

- planned: the newest plan that was applied for or approved; approved: the plan in force.
- expected: planned payments that fall due after the day asked for.
- committed: commitments less the payments that settle them; never what was only planned.
- spent: payments, less payments taken back.
- used: committed + spent; remaining: approved − used; share: used / approved, rounded half up.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum


class Alarm(StrEnum):
    """How a position stands to its approved amount."""

    NONE = ""
    WITHIN = "within"
    BEYOND = "beyond"
    UNPLANNED = "unplanned"


@dataclass(frozen=True, slots=True)
class Amounts:
    """Euro cents of one position, or of all of them."""

    planned: int = 0
    approved: int = 0
    expected: int = 0
    committed: int = 0
    spent: int = 0
    in_kind: int = 0

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    @property
    def used(self) -> int:
        return self.committed + self.spent

    @property
    def remaining(self) -> int:
        return self.approved - self.used

    @property
    def share_bp(self) -> int | None:
        """Used in basis points of approved; None where nothing is approved."""
        return share_bp(self.used, self.approved)

    @property
    def exceeded_bp(self) -> int | None:
        """By how much the approved amount is exceeded, in basis points; 0 where it is not."""
        share = self.share_bp
        return None if share is None else max(0, share - 10_000)

    def alarm(self, tolerance_bp: int) -> Alarm:
        """Compared in whole numbers: a cent beyond the tolerance is beyond."""
        if self.used <= self.approved:
            return Alarm.NONE
        if self.approved == 0:
            return Alarm.UNPLANNED
        beyond = self.used * 10_000 > self.approved * (10_000 + tolerance_bp)
        return Alarm.BEYOND if beyond else Alarm.WITHIN


@dataclass(frozen=True, slots=True)
class Position:
    """`pk` is the key of the budget line."""

    pk: int
    position: str
    label: str
    amounts: Amounts
    alarm: Alarm


@dataclass(frozen=True, slots=True)
class Budget:
    """`years` maps a year to (approved, spent); `sources` maps a source to what the plan in force takes from it."""

    positions: tuple[Position, ...]
    tolerance_bp: int
    years: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    sources: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> Amounts:
        return sum((each.amounts for each in self.positions), Amounts())

    @property
    def alarms(self) -> list[Position]:
        return [each for each in self.positions if each.alarm]


def assemble(
    lines: Iterable[tuple[int, str, str]], amounts: Mapping[int, Amounts], tolerance_bp: int
) -> tuple[Position, ...]:
    """Positions in the order of `lines` (key, position, label), with zeros where nothing was booked."""
    positions = []
    for pk, position, label in lines:
        own = amounts.get(pk, Amounts())
        positions.append(Position(pk, position, label, own, own.alarm(tolerance_bp)))
    return tuple(positions)


def share_bp(part: int, whole: int) -> int | None:
    """`part` of `whole` in basis points, rounded half up; None for a whole of zero."""
    return None if whole == 0 else (part * 20_000 + whole) // (2 * whole)


def public_money(financing: str, *, spent: int, rate_bp: int, maximum: int, own_planned: int) -> int:
    """How much of `spent` the grant carries, in cents, never more than `maximum`.

    share: the rate, rounded down in the funder's favour; deficit: what is left after the planned own money;
    fixed: everything up to the maximum.
    """
    match financing:
        case "share":
            carried = spent * rate_bp // 10_000
        case "deficit":
            carried = spent - own_planned
        case "fixed":
            carried = spent
        case _:
            raise ValueError(f"unknown kind of financing: {financing!r}")
    return max(0, min(maximum, carried))
