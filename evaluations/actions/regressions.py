from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from activity.actions import record
from evaluations.actions import EvaluationRefused
from evaluations.comparing import Board, ComparisonRefused, compare_runs
from evaluations.models import Regression, Run
from evaluations.models.run import State


def previous_run(run: Run) -> Run | None:
    """The newest accepted run of the release before this one in the same suite; a release without one is skipped."""
    release = run.release
    earlier = Run.objects.filter(
        release__model=release.model_id,
        release__created_at__lt=release.created_at,
        suite_version__suite=run.suite_version.suite_id,
        state=State.SUCCEEDED,
    )
    return (
        earlier.select_related("release__model")
        .order_by("-release__created_at", "-release_id", "-finished_at", "-pk")
        .first()
    )


def compare_with_previous(run: Run) -> tuple[Run, Board] | None:
    """The earlier run and the board, None when there is nothing that `run` can be held against."""
    before = previous_run(run)
    if before is None:
        return None
    try:
        return before, compare_runs(before, run)
    except ComparisonRefused:
        return None


@transaction.atomic
def look_for_regressions(run: Run) -> list[Regression]:
    """Writes down each task that is significantly worse than in the release before; repeating it adds nothing.

    Paired test per task, adjusted over all tasks of the suite: of a thousand releases that are in truth as good as the
    one before, at most fifty raise an alarm.
    """
    compared = compare_with_previous(run)
    if compared is None:
        return []
    before, board = compared
    # A repetition of the same release says nothing new.
    known = Regression.objects.filter(run__release=run.release_id, before__release=before.release_id)
    known_tasks = set(known.values_list("task__name", flat=True))
    worse = [
        row
        for row in board.rows
        if row.is_significant and row.gain < 0 and row.second.task.name not in known_tasks
    ]
    found = Regression.objects.bulk_create(
        Regression(
            run=run,
            before=before,
            task=row.second.task,
            metric=row.second.metric,
            questions=row.comparison.questions,
            difference=row.comparison.difference,
            low=row.comparison.interval.low,
            high=row.comparison.interval.high,
            p=row.comparison.p,
            q=row.q,
        )
        for row in worse
    )
    if found:
        record(
            None,
            "evaluations.regression_found",
            run,
            before=before.release.version,
            tasks=[each.task.name for each in found],
        )
    return found


@transaction.atomic
def acknowledge_regression(*, by: User, regression: Regression, note: str) -> None:
    """Somebody responsible has seen it and says what is done about it; the first word stays."""
    note = note.strip()
    if not note:
        raise EvaluationRefused(_("Please say what is done about it."), field="note")
    known = Regression.objects.filter(pk=regression.pk, acknowledged_at=None)
    if not known.update(acknowledged_at=timezone.now(), acknowledged_by=by, note=note[:500]):
        raise EvaluationRefused(_("Somebody else has acknowledged this already."))
    regression.refresh_from_db()
    record(by, "evaluations.regression_acknowledged", regression.run, task=regression.task.name)
