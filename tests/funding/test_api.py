import pytest
from django.urls import reverse

from funding.models import Entry
from tests.budgets import budget

from .factories import book


def test_readers_read_programmes_awards_entries_and_the_budget(client, frank, petra, award):
    book(award, by=petra, cents=10_000)
    client.force_login(frank)
    assert (
        client.get(reverse("funding_api:programme_list")).json()["results"][0]["slug"] == award.programme.slug
    )
    assert client.get(reverse("funding_api:award_list")).json()["results"][0]["maximum_cents"] == 180_000
    assert (
        client.get(reverse("funding_api:award_detail", args=[award.code])).json()["reference"]
        == award.reference
    )
    entries = client.get(reverse("funding_api:entry_list", args=[award.code])).json()["results"]
    assert [entry["amount_cents"] for entry in entries] == [10_000]
    budget = client.get(
        reverse("funding_api:award_budget", args=[award.code]), {"as_of": "2026-06-30"}
    ).json()
    assert budget["total"]["spent"] == 10_000
    assert (
        budget["positions"][0] | {"position": "0812", "remaining": 90_000, "share_bp": 1_000, "alarm": ""}
        == (budget["positions"][0])
    )


@pytest.mark.parametrize("name", ["jonas", "gast"])
def test_strangers_find_nothing(client, award, request, name):
    client.force_login(request.getfixturevalue(name))
    assert client.get(reverse("funding_api:programme_list")).status_code == 403
    assert client.get(reverse("funding_api:award_list")).status_code == 403
    for page in ("award_detail", "award_budget", "entry_list"):
        assert client.get(reverse(f"funding_api:{page}", args=[award.code])).status_code == 404


def test_finance_books_through_the_same_action(client, petra, mira, award):
    address = reverse("funding_api:entry_list", args=[award.code])
    body = {
        "kind": "actual",
        "position": "0835",
        "booked_on": "2026-03-01",
        "payee": "Alpha",
        "reason": "Auftrag",
        "amount_cents": 7,
    }
    client.force_login(mira)
    assert client.post(address, body, content_type="application/json").status_code == 403
    client.force_login(petra)
    answer = client.post(address, body, content_type="application/json")
    assert answer.status_code == 201
    assert answer.json()["position"] == "0835"
    assert Entry.objects.get().created_by == petra


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"position": "9999"}, "position"),
        ({"project": "SB-0000-0000"}, "project"),
        ({"settles": 999_999}, "settles"),
        ({"booked_on": "2025-01-01"}, "booked_on"),
        ({"amount_cents": 0}, "amount_cents"),
        ({"amount_cents": 1.5}, "amount_cents"),
    ],
)
def test_a_wrong_entry_is_answered_at_its_field(client, petra, award, changes, field):
    body = {
        "kind": "actual",
        "position": "0812",
        "booked_on": "2026-03-01",
        "payee": "x",
        "reason": "x",
        "amount_cents": 1,
    }
    client.force_login(petra)
    address = reverse("funding_api:entry_list", args=[award.code])
    answer = client.post(address, body | changes, content_type="application/json")
    assert answer.status_code in {400, 422}
    assert answer.json()["errors"][0]["attr"] == field
    assert not Entry.objects.exists()


def test_a_day_that_makes_no_sense_is_refused(client, mira, award):
    client.force_login(mira)
    answer = client.get(reverse("funding_api:award_budget", args=[award.code]), {"as_of": "2999-01-01"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["attr"] == "as_of"


@pytest.mark.parametrize("page", ["award_list", "award_budget", "entry_list"])
def test_an_answer_keeps_to_its_budget_of_statements(client, petra, award, page):
    for cents in range(1, 28):
        book(award, by=petra, cents=cents)
    client.force_login(petra)
    with budget(f"funding_api:{page}"):
        arguments = [] if page == "award_list" else [award.code]
        assert client.get(reverse(f"funding_api:{page}", args=arguments)).status_code == 200
