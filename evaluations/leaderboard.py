"""Which releases did how well in one version of a suite, and which ranks the answers allow."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from django.utils.translation import gettext as _

from accounts.models import User
from evaluations.boards import Standing, standings
from evaluations.models import Run, Score, SuiteVersion, Task
from evaluations.models.run import State
from evaluations.presenting import percent
from evaluations.wording import is_share, value_of

# The newest releases; a board of more pairs than this is a table that nobody reads.
MOST_RELEASES = 100


@dataclass(frozen=True)
class Entry:
    """A ranked release. `scores` is in the order of the board's tasks."""

    run: Run
    standing: Standing
    scores: list[Score]
    share: bool

    @property
    def ranks(self) -> str:
        """`2` or `2–4`."""
        best, worst = self.standing.best_rank, self.standing.worst_rank
        return str(best) if best == worst else f"{best}–{worst}"

    @property
    def mean(self) -> str:
        if len(self.scores) == 1:
            return value_of(self.scores[0])
        return percent(self.standing.mean)


@dataclass(frozen=True)
class Leaderboard:
    """`unranked` are releases whose answers do not pair with the others', each with the sentence why.

    `tasks` are those that the ranks stand on; empty when no mean over the suite makes sense.
    """

    tasks: list[Task] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    unranked: list[tuple[Run, str]] = field(default_factory=list)


def newest_runs(version: SuiteVersion, user: User) -> list[Run]:
    """The newest accepted run of each release that `user` may see, newest releases first."""
    runs = Run.objects.visible_to(user).filter(suite_version=version, state=State.SUCCEEDED)
    newest = runs.order_by("-release_id", "-finished_at", "-pk").distinct("release_id")
    return list(newest.select_related("release__model")[:MOST_RELEASES])


def leaderboard(version: SuiteVersion, user: User, task: Task | None = None) -> Leaderboard:
    """Ranks over the mean of all tasks, or in one task. Four statements, whatever the number of releases."""
    tasks = [task] if task else sorted(version.tasks.all(), key=lambda each: each.name)
    runs = newest_runs(version, user)
    scores = _scores(runs, tasks)
    if task is None and not _have_a_mean(scores, tasks):
        return Leaderboard()
    hashes = _questions_of_the_board(scores, tasks)
    ranked, unranked = [], []
    for run in runs:
        own = [scores.get((run.pk, each.pk)) for each in tasks]
        if doubt := _why_unranked(own, hashes):
            unranked.append((run, doubt))
        else:
            ranked.append((run, [score for score in own if score is not None]))
    return Leaderboard(tasks, _ranked(ranked), unranked)


def _scores(runs: Sequence[Run], tasks: Sequence[Task]) -> dict[tuple[int, int], Score]:
    """The first metric of each task, by run and task."""
    first = {task.pk: task.metrics[0] for task in tasks if task.metrics}
    rows = Score.objects.filter(run__in=runs, task__in=tasks).select_related("vector")
    return {(row.run_id, row.task_id): row for row in rows if row.metric == first.get(row.task_id)}


def _have_a_mean(scores: dict[tuple[int, int], Score], tasks: Sequence[Task]) -> bool:
    """Whether all tasks are on one scale: percent of right answers and a perplexity have no mean."""
    return len(tasks) == 1 or all(is_share(score) for score in scores.values())


def _questions_of_the_board(scores: dict[tuple[int, int], Score], tasks: Sequence[Task]) -> list[str]:
    """Per task the questions that most releases answered."""
    found = []
    for task in tasks:
        counts = Counter(
            score.vector.questions_hash
            for (_run, task_id), score in scores.items()
            if task_id == task.pk and hasattr(score, "vector")
        )
        found.append(counts.most_common(1)[0][0] if counts else "")
    return found


def _why_unranked(scores: Sequence[Score | None], hashes: Sequence[str]) -> str:
    """Empty when the answers pair with those of the others."""
    for score, questions in zip(scores, hashes, strict=True):
        if score is None:
            return _("A task of the suite has no score.")
        if not hasattr(score, "vector"):
            return _("There are no answers to single questions, only scores.")
        if score.vector.questions_hash != questions:
            return _("The questions were not the same as for the others.")
    return ""


def _ranked(found: Sequence[tuple[Run, list[Score]]]) -> list[Entry]:
    if not found:
        return []
    columns = list(zip(*(scores for _run, scores in found), strict=True))
    matrices = [np.stack([score.vector.values for score in column]) for column in columns]
    higher_is_better = found[0][1][0].higher_is_better
    standing = standings(matrices, higher_is_better=higher_is_better)
    entries = [
        Entry(run, place, scores, is_share(scores[0]))
        for (run, scores), place in zip(found, standing, strict=True)
    ]
    return sorted(
        entries,
        key=lambda entry: (
            entry.standing.best_rank,
            entry.standing.worst_rank,
            -entry.standing.mean if higher_is_better else entry.standing.mean,
            -entry.run.release_id,
        ),
    )
