"""The chapters of a report that are about results: what was measured and what is published."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from evaluations.accounting import Usage, sum_of
from evaluations.costs import mark_label
from evaluations.models import Score
from hub.models import Publication
from reports.structure import Column, Kind, Section, Table, Value


def scores_section(scores: Sequence[Score]) -> Section:
    """What the models scored, each value with its standard error and the run that can be opened."""
    title = _("Evaluation results")
    if not scores:
        return Section("scores", title, paragraphs=(_("No finished evaluation of these models yet."),))
    columns = (
        Column("model", _("Model")),
        Column("version", _("Version")),
        Column("suite", _("Suite")),
        Column("task", _("Task")),
        Column("metric", _("Metric")),
        Column("score", _("Score"), Kind.DECIMAL),
        Column("stderr", _("Standard error"), Kind.DECIMAL),
        Column("questions", _("Questions"), Kind.INTEGER),
        Column("run", _("Evaluation run")),
        Column("finished_on", _("Finished on"), Kind.DATE),
    )
    rows = tuple(
        (
            each.run.release.model.name,
            each.run.release.version,
            f"{each.run.suite_version.suite.title} {each.run.suite_version.number}",
            each.task.title,
            each.metric,
            _four_places(each.value),
            None if each.stderr is None else _four_places(each.stderr),
            each.questions,
            each.run.code,
            timezone.localdate(each.run.finished_at),
        )
        for each in scores
    )
    return Section(
        "scores",
        title,
        _(
            "Scores on the scale of their metric, with one standard error; two scores that differ by less than "
            "twice that are not told apart."
        ),
        (Table("scores", title, columns, rows),),
    )


def _four_places(value: float) -> Decimal:
    return Decimal(value).quantize(Decimal("0.0001"))


def compute_section(usages: Sequence[tuple[date, str, str, Usage]]) -> Section:
    """What evaluations charged to the award used, each figure with how well it is known; unknown is empty and never 0."""
    title = _("Compute for evaluations")
    if not usages:
        return Section(
            "compute", title, paragraphs=(_("No evaluation was charged to this award up to this day."),)
        )
    columns = (
        Column("month", _("Month")),
        Column("project", _("Project")),
        Column("attempts", _("Attempts"), Kind.INTEGER),
        Column("gpu_hours", _("GPU-hours"), Kind.DECIMAL),
        Column("cost", _("Cost"), Kind.EURO_CENTS),
        Column("cost_known", _("Cost is")),
        Column("kwh", _("Energy in kWh"), Kind.DECIMAL),
        Column("energy_known", _("Energy is")),
    )
    rows = tuple(
        (date_format(month, "F Y"), f"{code} {project}", *_used(usage))
        for month, code, project, usage in usages
    )
    whole = sum_of(usage for *_rest, usage in usages)
    return Section(
        "compute",
        title,
        _(
            "Computed from what the engines reported and the price of each day, failed and interrupted attempts "
            "included. Nothing here is booked: the money stands in the budget once it is invoiced."
        ),
        (Table("compute", title, columns, rows, (_("Total"), "", *_used(whole))),),
    )


def _used(usage: Usage) -> tuple[Value, ...]:
    return (
        usage.attempts,
        _four_places(usage.gpu_hours),
        usage.known_cents,
        mark_label(usage.cost_mark),
        None if usage.kwh is None else _four_places(usage.kwh),
        mark_label(usage.energy_mark),
    )


def publications_section(publications: Sequence[Publication]) -> Section:
    """Model releases that anybody can load, with the address and the commit that was verified."""
    title = _("Published models")
    if not publications:
        return Section("publications", title, paragraphs=(_("No model of these projects is published yet."),))
    columns = (
        Column("model", _("Model")),
        Column("version", _("Version")),
        Column("published_on", _("Published on"), Kind.DATE),
        Column("licence", _("Licence")),
        Column("address", _("Address on the Hub"), Kind.LINK),
        Column("commit", _("Commit")),
    )
    rows = tuple(
        (
            each.plan.release.model.name,
            each.plan.release.version,
            timezone.localdate(each.finished_at),
            each.plan.release.model.licence,
            each.web_url,
            each.commit_oid[:12],
        )
        for each in publications
    )
    return Section("publications", title, tables=(Table("publications", title, columns, rows),))
