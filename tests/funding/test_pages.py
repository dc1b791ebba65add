from datetime import date

import pytest
from django.urls import reverse

from funding.models import Entry
from tests.budgets import budget

from .factories import book, line, make_award, make_plan


def entry_data(award, **changes):
    return {
        "kind": "actual",
        "line": line(award).pk,
        "booked_on": "2026-03-01",
        "payee": "Lohnlauf",
        "reason": "März",
        "amount_cents": "1,234.56",
    } | changes


@pytest.fixture
def pages(award):
    return [
        reverse("funding:programme_detail", args=[award.programme.slug]),
        reverse("funding:award_detail", args=[award.code]),
        reverse("funding:entry_list", args=[award.code]),
    ]


@pytest.mark.parametrize("name", ["petra", "mira", "anke", "frank"])
def test_those_who_read_money_open_every_page(client, award, pages, request, name):
    client.force_login(request.getfixturevalue(name))
    for page in [reverse("funding:programme_list"), *pages]:
        assert client.get(page).status_code == 200, page


@pytest.mark.parametrize("name", ["jonas", "paul", "greta", "samir", "gast", "sven"])
def test_strangers_find_nothing(client, award, pages, request, name):
    client.force_login(request.getfixturevalue(name))
    assert client.get(reverse("funding:programme_list")).status_code == 403
    for page in pages:
        assert client.get(page).status_code == 404, page


def test_visitors_are_asked_to_sign_in(client, award, pages):
    for page in pages:
        assert client.get(page).status_code == 302


def test_a_funder_sees_only_its_own_awards_while_its_membership_lasts(
    client, frank, award, petra, ias, cesai
):
    other = make_award(by=petra, funder=ias, recipient=cesai, number=2)
    client.force_login(frank)
    assert client.get(other.get_absolute_url()).status_code == 404
    assert other.title not in client.get(reverse("funding:programme_list")).content.decode()
    frank.memberships.update(ends_on=date(2026, 1, 31))
    assert client.get(award.get_absolute_url()).status_code == 404


def test_the_award_shows_each_position_and_how_far_it_is_exceeded(client, mira, petra, award):
    book(award, by=petra, cents=120_001)
    client.force_login(mira)
    page = client.get(award.get_absolute_url(), {"as_of": "2026-06-30"}).content.decode()
    assert "€1,200.01" in page
    assert "120.00%" in page
    assert "Exceeded by more than 20 %" in page


def test_the_award_is_shown_in_german(client, mira, petra, award, settings):
    settings.LANGUAGE_CODE = "de"
    book(award, by=petra, cents=120_001)
    client.force_login(mira)
    page = client.get(award.get_absolute_url(), headers={"accept-language": "de"}).content.decode()
    assert "1.200,01 €" in page.replace("\u00a0", " ")
    assert "Um mehr als 20 % überschritten" in page


@pytest.mark.parametrize("as_of", ["gestern", "2026-13-01", "2999-01-01", "2025-12-31", "0001-01-01"])
def test_a_day_that_makes_no_sense_is_answered_with_a_sentence(client, mira, award, as_of):
    client.force_login(mira)
    response = client.get(award.get_absolute_url(), {"as_of": as_of})
    assert response.status_code == 422
    assert response.context["form"].errors["as_of"]


def test_finance_books_an_entry(client, petra, award):
    client.force_login(petra)
    address = reverse("funding:entry_create", args=[award.code])
    assert client.get(address).status_code == 200
    response = client.post(address, entry_data(award))
    assert response.status_code == 302
    assert Entry.objects.get().amount_cents == 123_456


@pytest.mark.parametrize("name", ["mira", "anke", "frank"])
def test_readers_cannot_book(client, award, request, name):
    client.force_login(request.getfixturevalue(name))
    response = client.post(reverse("funding:entry_create", args=[award.code]), entry_data(award))
    assert response.status_code == 403
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount_cents": "viel"}, "amount_cents"),
        ({"amount_cents": "-5"}, "amount_cents"),
        ({"amount_cents": "0"}, "amount_cents"),
        ({"amount_cents": "99999999999999"}, "amount_cents"),
        ({"booked_on": "2025-12-31"}, "booked_on"),
        ({"booked_on": "2999-01-01"}, "booked_on"),
        ({"line": "0"}, "line"),
        ({"kind": "gift"}, "kind"),
        ({"payee": ""}, "payee"),
        ({"document_sha256": "abc"}, "document_sha256"),
    ],
)
def test_a_wrong_entry_is_answered_at_its_field_and_nothing_typed_is_lost(
    client, petra, award, changes, field
):
    client.force_login(petra)
    address = reverse("funding:entry_create", args=[award.code])
    response = client.post(address, entry_data(award, reason="Gehälter <b>März</b>", **changes))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert "Gehälter &lt;b&gt;März&lt;/b&gt;" in response.content.decode()
    assert not Entry.objects.exists()


def test_a_position_of_another_award_cannot_be_chosen(client, petra, award, bezirksregierung, cesai):
    other = make_award(by=petra, funder=bezirksregierung, recipient=cesai, number=2)
    client.force_login(petra)
    address = reverse("funding:entry_create", args=[award.code])
    assert client.post(address, entry_data(award, line=line(other).pk)).status_code == 422


def test_finance_takes_an_entry_back(client, petra, award):
    entry = book(award, by=petra, cents=500)
    client.force_login(petra)
    address = reverse("funding:entry_reverse", args=[entry.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"booked_on": "2026-03-02", "reason": ""}).status_code == 422
    assert client.post(address, {"booked_on": "2026-03-02", "reason": "Doppelt"}).status_code == 302
    assert client.post(address, {"booked_on": "2026-03-02", "reason": "Doppelt"}).status_code == 422
    assert sorted(Entry.objects.values_list("amount_cents", flat=True)) == [-500, 500]


def test_readers_cannot_take_back_and_strangers_do_not_find_it(client, petra, award, mira, jonas):
    address = reverse("funding:entry_reverse", args=[book(award, by=petra, cents=500).pk])
    client.force_login(mira)
    assert client.post(address, {"booked_on": "2026-03-02", "reason": "x"}).status_code == 403
    client.force_login(jonas)
    assert client.get(address).status_code == 404


def test_entries_are_filtered_by_position_kind_and_payee(client, petra, award):
    book(award, by=petra, cents=100, payee="Alpha GmbH")
    book(award, by=petra, cents=200, position="0835", payee="Beta GmbH", kind="commitment")
    client.force_login(petra)
    address = reverse("funding:entry_list", args=[award.code])
    for query in ({"position": "0835"}, {"kind": "commitment"}, {"payee": "beta"}):
        rows = client.get(address, query).context["page"].rows
        assert [row.payee for row in rows] == ["Beta GmbH"]


@pytest.mark.parametrize("page", ["programme_detail", "award_detail", "entry_list", "entry_create"])
def test_a_page_keeps_to_its_budget_of_statements_however_many_entries(client, petra, award, page):
    for day in range(1, 28):
        book(award, by=petra, cents=day, booked_on=date(2026, 4, day))
    make_plan(award, by=petra, amounts={("0812", 2026): 5})
    subject = award.programme.slug if page == "programme_detail" else award.code
    client.force_login(petra)
    with budget(f"funding:{page}"):
        assert client.get(reverse(f"funding:{page}", args=[subject])).status_code == 200
