"""A run as the list that the Hub reads from `.eval_results/*.yaml` in a model's repository.

Written after `huggingface_hub` 2.4 (`EvalResultEntry`), which reads the file back in the tests; only `hub/client.py` may
import that library.
"""

from typing import Any

import yaml
from django.conf import settings
from django.utils.translation import gettext as _

from evaluations.actions import EvaluationRefused
from evaluations.models import Run, Score


def entries(run: Run, scores: list[Score]) -> list[dict[str, Any]]:
    """One entry per task whose questions lie on the Hub, with its first metric.

    Raises EvaluationRefused when there is none: an entry must name a data set of the Hub, and an invented one would
    put the score on a board where it does not belong.
    """
    found = [
        _entry(run, score) for score in scores if score.task.dataset and score.metric == score.task.metrics[0]
    ]
    if not found:
        raise EvaluationRefused(
            _("The questions of this suite do not lie on the Hub; its list of results has no place for them.")
        )
    return found


def _entry(run: Run, score: Score) -> dict[str, Any]:
    task = score.task
    assert run.finished_at is not None
    dataset = {"id": task.dataset, "task_id": task.configuration or "default"}
    if task.revision:
        dataset["revision"] = task.revision
    return {
        "dataset": dataset,
        "value": score.value,
        "date": run.finished_at.isoformat(timespec="seconds"),
        "source": {
            "url": settings.SITE_URL.rstrip("/") + run.get_absolute_url(),
            "name": f"CESAI {run.code}",
        },
        "notes": f"{task.name}, {score.metric}, {task.shots}-shot, "
        f"{run.suite_version.harness} {run.suite_version.harness_version}, "
        f"chat template: {'yes' if run.suite_version.applies_chat_template else 'no'}",
    }


def render(run: Run, scores: list[Score]) -> bytes:
    return yaml.safe_dump(entries(run, scores), sort_keys=False, allow_unicode=True).encode()
