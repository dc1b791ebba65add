from datetime import date

import pytest

from funding.models import Award
from reports.award import award_report
from reports.structure import Kind
from tests.funding.factories import book, make_award

END = date(2026, 6, 30)


def rows(report, key):
    return {row[0]: row for row in report.table(key).rows}


def read(award):
    return Award.objects.select_related("programme__funder", "recipient", "rule_pack").get(pk=award.pk)


def test_the_budget_is_that_of_the_award(award, petra):
    commitment = book(award, by=petra, cents=30_000, kind="commitment")
    book(award, by=petra, cents=10_000, settles=commitment)
    report = award_report(read(award), END, "en")
    assert rows(report, "budget")["0812"] == (
        "0812", "Personal", 100_000, 100_000, 20_000, 10_000, 70_000, 3_000, ""
    )  # fmt: skip
    assert report.table("budget").totals[2:8] == (200_000, 200_000, 20_000, 10_000, 170_000, 1_500)


def test_a_position_beyond_the_tolerance_is_named_in_the_summary(award, petra):
    book(award, by=petra, cents=120_001)
    report = award_report(read(award), END, "de")
    assert rows(report, "budget")["0812"][8] == "Um mehr als 20 % überschritten: Zustimmung nötig"
    assert any("0812 Personal: Um mehr als 20 %" in text for text in report.sections[0].paragraphs)


def test_plan_against_actual_by_year(award, petra):
    book(award, by=petra, cents=25_000)
    report = award_report(read(award), END, "en")
    assert report.table("years").rows == (
        ("2026", 100_000, 25_000, 75_000, 2_500),
        ("2027", 100_000, 0, 100_000, 0),
    )
    assert report.table("years").totals == ("Total", 200_000, 25_000, 175_000, 1_250)


def test_the_grant_carries_its_rate_and_the_parts_add_up(award, petra):
    book(award, by=petra, cents=1_001)
    table = award_report(read(award), END, "en").table("carried")
    assert [row[1] for row in table.rows] == [900, 101]
    assert table.totals[1] == 1_001


def test_projects_stand_with_what_was_spent_on_them(award, petra, project):
    book(award, by=petra, cents=1_000, project=project, booked_on=date(2026, 3, 1))
    book(award, by=petra, cents=5_000, project=project, kind="commitment")
    book(award, by=petra, cents=4_000)
    table = award_report(read(award), END, "en").table("projects")
    assert [(row[0], row[3], row[8]) for row in table.rows] == [(project.code, "Fachsprachmodell", 1_000)]
    assert table.totals[8] == 1_000


def test_a_project_without_money_of_the_award_is_not_in_its_report(award, petra, project):
    report = award_report(read(award), END, "en")
    assert report.table("projects") is None
    assert report.table("milestones") is None


def test_a_milestone_counts_as_reached_from_its_day_on(award, petra, project):
    book(award, by=petra, cents=1_000, project=project, booked_on=date(2026, 2, 2))
    before = award_report(read(award), date(2026, 3, 10), "en")
    after = award_report(read(award), date(2026, 3, 11), "en")

    def row(report):
        return next(row for row in report.table("milestones").rows if row[1] == "Erste Fassung")

    assert row(before)[4:] == (None, 0, "overdue")
    assert row(after)[4:] == (date(2026, 3, 11), 10, "reached")


def test_a_report_on_an_empty_award_says_so_in_words(petra, bezirksregierung, cesai):
    bare = make_award(by=petra, funder=bezirksregierung, recipient=cesai)
    report = award_report(read(bare), END, "en")
    assert "No finance plan was approved" in report.sections[0].paragraphs[0]
    assert all(section.tables or section.paragraphs for section in report.sections)


def test_both_languages_hold_the_same_figures(award, petra, project):
    book(award, by=petra, cents=123_456, project=project)

    def figures(report):
        return [
            [value for value, column in zip(row, table.columns, strict=True) if column.kind is not Kind.TEXT]
            for table in report.tables
            for row in (*table.rows, table.totals)
            if row
        ]

    german, english = (award_report(read(award), END, language) for language in ("de", "en"))
    assert figures(german) == figures(english)
    assert german.title != english.title
    assert [fact.value for fact in german.facts if fact.kind is Kind.EURO_CENTS] == [180_000]


def test_the_number_of_statements_does_not_grow(award, petra, project, django_assert_num_queries):
    for day in range(1, 20):
        book(award, by=petra, cents=day, project=project, booked_on=date(2026, 4, day))
    subject = read(award)
    with django_assert_num_queries(7):
        award_report(subject, END, "de")


@pytest.mark.parametrize("language", ["de", "en"])
def test_equal_data_give_equal_reports(award, petra, language):
    book(award, by=petra, cents=1_000)
    assert award_report(read(award), END, language) == award_report(read(award), END, language)
