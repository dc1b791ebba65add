"""A run as the Hub wants results of a model: a file for the folder `.eval_results` of the model's repository.

Source: `eval_results.yaml` of github.com/huggingface/hub-docs. The Hub lists results on data sets of its own, so
tasks with the portal's own questions are left out; a board shows them if its data set asks for results.
"""

from typing import Any

import yaml
from django.conf import settings
from django.utils.translation import gettext as _

from evaluations.actions import EvaluationRefused
from evaluations.models import Run, Score


def entries(run: Run, scores: list[Score]) -> list[dict[str, Any]]:
    """One for each task on a data set of the Hub, by its first metric; EvaluationRefused where there is none.

    `scores` are those of `run`, with their tasks.
    """
    told = [score for score in scores if score.task.dataset and score.metric == score.task.metrics[0]]
    if not told:
        raise EvaluationRefused(
            _(
                "The Hub lists results on its own data sets only. The questions of this run are the portal's own; CSV, "
                "JSON, Parquet and Every Eval Ever hold its scores."
            )
        )
    return [_entry(run, score) for score in told]


def _entry(run: Run, score: Score) -> dict[str, Any]:
    task, version = score.task, run.suite_version
    assert run.finished_at is not None
    dataset = {"id": task.dataset, "task_id": task.configuration or "default"}
    if task.revision:
        dataset["revision"] = task.revision
    error = "" if score.stderr is None else f", standard error {score.stderr:.6g}"
    template = "with" if version.applies_chat_template else "without"
    return {
        "dataset": dataset,
        "value": score.value,
        "date": run.finished_at.isoformat(timespec="seconds"),
        "source": {
            "url": settings.SITE_URL.rstrip("/") + run.get_absolute_url(),
            "name": f"CESAI {run.code}",
        },
        "notes": (
            f"{task.name}, {score.metric}{error}, {score.questions} questions, {task.shots} examples, {template} chat "
            f"template, {version.harness} {version.harness_version}"
        ),
    }


def render(run: Run, scores: list[Score]) -> bytes:
    return yaml.safe_dump(entries(run, scores), sort_keys=False, allow_unicode=True).encode()
