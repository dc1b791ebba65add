"""The chapters of a report that are about work: projects, milestones, and how the report was made."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from funding.budget import Budget
from portfolio.models import Milestone, Project
from reports.queries import Row
from reports.structure import Chart, ChartKind, Column, Kind, Section, Span, Table, parts

# As many lines as fit on one printed page.
SPANS_PER_CHART = 30


def projects_section(projects: Sequence[Row]) -> Section:
    """Schnellboot projects that money of the award went into."""
    title = _("Projects")
    if not projects:
        return Section(
            "projects", title, paragraphs=(_("No money of this award is booked on a project yet."),)
        )
    columns = (
        Column("code", _("Code")),
        Column("title", _("Project")),
        Column("organisation", _("Lead organisation")),
        Column("model", _("Model")),
        Column("starts_on", _("Start"), Kind.DATE),
        Column("results_on", _("Results presentation"), Kind.DATE),
        Column("team_size", _("Team"), Kind.INTEGER),
        Column("light", _("Status light")),
        Column("spent", _("Spent"), Kind.EURO_CENTS),
    )
    rows = tuple(
        (
            each["code"],
            each["title"],
            each["organisation__name"],
            each["model__name"],
            each["starts_on"],
            each["results_on"],
            each["team_size"],
            str(Project.Light(each["light"]).label),
            each["spent_cents"],
        )
        for each in projects
    )
    spent = sum(each["spent_cents"] for each in projects)
    totals = ("", _("Total"), "", "", None, None, None, "", spent)
    exceptions = tuple(
        _("%(code)s differs from 6 to 12 months or 8 to 10 people: %(reason)s")
        % {"code": each["code"], "reason": each["exception_reason"]}
        for each in projects
        if each["exception_reason"]
    )
    return Section(
        "projects",
        title,
        _("Projects with money of this award. The status light is that of today."),
        (Table("projects", title, columns, rows, totals),),
        paragraphs=exceptions,
    )


def milestones_section(projects: Sequence[Row], milestones: Sequence[Row], as_of: date) -> Section:
    """What was promised, what is expected, what was reached; with the plan as a drawing."""
    title = _("Milestones")
    if not milestones:
        return Section("milestones", title, paragraphs=(_("There are no milestones yet."),))
    columns = (
        Column("project", _("Project")),
        Column("title", _("Milestone")),
        Column("promised", _("Promised for"), Kind.DATE),
        Column("expected", _("Expected for"), Kind.DATE),
        Column("reached", _("Reached on"), Kind.DATE),
        Column("days_late", _("Days late"), Kind.INTEGER),
        Column("state", _("Status")),
    )
    rows = tuple(_milestone_row(each, as_of) for each in milestones)
    spans: list[Span] = []
    for project in projects:
        spans.append(
            Span(f"{project['code']} {project['title']}", project["starts_on"], project["results_on"])
        )
        spans += [
            _milestone_span(each, as_of) for each in milestones if each["project__code"] == project["code"]
        ]
    charts = tuple(
        Chart(
            f"plan_{number}",
            ChartKind.GANTT,
            _("Projects and milestones over time"),
            _("Bars from start to results presentation, a diamond per milestone. The table has the days."),
            twin="milestones",
            spans=tuple(group),
        )
        for number, group in enumerate(parts(spans, SPANS_PER_CHART), start=1)
    )
    return Section(
        "milestones",
        title,
        _(
            "Reached are milestones that were done by the as-of date and that CESAI has accepted; expected days are those of today."
        ),
        (Table("milestones", title, columns, rows),),
        charts,
    )


def _reached(milestone: Row, as_of: date) -> date | None:
    """A report says "reached" of what CESAI has accepted; what a project only reports is its own word."""
    day = milestone["reached_on"]
    return day if day and day <= as_of and milestone["status"] == Milestone.Status.ACCEPTED else None


def _state(milestone: Row, as_of: date) -> str:
    if _reached(milestone, as_of):
        return _("reached")
    if milestone["status"] == Milestone.Status.MISSED:
        return _("missed")
    if milestone["status"] == Milestone.Status.REPORTED and milestone["reached_on"] <= as_of:
        return _("reported, not yet accepted")
    return _("overdue") if milestone["baseline_on"] < as_of else _("open")


def _milestone_row(milestone: Row, as_of: date) -> tuple[Any, ...]:
    reached = _reached(milestone, as_of)
    day = reached or milestone["forecast_on"]
    return (
        milestone["project__code"],
        milestone["title"],
        milestone["baseline_on"],
        milestone["forecast_on"],
        reached,
        (day - milestone["baseline_on"]).days,
        _state(milestone, as_of),
    )


def _milestone_span(milestone: Row, as_of: date) -> Span:
    day = _reached(milestone, as_of) or milestone["forecast_on"]
    return Span(milestone["title"], day, day, milestone["baseline_on"], _state(milestone, as_of))


def method_section(budget: Budget) -> Section:
    """One written definition per figure, so that two readers mean the same."""
    tolerance = budget.tolerance_bp // 100
    return Section(
        "method",
        _("Definitions"),
        paragraphs=(
            _(
                "Planned: the newest finance plan that was applied for or approved. Approved: the plan in force."
            ),
            _("Committed: orders less the payments on them. Spent: payments less payments taken back."),
            _(
                "Used: committed plus spent. Remaining: approved less used. Shares are rounded to hundredths of a percent."
            ),
            _(
                "Tolerance: a position may exceed its amount by up to %(tolerance)s %% if the same is saved elsewhere."
            )
            % {"tolerance": tolerance},
            _(
                "Grant: the funding rate times what is spent, rounded down to the cent, up to the maximum grant; with financing of the deficit what is left after own money; with a fixed amount everything up to it."
            ),
        ),
    )
