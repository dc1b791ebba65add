"""Two releases on the same questions, over all tasks that both have answered under the same conditions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.core.cache import cache
from django.utils.translation import gettext as _

from evaluations.actions import EvaluationRefused
from evaluations.boards import benjamini_hochberg
from evaluations.comparability import Conditions, conditions_of, what_differs
from evaluations.models import AnswerVector, Run, Score
from evaluations.models.run import State
from evaluations.paired import ALPHA, Comparison, compare
from portfolio.models import ModelRelease


class ComparisonRefused(EvaluationRefused):
    """The two have no answers that belong together."""


@dataclass(frozen=True)
class Row:
    """One task. `q` is p adjusted over the whole board (Benjamini and Hochberg)."""

    first: Score
    second: Score
    comparison: Comparison
    q: float

    @property
    def is_significant(self) -> bool:
        return self.q <= ALPHA

    @property
    def gain(self) -> float:
        """By how much the second is better, on the metric's scale; negative when it is worse."""
        sign = 1 if self.second.higher_is_better else -1
        return sign * self.comparison.difference


@dataclass(frozen=True)
class Board:
    """`left_out` names tasks that only look comparable, each with the sentence why they are not."""

    rows: list[Row]
    left_out: list[tuple[str, str]]


def compare_releases(first: ModelRelease, second: ModelRelease) -> Board:
    """The newest accepted score of each task in both. Raises ComparisonRefused when no task can be compared."""
    if first.pk == second.pk:
        raise ComparisonRefused(_("A release cannot be compared with itself. Please choose two."))
    measured = []
    for release in (first, second):
        measured.append(_newest_scores(release))
        if not measured[-1]:
            raise ComparisonRefused(_("%(release)s has not been measured yet.") % {"release": release})
    return _board(*measured)


def compare_runs(first: Run, second: Run) -> Board:
    """The tasks of two runs. Raises ComparisonRefused when none can be compared."""
    return _board(
        _main_scores(Score.objects.filter(run=first)), _main_scores(Score.objects.filter(run=second))
    )


def _newest_scores(release: ModelRelease) -> list[Score]:
    """The newest score of each task; two statements less than asking for the runs first."""
    rows = Score.objects.filter(run__release=release, run__state=State.SUCCEEDED)
    newest = rows.order_by("task_id", "metric", "-run__finished_at", "-run_id").distinct("task_id", "metric")
    return _main_scores(newest)


def _main_scores(rows) -> list[Score]:
    """Those of each task's first metric: one decision per task, not one per way to count."""
    found = rows.select_related("task__version", "run__release__model", "vector")
    return [score for score in found if score.metric == score.task.metrics[0]]


def _board(first: list[Score], second: list[Score]) -> Board:
    ours = {_name(score): score for score in first}
    pairs, left_out = [], []
    for theirs in second:
        same = _partner(theirs, first)
        if same is not None:
            doubt = _why_unpaired(same, theirs)
            if doubt:
                left_out.append((str(theirs.task), doubt))
            else:
                pairs.append((same, theirs))
        elif near := ours.get(_name(theirs)):
            left_out.append((str(theirs.task), _other_conditions(near, theirs)))
    if pairs:
        return Board(_adjusted(pairs), left_out)
    if left_out:
        raise ComparisonRefused(
            _("These two cannot be compared. %(task)s: %(reason)s")
            % {"task": left_out[0][0], "reason": left_out[0][1]}
        )
    raise ComparisonRefused(
        _(
            "These two cannot be compared: they have not answered the same questions. Only answers to the same "
            "questions show which model is better; two scores from different questions do not. Please measure both "
            "with the same version of a suite."
        )
    )


def _name(score: Score) -> str:
    return score.task.name


def _partner(theirs: Score, candidates: Sequence[Score]) -> Score | None:
    wanted = conditions_of(theirs.task)
    if wanted is None:
        return None
    found = [
        each for each in candidates if conditions_of(each.task) == wanted and each.metric == theirs.metric
    ]
    return max(found, key=lambda each: each.run_id) if found else None


def _why_unpaired(first: Score, second: Score) -> str:
    """Empty when the answers belong together question by question."""
    for score in (first, second):
        if not hasattr(score, "vector"):
            return _("%(run)s has no answers to single questions, only a score.") % {"run": score.run.code}
    if first.vector.questions_hash != second.vector.questions_hash:
        return _("The questions were not the same.")
    return ""


def _other_conditions(first: Score, second: Score) -> str:
    conditions: list[Conditions | None] = [conditions_of(first.task), conditions_of(second.task)]
    if conditions[0] is None or conditions[1] is None:
        return _("It is not known yet which questions this task asks.")
    return _("The conditions differ: %(what)s.") % {"what": what_differs(conditions[0], conditions[1])}


def _adjusted(pairs: list[tuple[Score, Score]]) -> list[Row]:
    rows = [Row(first, second, _compared(first.vector, second.vector), 1.0) for first, second in pairs]
    adjusted = benjamini_hochberg([row.comparison.p for row in rows])
    return [replace(row, q=q) for row, q in zip(rows, adjusted, strict=True)]


def _compared(first: AnswerVector, second: AnswerVector) -> Comparison:
    """Seeded by the questions: the same two answers always give the same p."""
    seed = int(first.questions_hash[:16], 16)
    if first.is_binary and second.is_binary:
        return compare(first.values, second.values, seed=seed)
    # Thousands of resamples take a moment, and neither scores nor questions ever change.
    key = f"evaluations:paired:{first.pk}:{second.pk}:{first.questions_hash}"
    known: Comparison | None = cache.get(key)
    if known is None:
        known = compare(first.values, second.values, seed=seed)
        cache.set(key, known, None)
    return known
