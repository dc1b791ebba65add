"""Taking in a result once more from the files in the run's folder."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from activity.actions import record
from evaluations.actions import EvaluationRefused
from evaluations.actions.quarantine import check_again
from evaluations.engines import launcher_of
from evaluations.ingest import accept, examine
from evaluations.models import AnswerVector, Decision, Run
from evaluations.models.run import State
from evaluations.results import Doubtful, Result
from evaluations.sentences import REASONS

REPLAYED_FOR = (State.SUCCEEDED, State.QUARANTINED, State.LOST)


def replay_ingest(*, by: User, run: Run) -> None:
    """Reads the result of `run` through all gates again.

    A run in quarantine, or a lost one whose result has turned up, becomes a success when every gate holds. Scores that
    are there are compared and never touched: refused with what differs, or with the gate that no longer holds.
    """
    if run.state not in REPLAYED_FOR:
        raise EvaluationRefused(_("%(run)s has no result that could be read again.") % {"run": run})
    if run.state == State.QUARANTINED:
        check_again(by=by, run=run)
        return
    result = _read(run)
    if run.state == State.LOST:
        _take(run, result, by)
        return
    if differing := _differences(run, result):
        raise EvaluationRefused(
            _(
                "Read again, these scores of %(run)s come out differently: %(tasks)s. What is stored has not been changed."
            )
            % {"run": run, "tasks": ", ".join(differing)}
        )
    record(by, "evaluations.result_replayed", run)


def _read(run: Run) -> Result:
    released = run.decisions.filter(kind=Decision.Kind.RELEASED).exists()
    try:
        result = examine(run, launcher_of(run.engine).folder(run.key) / "result")
        # What a person has put aside stays put aside.
        if result.doubts and not released:
            raise result.doubts[0]
    except Doubtful as doubt:
        raise EvaluationRefused(
            _("Read again, the result does not pass: %(reason)s") % {"reason": REASONS[doubt.reason]}
        ) from doubt
    return result


@transaction.atomic
def _take(run: Run, result: Result, by: User) -> None:
    doubt = run.reason
    if not accept(run, result):
        raise EvaluationRefused(_("%(run)s has changed in the meantime.") % {"run": run})
    Decision.objects.create(run=run, kind=Decision.Kind.CHECKED, doubt=doubt, by=by)


def _differences(run: Run, result: Result) -> list[str]:
    """Tasks and metrics whose score, or one of whose answers, is not what the database holds."""
    kept = {(score.task.name, score.metric): score for score in run.scores.select_related("task", "vector")}
    told = {(finding.task, finding.metric): finding for finding in result.findings}
    differing = set(kept) ^ set(told)
    for name in set(kept) & set(told):
        score, finding = kept[name], told[name]
        figures = (score.value, score.stderr, score.questions, score.right)
        if figures != (finding.value, finding.stderr, finding.questions, finding.right):
            differing.add(name)
            continue
        answers = result.answers[finding.task]
        try:
            vector = score.vector
        except AnswerVector.DoesNotExist:
            if answers.questions_hash:
                differing.add(name)
            continue
        again = AnswerVector.of(score, answers.values[finding.metric], answers.questions_hash)
        if vector.questions_hash != again.questions_hash or vector.values.tolist() != again.values.tolist():
            differing.add(name)
    return sorted(f"{task} ({metric})" for task, metric in differing)
