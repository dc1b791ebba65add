"""Where an award stands on a day: reads the plan and the entries and hands them to `funding.budget`."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, ExtractYear

from funding.budget import Amounts, Budget, assemble, share_bp
from funding.models import (
    Award,
    BudgetLine,
    Entry,
    FinancePlanVersion,
    PlannedAmount,
    RulePackVersion,
    Source,
)
from funding.models.plan import PUBLIC_SOURCES

type Cents = dict[int, int]

# Used where the rule pack of an award has no version yet on the day asked for: nothing may be exceeded.
STRICT_TOLERANCE_BP = 0


def budget_of(award: Award, as_of: date) -> Budget:
    """The budget of `award` with everything booked or decided up to `as_of`, that day included.

    Three statements, whatever the number of positions and entries.
    """
    planned, approved, years, sources = _plans(award, as_of)
    expected: dict[int, int] = defaultdict(int)
    committed: dict[int, int] = defaultdict(int)
    spent: dict[int, int] = defaultdict(int)
    in_kind: dict[int, int] = defaultdict(int)
    spent_in: dict[int, int] = defaultdict(int)
    for line, kind, year, settling, cents in _sums(award, as_of):
        match kind:
            case Entry.Kind.PLAN:
                expected[line] += cents
            case Entry.Kind.COMMITMENT:
                committed[line] += cents
            case Entry.Kind.IN_KIND:
                in_kind[line] += cents
            case Entry.Kind.ACTUAL:
                spent[line] += cents
                spent_in[year] += cents
                if settling:
                    committed[line] -= cents
    rules = RulePackVersion.objects.filter(pack=award.rule_pack_id, valid_from__lte=as_of)
    tolerance_now = Subquery(rules.order_by("-valid_from").values("line_tolerance_bp")[:1])
    rows = list(
        BudgetLine.objects.filter(award=award)
        .order_by("position", "pk")
        .values_list("pk", "position", "label", Coalesce(tolerance_now, STRICT_TOLERANCE_BP))
    )
    lines = [(pk, position, label) for pk, position, label, _tolerance in rows]
    tolerance = rows[0][3] if rows else STRICT_TOLERANCE_BP
    amounts = {
        pk: Amounts(planned[pk], approved[pk], expected[pk], committed[pk], spent[pk], in_kind[pk])
        for pk, _, _ in lines
    }
    return Budget(
        positions=assemble(lines, amounts, tolerance),
        tolerance_bp=tolerance,
        years={year: (years[year], spent_in[year]) for year in sorted({*years, *spent_in})},
        sources=sources,
    )


def _sums(award: Award, as_of: date) -> QuerySet[Entry, Any]:
    """Rows of (line, kind, year, settles a commitment?, sum of cents)."""
    return (
        Entry.objects.filter(award=award)
        .filter(
            Q(booked_on__gt=as_of, kind=Entry.Kind.PLAN) | Q(~Q(kind=Entry.Kind.PLAN), booked_on__lte=as_of)
        )
        .order_by()
        .values_list(
            "line_id",
            "kind",
            ExtractYear("booked_on"),
            ExpressionWrapper(Q(settles__isnull=False), BooleanField()),
        )
        .annotate(cents=Sum("amount_cents"))
    )


def _plans(award: Award, as_of: date) -> tuple[Cents, Cents, Cents, dict[str, int]]:
    """Cents per line of the newest plan and of the plan in force; cents per year and per source of the latter."""
    planned: dict[int, int] = defaultdict(int)
    approved: dict[int, int] = defaultdict(int)
    years: dict[int, int] = defaultdict(int)
    sources = dict.fromkeys(Source.values, 0)
    statuses = FinancePlanVersion.Status
    rows = list(
        PlannedAmount.objects.filter(version__award=award)
        .exclude(version__status=statuses.SCENARIO)
        .filter(Q(version__decided_on__lte=as_of) | Q(version__submitted_on__lte=as_of))
        .values_list(
            "version__number",
            "version__decided_on",
            "line_id",
            "year",
            "amount_cents",
            *(f"{source}_cents" for source in Source.values),
        )
    )
    newest = max((row[0] for row in rows), default=None)
    decided = [(row[1], row[0]) for row in rows if row[1] and row[1] <= as_of]
    in_force = max(decided)[1] if decided else None
    for number, _, line, year, cents, *split in rows:
        if number == newest:
            planned[line] += cents
        if number == in_force:
            approved[line] += cents
            years[year] += cents
            for source, part in zip(Source.values, split, strict=True):
                sources[source] += part
    return planned, approved, years, sources


def spent_by_award(awards: Iterable[Award], as_of: date) -> dict[int, int]:
    """Payments up to `as_of` in cents, per key of an award; 0 where there are none. One statement."""
    spent = dict.fromkeys((award.pk for award in awards), 0)
    sums = Entry.objects.filter(award__in=spent, kind=Entry.Kind.ACTUAL, booked_on__lte=as_of)
    return spent | dict(sums.order_by().values_list("award").annotate(cents=Sum("amount_cents")))


@dataclass(frozen=True, slots=True)
class PlanTotal:
    """A version of a finance plan with its sum and the share that public money has in it."""

    version: FinancePlanVersion
    total_cents: int
    public_cents: int

    @property
    def rate_bp(self) -> int | None:
        return share_bp(self.public_cents, self.total_cents)


def plan_totals(award: Award) -> list[PlanTotal]:
    """Every version of the plan, scenarios included, in the order they were made. One statement."""
    public = sum((F(f"amounts__{source}_cents") for source in PUBLIC_SOURCES), Value(0))
    versions = award.plan_versions.annotate(
        total=Coalesce(Sum("amounts__amount_cents"), Value(0)),
        public=Coalesce(Sum(public), Value(0)),
    ).order_by("number")
    return [PlanTotal(version, version.total, version.public) for version in versions]
