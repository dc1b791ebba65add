"""Runs and scores as pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from accounts.models import User
from evaluations.actions.quarantine import HANDED_IN_FOR
from evaluations.engines import launcher_of
from evaluations.launchers.folder import RunFolder
from evaluations.models import Attempt, ImportedReport, Run, Score
from evaluations.models.run import FINAL, State
from evaluations.readable_log import readable
from evaluations.results import SOFT
from evaluations.sentences import REASONS, waiting
from evaluations.stages import elapsed, stages_of


def metric_label(metric: str) -> str:
    """A metric's name for people; the harness's own where there is no other."""
    known = {
        "acc": _("Right answers"),
        "acc_norm": _("Right answers, by length of the answer"),
    }
    return known.get(metric, metric)


def percent(share: float) -> str:
    """0.1234 → `12,3 %` in German, `12.3%` in English."""
    return _("%(number)s%%") % {"number": number_format(round(100 * share, 1), decimal_pos=1, use_l10n=True)}


@dataclass(frozen=True)
class ScoreRow:
    task: str
    metric: str
    value: str
    stderr: str
    interval: str
    questions: str
    verdict: str
    tone: str


def score_rows(scores: Iterable[Score]) -> list[ScoreRow]:
    """Scores with one standard error, the 95 % interval and what that means against guessing."""
    rows = []
    for score in scores:
        interval = score.interval
        rows.append(
            ScoreRow(
                task=str(score.task),
                metric=metric_label(score.metric),
                value=percent(score.value),
                stderr=_("± %(error)s") % {"error": percent(score.stderr)}
                if score.stderr is not None
                else "–",
                interval=_("%(low)s to %(high)s")
                % {"low": percent(interval.low), "high": percent(interval.high)}
                if interval
                else "–",
                questions=_("%(right)s of %(all)s") % {"right": score.right, "all": score.questions}
                if score.right is not None
                else str(score.questions),
                **_verdict(score),
            )
        )
    return rows


def _verdict(score: Score) -> dict[str, str]:
    if score.beats_chance is None:
        return {"verdict": "–", "tone": "neutral"}
    chance = percent(score.task.chance or 0)
    if score.beats_chance:
        return {"verdict": _("better than guessing (%(chance)s)") % {"chance": chance}, "tone": "success"}
    interval = score.interval
    if interval is not None and interval.high < (score.task.chance or 0):
        return {"verdict": _("worse than guessing (%(chance)s)") % {"chance": chance}, "tone": "warning"}
    return {
        "verdict": _("cannot be told apart from guessing (%(chance)s)") % {"chance": chance},
        "tone": "neutral",
    }


STAGES = (State.QUEUED, State.SUBMITTED, State.RUNNING, State.COLLECTING, State.SUCCEEDED)


def stages(run: Run) -> list[dict[str, Any]]:
    """The way of a run as `components/stepper.html` shows it."""
    here = {State.SUBMITTING: State.SUBMITTED}.get(State(run.state), State(run.state))
    place = STAGES.index(here) if here in STAGES else -1
    return [
        {
            "label": stage.label,
            "state": "done"
            if number < place or here == State.SUCCEEDED
            else "current"
            if number == place
            else "open",
        }
        for number, stage in enumerate(STAGES)
    ]


def imported_rows(report: ImportedReport) -> list[ScoreRow]:
    """Imported scores with the same columns as the portal's own."""
    return [
        ScoreRow(
            task=score.task,
            metric=metric_label(score.metric),
            value=percent(score.value),
            stderr=_("± %(error)s") % {"error": percent(score.stderr)} if score.stderr is not None else "–",
            interval=_("%(low)s to %(high)s")
            % {"low": percent(score.interval.low), "high": percent(score.interval.high)}
            if score.interval
            else "–",
            questions=str(score.questions or "–"),
            verdict="–",
            tone="neutral",
        )
        for score in report.scores.all()
    ]


def end_of(attempt: Attempt) -> str:
    """How an attempt ended, in a sentence; the engine's own word where there is no sentence for it."""
    known = {
        "": "–",
        "published": _("It wrote its result."),
        "already_published": _("The result was there already."),
        "stopped": _("It was interrupted."),
    }
    return known.get(attempt.reason) or str(REASONS.get(attempt.reason, attempt.reason))


def run_page(run: Run, user: User) -> dict[str, Any]:
    """Context of the run's page and of its self-renewing part; `run` tells in `is_decided` whether it has decisions."""
    may_read_log = user.has_perm("evaluations.read_log")
    progress = getattr(run, "progress", None)
    folder = RunFolder(launcher_of(run.engine).folder(run.key))
    changes = list(run.state_changes.select_related("actor").order_by("pk"))
    scores = (
        run.scores.select_related("task").order_by("task__name", "metric")
        if run.state == State.SUCCEEDED
        else []
    )
    return {
        "run": run,
        "progress": progress,
        "is_silent": progress is not None
        and run.state == State.RUNNING
        and progress.is_silent(timezone.now()),
        "waiting": waiting(progress.waiting_for) if progress and run.state == State.SUBMITTED else "",
        "events": changes,
        "times": [
            (stage, elapsed(stage.seconds), [(part, elapsed(part.seconds)) for part in stage.parts])
            for stage in stages_of(run, changes, folder.progress, timezone.now())
        ],
        "stages": stages(run) if run.state not in FINAL or run.state == State.SUCCEEDED else [],
        "sentence": REASONS.get(run.reason, run.reason),
        "rows": score_rows(scores),
        "decisions": run.decisions.select_related("by").order_by("pk")
        if run.is_decided  # type: ignore[attr-defined]
        else [],
        "doubt_is_soft": run.reason in SOFT,
        "may_decide": user.has_perm("evaluations.decide_quarantine"),
        "may_replay": run.state in (State.SUCCEEDED, State.LOST)
        and user.has_perm("evaluations.decide_quarantine"),
        "may_hand_in": run.state in HANDED_IN_FOR and user.has_perm("evaluations.hand_in_result"),
        "log": readable(folder.log_tail(), folder.path) if may_read_log else "",
        "detail": readable(run.detail, folder.path) if may_read_log else "",
        "may_read_log": may_read_log,
        "may_cancel": run.may_be_cancelled and user.has_perm("evaluations.cancel_run"),
        "may_request": user.has_perm("evaluations.request_run"),
    }
