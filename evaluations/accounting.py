"""What attempts cost: device time, euro and energy, each with how well it is known. Reads rows, writes none.

Definitions, each written once:

- A *device* is one GPU, or one machine of a class without GPUs. Device seconds are the engine's GPU seconds, or the
  attempt's seconds in a class without GPUs. Failed, killed and preempted attempts count like any other.
- Cost is device seconds × the price of an hour that held on the day the attempt started / 3600, rounded to the cent
  per attempt. Without a price of that day it is unknown and counted as such, never as nothing.
- Energy is what the engine measured; else watts of the class × device seconds, marked *estimated*; else unknown.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    DateField,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Round, TruncDate, TruncMonth

from evaluations.models import Attempt, GpuPrice

SECONDS_PER_HOUR = 3600
JOULES_PER_KWH = 3_600_000


class Mark(StrEnum):
    """How well a figure is known."""

    MEASURED = "measured"
    ESTIMATED = "estimated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Usage:
    """What some attempts used together. `cents` and `joules` are sums of what is known of them.

    `unpriced` and `without_energy` count the attempts of which nothing is known; `estimated_time` those whose end
    nobody reported, `estimated_energy` those whose energy is watts × time.
    """

    attempts: int = 0
    device_seconds: float = 0.0
    gpu_seconds: float = 0.0
    cents: int = 0
    joules: float = 0.0
    unpriced: int = 0
    estimated_time: int = 0
    estimated_energy: int = 0
    without_energy: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    @property
    def gpu_hours(self) -> float:
        return self.gpu_seconds / SECONDS_PER_HOUR

    @property
    def kwh(self) -> float | None:
        """None where no attempt's energy is known."""
        return None if self.energy_mark == Mark.UNKNOWN else self.joules / JOULES_PER_KWH

    @property
    def time_mark(self) -> Mark:
        return Mark.ESTIMATED if self.estimated_time else Mark.MEASURED

    @property
    def cost_mark(self) -> Mark:
        """Unknown where nothing has a price; estimated where a part has none, or its time is not measured."""
        if self.attempts and self.unpriced == self.attempts:
            return Mark.UNKNOWN
        return Mark.ESTIMATED if self.unpriced or self.estimated_time else Mark.MEASURED

    @property
    def known_cents(self) -> int | None:
        """None where nothing has a price."""
        return None if self.cost_mark == Mark.UNKNOWN else self.cents

    @property
    def energy_mark(self) -> Mark:
        if self.attempts and self.without_energy == self.attempts:
            return Mark.UNKNOWN
        return Mark.ESTIMATED if self.estimated_energy or self.without_energy else Mark.MEASURED


def with_cost(attempts: QuerySet[Attempt]) -> QuerySet[Attempt]:
    """Adds `day`, `device_seconds`, `price` (cents an hour), `cents` and `joules`; None is unknown."""
    on_that_day = GpuPrice.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gte=OuterRef("day")),
        gpu_class=OuterRef("run__gpu_class"),
        valid_from__lte=OuterRef("day"),
    )
    return attempts.annotate(
        day=Coalesce(TruncDate("started_at"), TruncDate("run__created_at"), output_field=DateField()),
        device_seconds=Case(When(run__gpu_class__most_gpus=0, then=F("seconds")), default=F("gpu_seconds")),
        price=Subquery(on_that_day.values("cents_per_hour")[:1]),
        cents=Cast(
            Round(F("device_seconds") * F("price") / Value(float(SECONDS_PER_HOUR))), BigIntegerField()
        ),
        joules=Coalesce(
            F("energy_joules"),
            F("run__gpu_class__watts") * F("device_seconds"),
            output_field=FloatField(),
        ),
    )


_SUMS = {
    "sum_attempts": Count("pk"),
    "sum_device": Sum("device_seconds"),
    "sum_gpu": Sum("gpu_seconds"),
    "sum_cents": Sum("cents"),
    "sum_joules": Sum("joules"),
    "sum_unpriced": Count("pk", filter=Q(price__isnull=True)),
    "sum_estimated_time": Count("pk", filter=Q(is_measured=False)),
    "sum_estimated_energy": Count("pk", filter=Q(energy_joules__isnull=True, joules__isnull=False)),
    "sum_without_energy": Count("pk", filter=Q(joules__isnull=True)),
}


def _usage(row: dict[str, Any]) -> Usage:
    return Usage(
        attempts=row["sum_attempts"],
        device_seconds=row["sum_device"] or 0.0,
        gpu_seconds=row["sum_gpu"] or 0.0,
        cents=row["sum_cents"] or 0,
        joules=row["sum_joules"] or 0.0,
        unpriced=row["sum_unpriced"],
        estimated_time=row["sum_estimated_time"],
        estimated_energy=row["sum_estimated_energy"],
        without_energy=row["sum_without_energy"],
    )


def total(attempts: QuerySet[Attempt]) -> Usage:
    """Everything that these attempts used. One statement."""
    return _usage(with_cost(attempts).aggregate(**_SUMS))


def grouped(attempts: QuerySet[Attempt], *by: str) -> list[tuple[tuple[Any, ...], Usage]]:
    """Usage per combination of the columns `by`, in their order; `month` is the first day of the attempt's. One statement."""
    rows = (
        with_cost(attempts)
        .annotate(month=TruncMonth("day", output_field=DateField()))
        .order_by(*by)
        .values(*by)
        .annotate(**_SUMS)
    )
    return [(tuple(row[name] for name in by), _usage(row)) for row in rows]


def in_days(attempts: QuerySet[Attempt], since: date, until: date) -> QuerySet[Attempt]:
    """Those that started between the two days, both included."""
    return attempts.annotate(
        started_day=Coalesce(TruncDate("started_at"), TruncDate("run__created_at"), output_field=DateField())
    ).filter(started_day__gte=since, started_day__lte=until)


def sum_of(usages: Iterable[Usage]) -> Usage:
    return sum(usages, Usage())
