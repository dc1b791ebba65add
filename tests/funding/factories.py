"""An award with a plan, for tests that need one; amounts are small so that sums can be read."""

from datetime import date
from typing import Any

from accounts.models import Organisation, User
from funding import actions
from funding.models import (
    Award,
    BudgetLine,
    Entry,
    FinancePlanVersion,
    PlannedAmount,
    Programme,
    RulePack,
    RulePackVersion,
)


def make_award(
    *, by: User, funder: Organisation, recipient: Organisation, number: int = 1, **changes: Any
) -> Award:
    """90 % of up to 1,800.00 euro, 2026 to 2027, tolerance 20 %; positions 0812 and 0835."""
    pack, _made = RulePack.objects.get_or_create(slug="anbest", defaults={"name": "ANBest"})
    RulePackVersion.objects.get_or_create(
        pack=pack,
        valid_from=date(2020, 1, 1),
        defaults={
            "source": "Test",
            "use_by": 2,
            "use_by_unit": "months",
            "line_tolerance_bp": 2_000,
            "interim_proof_months": 4,
            "final_proof_months": 6,
        },
    )
    programme, _made = Programme.objects.get_or_create(
        slug=f"programm-{funder.slug}",
        defaults={"name": f"Programm {funder}", "funder": funder, "legal_basis": "Gesetz"},
    )
    content = {
        "reference": f"37.01-2026/{number:04}",
        "title": "Aufbau",
        "programme": programme,
        "recipient": recipient,
        "granted_on": date(2025, 12, 1),
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2027, 12, 31),
        "financing": Award.Financing.SHARE,
        "rate_bp": 9_000,
        "maximum_cents": 180_000,
        "rule_pack": pack,
    }
    award = actions.grant_award(by=by, **(content | changes))
    for position, label in (("0812", "Personal"), ("0835", "Aufträge")):
        BudgetLine.objects.create(award=award, position=position, label=label)
    return award


def line(award: Award, position: str = "0812") -> BudgetLine:
    return award.budget_lines.get(position=position)


def make_plan(
    award: Award,
    *,
    by: User,
    amounts: dict[tuple[str, int], int],
    approved_on: date | None = None,
    name: str = "Plan",
) -> FinancePlanVersion:
    """`amounts` maps (position, year) to cents; nine tenths federal, the rest own."""
    version = actions.add_plan_version(by=by, award=award, name=name)
    for (position, year), cents in amounts.items():
        federal = cents * 9 // 10
        PlannedAmount.objects.create(
            version=version,
            line=line(award, position),
            year=year,
            amount_cents=cents,
            federal_cents=federal,
            own_cents=cents - federal,
        )
    if approved_on:
        actions.submit_plan(by=by, version=version, submitted_on=approved_on)
        actions.approve_plan(by=by, version=version, decided_on=approved_on)
    return version


def book(award: Award, *, by: User, cents: int, position: str = "0812", **changes: Any) -> Entry:
    content = {
        "kind": Entry.Kind.ACTUAL,
        "booked_on": date(2026, 3, 1),
        "payee": "Lohnlauf",
        "reason": "März",
    }
    return actions.book_entry(
        by=by, award=award, line=line(award, position), amount_cents=cents, **(content | changes)
    )
