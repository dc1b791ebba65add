from datetime import date

import pytest
from django.urls import reverse

from funding.models import Award, FinancePlanVersion, RulePack

from .factories import book, line, make_plan


def inline(prefix, rows=()):
    total = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
    return total | {
        f"{prefix}-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()
    }


def test_finance_records_an_award_with_its_positions(client, petra, award, cesai):
    client.force_login(petra)
    data = {
        "reference": "37.01/77",
        "title": "Zweite Stufe",
        "programme": award.programme.pk,
        "recipient": cesai.pk,
        "granted_on": "2026-02-01",
        "starts_on": "2026-03-01",
        "ends_on": "2028-02-28",
        "financing": "share",
        "rate_bp": 9000,
        "maximum_cents": 100_000,
        "rule_pack": RulePack.objects.get().pk,
    }
    rows = inline("budget_lines", [{"position": "0812", "label": "Personal"}])
    response = client.post(reverse("admin:funding_award_add"), data | rows)
    assert response.status_code == 302, response.context["adminform"].form.errors
    made = Award.objects.get(reference="37.01/77")
    assert made.code.startswith("ZW-")
    assert made.budget_lines.get().position == "0812"


def test_a_wrong_award_is_answered_in_the_admin(client, petra, award):
    client.force_login(petra)
    data = {"reference": award.reference, "ends_on": "2020-01-01"} | inline("budget_lines")
    response = client.post(reverse("admin:funding_award_add"), data)
    assert response.status_code == 200
    assert response.context["adminform"].form.errors
    assert Award.objects.count() == 1


@pytest.mark.parametrize("name", ["mira", "anke"])
def test_readers_change_nothing(client, award, request, name):
    client.force_login(request.getfixturevalue(name))
    assert client.get(reverse("admin:funding_award_change", args=[award.pk])).status_code == 200
    assert client.get(reverse("admin:funding_award_add")).status_code == 403
    assert client.post(reverse("admin:funding_award_change", args=[award.pk]), {}).status_code == 403


def test_finance_makes_a_plan_and_moves_it_to_approved(client, petra, award):
    client.force_login(petra)
    add = {"award": award.pk, "name": "Änderung", "note": ""}
    assert (
        client.post(reverse("admin:funding_financeplanversion_add"), add | inline("amounts")).status_code
        == 302
    )
    version = FinancePlanVersion.objects.get(name="Änderung")
    assert (version.number, version.created_by) == (2, petra)
    amount = {"line": line(award).pk, "year": 2026, "amount_cents": 100, "federal_cents": 90, "own_cents": 10}
    amount |= {"state_cents": 0, "eu_cents": 0, "private_cents": 0}
    change = reverse("admin:funding_financeplanversion_change", args=[version.pk])
    wrong = inline("amounts", [amount | {"own_cents": 11}])
    assert client.post(change, {"name": "Änderung"} | wrong).status_code == 200
    assert client.post(change, {"name": "Änderung"} | inline("amounts", [amount])).status_code == 302
    changelist = reverse("admin:funding_financeplanversion_changelist")
    for action in ("approve", "submit", "approve"):
        client.post(changelist, {"action": action, "_selected_action": [version.pk]})
    version.refresh_from_db()
    assert version.status == FinancePlanVersion.Status.APPROVED


def test_an_approved_plan_cannot_be_changed_in_the_admin(client, petra, award):
    client.force_login(petra)
    version = award.plan_versions.get()
    page = client.get(reverse("admin:funding_financeplanversion_change", args=[version.pk])).content.decode()
    assert 'name="amounts-0-year"' not in page
    assert 'name="name"' not in page


def test_entries_are_read_in_the_admin_and_never_changed(client, petra, award):
    entry = book(award, by=petra, cents=500)
    make_plan(award, by=petra, amounts={("0812", 2026): 5}, approved_on=date(2026, 2, 1))
    client.force_login(petra)
    change = reverse("admin:funding_entry_change", args=[entry.pk])
    assert client.get(change).status_code == 200
    assert client.post(change, {"amount_cents": 1}).status_code == 403
    assert client.get(reverse("admin:funding_entry_add")).status_code == 403
    assert client.post(reverse("admin:funding_entry_delete", args=[entry.pk])).status_code == 403
