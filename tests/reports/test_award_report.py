from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from evaluations.actions.prices import set_price
from evaluations.models import Attempt, GpuClass, Run
from funding.models import Award, ComputeAllotment
from hub.models import Publication
from portfolio.actions.projects import add_milestone, report_milestone
from reports.award import award_report
from reports.structure import Kind
from tests.funding.factories import book, make_award

from .conftest import RESULTS_ON

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


def test_a_milestone_that_is_only_reported_is_not_called_reached(award, petra, paul, project):
    book(award, by=petra, cents=1_000, project=project, booked_on=date(2026, 2, 2))
    milestone = add_milestone(by=paul, project=project, title="Zweite Fassung", baseline_on=date(2026, 4, 1))
    told = {"reached_on": date(2026, 4, 2), "evidence": "Lauf", "today": date(2026, 11, 1)}
    report_milestone(by=paul, milestone=milestone, **told)
    rows = award_report(read(award), date(2026, 4, 3), "en").table("milestones").rows
    (row,) = (row for row in rows if row[1] == "Zweite Fassung")
    assert row[4:] == (None, 0, "reported, not yet accepted")


def test_a_milestone_counts_as_reached_from_its_day_on(award, petra, project):
    book(award, by=petra, cents=1_000, project=project, booked_on=date(2026, 2, 2))
    before = award_report(read(award), date(2026, 3, 10), "en")
    after = award_report(read(award), date(2026, 3, 11), "en")

    def row(report):
        return next(row for row in report.table("milestones").rows if row[1] == "Erste Fassung")

    assert row(before)[4:] == (None, 0, "overdue")
    assert row(after)[4:] == (date(2026, 3, 11), 10, "reached")


def test_scores_stand_with_their_standard_error_from_their_day_on(award, petra, project, run):
    book(award, by=petra, cents=1_000, project=project, booked_on=date(2026, 2, 2))
    before = award_report(read(award), RESULTS_ON - timedelta(days=1), "de")
    after = award_report(read(award), RESULTS_ON, "de")
    assert before.table("scores") is None
    row = ("Fachsprachmodell", "1.0", "Deutsch 1", "Fragen", "acc", Decimal("0.3125"), Decimal("0.0411"), 128)
    assert after.table("scores").rows == ((*row, "EV-2026-0001", RESULTS_ON),)
    assert award_report(read(award), RESULTS_ON, "en").table("scores").rows[0][2] == "German 1"


def test_of_repeated_runs_the_newest_counts(award, petra, project, run):
    book(award, by=petra, cents=1_000, project=project, booked_on=date(2026, 2, 2))
    score = run.scores.get()
    run.pk, run.code, run.uuid, run.replicate = None, "EV-2026-0002", uuid4(), 1
    run.finished_at += timedelta(days=1)
    run.save(force_insert=True)
    score.pk, score.run, score.value = None, run, 0.5
    score.save(force_insert=True)
    assert [row[5] for row in award_report(read(award), END, "en").table("scores").rows] == [
        Decimal("0.5000")
    ]


def test_what_evaluations_used_stands_with_how_well_it_is_known(award, petra, project, run):
    gpu_class = GpuClass.objects.create(
        code="h100", title="H100", engine=run.engine, gres="gpu:h100", most_gpus=2
    )
    Run.objects.filter(pk=run.pk).update(project=project, gpu_class=gpu_class, gpus=2)
    set_price(
        by=petra, gpu_class=gpu_class, cents_per_hour=250, valid_from=date(2026, 5, 1), source="Vertrag"
    )
    for restart, (day, joules) in enumerate(
        [(date(2026, 4, 30), None), (date(2026, 5, 20), 1_800_000.0), (date(2026, 7, 1), None)]
    ):
        Attempt.objects.create(
            run=run,
            engine_job=str(restart),
            restart=restart,
            started_at=datetime(day.year, day.month, day.day, 10, tzinfo=UTC),
            seconds=1800,
            gpu_seconds=3600,
            energy_joules=joules,
        )
    assert award_report(read(award), END, "en").table("compute") is None
    ComputeAllotment.objects.create(
        project=project,
        line=award.budget_lines.get(position="0835"),
        limit_cents=1_000,
        starts_on=date(2026, 4, 1),
        ends_on=date(2026, 12, 31),
    )
    table = award_report(read(award), END, "en").table("compute")
    name = f"{project.code} {project.title}"
    one = Decimal("1.0000")
    assert table.rows == (
        ("April 2026", name, 1, one, None, "unknown", None, "unknown"),
        ("May 2026", name, 1, one, 250, "measured", Decimal("0.5000"), "measured"),
    )
    assert table.totals == ("Total", "", 2, 2 * one, 250, "estimated", Decimal("0.5000"), "estimated")
    german = award_report(read(award), date(2026, 7, 1), "de").table("compute")
    assert [row[0] for row in german.rows] == ["April 2026", "Mai 2026", "Juli 2026"]


def test_what_is_published_stands_with_its_address_and_commit(award, petra, project, publication):
    book(award, by=petra, cents=1_000, project=project, booked_on=date(2026, 2, 2))
    row = award_report(read(award), END, "en").table("publications").rows[0]
    assert row[4:] == ("https://hub.example.org/cesai/fachsprache", "a" * 12)
    publication.state = Publication.State.FAILED
    publication.error_kind = "auth"
    publication.save()
    assert award_report(read(award), END, "en").table("publications") is None


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


def test_the_number_of_statements_does_not_grow(
    award, petra, project, publication, django_assert_num_queries
):
    for day in range(1, 20):
        book(award, by=petra, cents=day, project=project, booked_on=date(2026, 4, day))
    subject = read(award)
    with django_assert_num_queries(8):
        award_report(subject, END, "de")


@pytest.mark.parametrize("language", ["de", "en"])
def test_equal_data_give_equal_reports(award, petra, language):
    book(award, by=petra, cents=1_000)
    assert award_report(read(award), END, language) == award_report(read(award), END, language)
