"""Where an award stands on a day: reads the plan and the entries and hands them to `funding.budget`."""

from collections import defaultdict
from datetime import date

from django.db.models import Q, Sum
from django.db.models.functions import ExtractYear

from funding.budget import Amounts, Budget, assemble
from funding.models import Award, BudgetLine, Entry, FinancePlanVersion, PlannedAmount, Source

# Used where the rule pack of an award has no version yet on the day asked for: nothing may be exceeded.
STRICT_TOLERANCE_BP = 0


def budget_of(award: Award, as_of: date) -> Budget:
    """The budget of `award` with everything booked or decided up to `as_of`, that day included.

    Four statements, whatever the number of positions and entries.
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
    lines = list(BudgetLine.objects.filter(award=award).order_by("position", "pk").values_list("pk", "position", "label"))
    amounts = {
        pk: Amounts(planned[pk], approved[pk], expected[pk], committed[pk], spent[pk], in_kind[pk])
        for pk, _, _ in lines
    }
    tolerance = _tolerance(award, as_of)
    return Budget(
        positions=assemble(lines, amounts, tolerance),
        tolerance_bp=tolerance,
        years={year: (years[year], spent_in[year]) for year in sorted({*years, *spent_in})},
        sources=sources,
    )


def _sums(award: Award, as_of: date):  # type: ignore[no-untyped-def]
    """Rows of (line, kind, year, settles a commitment?, sum of cents)."""
    return (
        Entry.objects.filter(award=award, booked_on__lte=as_of)
        .order_by()
        .values_list(
            "line_id",
            "kind",
            ExtractYear("booked_on"),
            "settles__isnull",
        )
        .annotate(cents=Sum("amount_cents"))
    )


def _plans(award: Award, as_of: date):  # type: ignore[no-untyped-def]
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


def _tolerance(award: Award, as_of: date) -> int:
    rules = award.rule_pack.on(as_of)
    return rules.line_tolerance_bp if rules else STRICT_TOLERANCE_BP
