"""The figures of a task: finite, and following from its single answers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evaluations.gates import answers
from evaluations.gates.doubt import Doubtful

# Binary fractions of sums of 0 and 1 over some thousand questions differ by less than this.
TOLERANCE = 1e-9
# Standard errors go through a square root and a division, in another order than here.
STDERR_TOLERANCE = 1e-6
KNOWN_SCALES = {1.96: "1.96 standard errors", 100.0: "percent", 196.0: "1.96 standard errors in percent"}


@dataclass(frozen=True)
class Finding:
    """One metric of one task; `right` where every answer counts 0 or 1."""

    task: str
    metric: str
    value: float
    stderr: float | None
    questions: int
    right: int | None
    higher_is_better: bool


def finding(document: dict[str, Any], samples: Sequence[dict[str, Any]], task: str, metric: str) -> Finding:
    """`metric` is the harness's name; one of another filter than `none` is `name,filter`."""
    name, _comma, chosen = metric.partition(",")
    chosen = chosen or "none"
    row = document["results"][task]
    value, stderr = row.get(f"{name},{chosen}"), row.get(f"{name}_stderr,{chosen}")
    if stderr == "N/A":
        stderr = None
    mine = [sample for sample in samples if str(sample.get("filter", "none")) == chosen]
    told: list[Any] = [sample.get(name) for sample in mine]
    if not told:
        raise Doubtful("questions_missing", f"{task}: no answers of filter {chosen}")
    for number in (value, *told, *([] if stderr is None else [stderr])):
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not math.isfinite(number):
            raise Doubtful("not_a_number", f"{task} {metric}: {number!r}")
    mean = math.fsum(told) / len(told)
    if abs(mean - value) > TOLERANCE:
        raise Doubtful(
            "mean_differs", f"{task} {metric}: {value!r} is told, {mean!r} follows from the answers"
        )
    _check_stderr(task, metric, told, mean, stderr)
    settings = (document.get("configs") or {}).get(task) or {}
    answers.check_choices(
        mine, task, name, str(settings.get("output_type", "")), str(settings.get("target_delimiter", " "))
    )
    binary = all(answer in (0, 1) for answer in told)
    better = ((document.get("higher_is_better") or {}).get(task) or {}).get(name, True)
    return Finding(
        task=task,
        metric=metric,
        value=float(value),
        stderr=None if stderr is None else float(stderr),
        questions=len(told),
        right=round(math.fsum(told)) if binary else None,
        higher_is_better=bool(better),
    )


def by_question(samples: Sequence[dict[str, Any]], metrics: Sequence[str]) -> list[dict[str, Any]]:
    """One row per question with the value of each metric under its full name, whatever filter it is from."""
    rows: dict[Any, dict[str, Any]] = {}
    for metric in metrics:
        name, _comma, chosen = metric.partition(",")
        for sample in samples:
            if str(sample.get("filter", "none")) == (chosen or "none"):
                rows.setdefault(sample.get("doc_id"), dict(sample))[metric] = sample[name]
    return list(rows.values())


def _check_stderr(task: str, metric: str, told: Sequence[float], mean: float, stderr: float | None) -> None:
    """One standard error of a mean: the sample's standard deviation over the root of its size."""
    if stderr is None or len(told) < 2:
        return
    own = math.sqrt(math.fsum((each - mean) ** 2 for each in told) / (len(told) - 1) / len(told))
    if abs(own - stderr) <= STDERR_TOLERANCE:
        return
    scale = next(
        (name for factor, name in KNOWN_SCALES.items() if own and abs(stderr / own / factor - 1) < 0.01), ""
    )
    raise Doubtful(
        "stderr_differs",
        f"{task} {metric}: {stderr!r} is told, {own!r} follows from the answers{f'; it looks like {scale}' if scale else ''}",
    )
