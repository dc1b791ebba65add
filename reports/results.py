"""The chapters of a report that are about results: what was measured and what is published."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from evaluations.models import Score
from hub.models import Publication
from reports.structure import Column, Kind, Section, Table


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
