"""Taking in results that were measured elsewhere."""

from hashlib import file_digest
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from activity.actions import record
from evaluations.actions import EvaluationRefused
from evaluations.importers.reading import read
from evaluations.models import ImportedReport, ImportedScore
from portfolio.models import ModelRelease


def import_scores(*, by: User, release: ModelRelease, path: Path, source: str) -> ImportedReport:
    """Keep the figures of a file about `release`. Refused, with nothing stored, when it is not a result that is known."""
    if not source.strip():
        raise EvaluationRefused(_("Please say where the result is from."), field="source")
    report = read(path)
    if len({(figure.task, figure.metric) for figure in report.figures}) != len(report.figures):
        raise EvaluationRefused(_("The file holds a score twice."))
    with path.open("rb") as stream:
        digest = file_digest(stream, "sha256").hexdigest()
    try:
        with transaction.atomic():
            kept = ImportedReport.objects.create(
                release=release,
                harness=report.harness,
                harness_version=report.harness_version,
                model_name=report.model,
                source=source.strip(),
                sha256=digest,
                imported_by=by,
            )
            ImportedScore.objects.bulk_create(
                ImportedScore(
                    report=kept,
                    task=figure.task,
                    metric=figure.metric,
                    value=figure.value,
                    stderr=figure.stderr,
                    questions=figure.questions,
                    higher_is_better=figure.higher_is_better,
                )
                for figure in report.figures
            )
            record(by, "evaluations.scores_imported", release, source=source.strip())
    except IntegrityError as problem:
        if "imported_file_once" not in str(problem):
            raise
        raise EvaluationRefused(_("This file was already imported for this release.")) from problem
    return kept
