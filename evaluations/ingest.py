"""From a published result to scores, or into quarantine with the reason."""

from django.db import transaction

from activity.actions import record
from evaluations.actions.regressions import look_for_regressions
from evaluations.launchers.folder import RunFolder
from evaluations.models import Run, Score, Task
from evaluations.models.run import State
from evaluations.results import Doubtful, Expected, Result, read_result
from evaluations.sample_store import store_answers
from evaluations.steps import reached


def ingest(run: Run, folder: RunFolder) -> None:
    """Read the result of a run in COLLECTING; may be called again after any interruption."""
    tasks = {task.name: task for task in run.suite_version.tasks.all()}
    try:
        result = read_result(
            folder.path / "result",
            fingerprint=run.fingerprint,
            key=run.key,
            model=run.release.served_name,
            harness_version=run.suite_version.harness_version,
            tasks={
                name: Expected(tuple(task.metrics), task.questions, task.content_hash)
                for name, task in tasks.items()
            },
        )
    except Doubtful as doubt:
        _quarantine(run, doubt)
        return
    reached("ingest.read", run.key)
    with transaction.atomic():
        # The row is locked by the move, so a second ingest of the same result waits here and then finds it done.
        if not run.move_to(State.SUCCEEDED):
            return
        _keep(run, result, tasks)
        record(None, "evaluations.run_succeeded", run)
        look_for_regressions(run)
        reached("ingest.kept", run.key)
    reached("ingest.committed", run.key)


def _quarantine(run: Run, doubt: Doubtful) -> None:
    with transaction.atomic():
        if run.move_to(State.QUARANTINED, note=doubt.reason, reason=doubt.reason, detail=str(doubt)[:2000]):
            record(None, "evaluations.run_quarantined", run, reason=doubt.reason)


def _keep(run: Run, result: Result, tasks: dict[str, Task]) -> None:
    scores = Score.objects.bulk_create(
        Score(
            run=run,
            task=tasks[finding.task],
            metric=finding.metric,
            value=finding.value,
            stderr=finding.stderr,
            questions=finding.questions,
            right=finding.right,
            higher_is_better=finding.higher_is_better,
        )
        for finding in result.findings
    )
    store_answers(run, scores, result.answers)
    for name, content_hash in result.content_hashes.items():
        # The first accepted run binds all later ones.
        Task.objects.filter(pk=tasks[name].pk, content_hash="").update(content_hash=content_hash)
