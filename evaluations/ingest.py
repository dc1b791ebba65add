"""From a published result to scores, or into quarantine with the reason."""

from pathlib import Path

from django.db import transaction

from activity.actions import record
from evaluations.actions.calibration import calibrate, learn, tolerance_of
from evaluations.actions.regressions import look_for_regressions
from evaluations.jobs import gpus_of
from evaluations.launchers.folder import RunFolder
from evaluations.models import Run, Score, Task
from evaluations.models.run import State
from evaluations.results import Asked, Doubtful, Expected, Result, read_result
from evaluations.sample_store import store_answers
from evaluations.steps import reached


def ingest(run: Run, folder: RunFolder) -> None:
    """Read the result of a run in COLLECTING; may be called again after any interruption."""
    try:
        result = examine(run, folder.path / "result")
        if result.doubts:
            raise result.doubts[0]
    except Doubtful as doubt:
        _quarantine(run, doubt)
        return
    reached("ingest.read", run.key)
    accept(run, result)


def examine(run: Run, place: Path) -> Result:
    """The result in `place` with its soft doubts; Doubtful at the first hard gate. Keeps what it learns about the endpoint."""
    result = read_result(
        place,
        asked_of(run),
        {
            task.name: Expected(tuple(task.metrics), task.questions, task.content_hash)
            for task in run.suite_version.tasks.all()
        },
    )
    verdict = calibrate(run, result.probe.image, result.probe.values)
    if verdict.reason:
        raise Doubtful(verdict.reason, verdict.detail)
    return result


def asked_of(run: Run) -> Asked:
    """What the result has to prove, from the portal's own rows."""
    return Asked(
        fingerprint=run.fingerprint,
        key=run.key,
        model=run.release.served_name,
        harness_version=run.suite_version.harness_version,
        model_sha256=sorted({file["sha256"] for file in run.release.manifest.values()}),
        gpus=gpus_of(run),
        tolerance=tolerance_of(run.release),
        chat_template=run.suite_version.applies_chat_template,
        seed=run.suite_version.seed,
    )


def accept(run: Run, result: Result) -> bool:
    """Scores, the binding hashes of the questions, and the run's success, all or nothing; False if somebody was first."""
    with transaction.atomic():
        # The row is locked by the move, so a second ingest of the same result waits here and then finds it done.
        if not run.move_to(State.SUCCEEDED, reason="", detail=""):
            return False
        _keep(run, result)
        learn(run, result.probe.values)
        record(None, "evaluations.run_succeeded", run)
        look_for_regressions(run)
        reached("ingest.kept", run.key)
    reached("ingest.committed", run.key)
    return True


def _quarantine(run: Run, doubt: Doubtful) -> None:
    with transaction.atomic():
        if run.move_to(State.QUARANTINED, note=doubt.reason, reason=doubt.reason, detail=str(doubt)[:2000]):
            record(None, "evaluations.run_quarantined", run, reason=doubt.reason)


def _keep(run: Run, result: Result) -> None:
    tasks = {task.name: task for task in run.suite_version.tasks.all()}
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
