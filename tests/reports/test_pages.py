import io
import json
import zipfile
from datetime import date

import openpyxl
import pytest
from django.urls import reverse

from tests.budgets import budget
from tests.funding.factories import book

from .pdf_reader import TaggedPdf


@pytest.fixture
def address(award, petra):
    book(award, by=petra, cents=123_456, booked_on=date(2026, 4, 1))
    return reverse("reports:award_report", args=[award.code])


def export(award, extension):
    return reverse("reports:award_export", args=[award.code, extension])


@pytest.mark.parametrize("name", ["frank", "anke", "mira", "petra"])
def test_those_who_read_money_open_list_report_and_files(client, award, address, request, name):
    client.force_login(request.getfixturevalue(name))
    for page in (
        reverse("reports:report_list"),
        address,
        *(export(award, each) for each in ("pdf", "xlsx", "csv", "zip", "json")),
    ):
        assert client.get(page).status_code == 200, page


@pytest.mark.parametrize("name", ["jonas", "paul", "samir", "gast"])
def test_strangers_find_nothing(client, award, address, request, name):
    client.force_login(request.getfixturevalue(name))
    assert client.get(reverse("reports:report_list")).status_code == 403
    assert client.get(address).status_code == 404
    assert client.get(export(award, "pdf")).status_code == 404
    assert client.get(reverse("reports_api:award_report", args=[award.code])).status_code == 404


def test_visitors_are_asked_to_sign_in(client, award, address):
    for page in (reverse("reports:report_list"), address, export(award, "json")):
        assert client.get(page).status_code == 302


def test_page_and_files_show_the_same_figure(client, frank, award, address):
    client.force_login(frank)
    query = {"as_of": "2026-06-30", "language": "de"}
    page = client.get(address, query).content.decode()
    assert "1.234,56\u00a0€" in page
    pdf = TaggedPdf(client.get(export(award, "pdf"), query).content)
    assert any("1.234,56\u00a0€" in row for row in pdf.rows())
    book_ = openpyxl.load_workbook(io.BytesIO(client.get(export(award, "xlsx"), query).content))
    assert 1234.56 in [cell for row in book_.worksheets[1].iter_rows(values_only=True) for cell in row]
    assert "1234,56" in client.get(export(award, "csv"), query).content.decode("utf-8-sig")
    archive = zipfile.ZipFile(io.BytesIO(client.get(export(award, "zip"), query).content))
    assert "1234,56" in archive.read(archive.namelist()[0]).decode("utf-8-sig")
    document = json.loads(client.get(export(award, "json"), query).content)
    assert 123_456 in document["sections"][1]["tables"][0]["rows"][0]
    assert client.get(reverse("reports_api:award_report", args=[award.code]), query).json() == document


def test_the_day_chooses_what_is_in_the_report(client, frank, award, address):
    client.force_login(frank)
    before = client.get(export(award, "json"), {"as_of": "2026-03-31"}).json()
    assert before["as_of"] == "2026-03-31"
    assert before["sections"][1]["tables"][0]["totals"][5] == 0


@pytest.mark.parametrize(
    "query", [{"as_of": "gestern"}, {"as_of": "2999-01-01"}, {"as_of": "2025-12-31"}, {"language": "fr"}]
)
def test_a_wrong_choice_is_answered_with_a_sentence(client, frank, award, address, query):
    client.force_login(frank)
    for page in (address, export(award, "pdf"), export(award, "json")):
        response = client.get(page, query)
        assert response.status_code == 422
        assert response.context["form"].errors
    answer = client.get(reverse("reports_api:award_report", args=[award.code]), query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["attr"] == next(iter(query))


def test_an_unknown_format_or_table_is_not_found(client, frank, award, address):
    client.force_login(frank)
    assert client.get(address.rstrip("/") + ".exe").status_code == 404
    assert client.get(export(award, "csv"), {"table": "secrets"}).status_code == 404


def test_a_file_has_a_name_that_says_what_it_is(client, frank, award, address):
    client.force_login(frank)
    response = client.get(export(award, "csv"), {"as_of": "2026-06-30", "table": "years"})
    name = f"{award.code.lower()}-2026-06-30-years.csv"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'


def test_a_file_that_did_not_change_is_not_sent_again(client, frank, petra, award, address):
    client.force_login(frank)
    page = export(award, "pdf")
    etag = client.get(page)["ETag"]
    assert client.get(page, headers={"if-none-match": etag}).status_code == 304
    book(award, by=petra, cents=1)
    assert client.get(page, headers={"if-none-match": etag}).status_code == 200


@pytest.mark.parametrize("page", ["report_list", "award_report", "award_export"])
def test_a_page_keeps_to_its_budget_of_statements_however_many_entries(client, frank, petra, award, page):
    for day in range(1, 28):
        book(award, by=petra, cents=day, booked_on=date(2026, 5, day))
    arguments = {"report_list": [], "award_report": [award.code], "award_export": [award.code, "pdf"]}[page]
    client.force_login(frank)
    with budget(f"reports:{page}"):
        assert client.get(reverse(f"reports:{page}", args=arguments)).status_code == 200


def test_what_is_left_out_is_filled_in_and_what_is_given_stays(client, frank, award, address):
    client.force_login(frank)
    response = client.get(address, {"as_of": "2026-06-30"})
    assert response.context["report"].as_of == date(2026, 6, 30)
    response = client.get(address, {"language": "de"})
    assert response.context["report"].language == "de"
