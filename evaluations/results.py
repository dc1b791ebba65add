"""Reading a published result and the gates it has to pass. No database here: files in, findings or a doubt out."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

from evaluations.samples import Answers, answers_of

# Binary fractions of sums of 0 and 1 over some thousand questions differ by less than this.
TOLERANCE = 1e-9


class Doubtful(Exception):
    """A result that must not become a score. `reason` is a key of `evaluations.sentences.REASONS`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True)
class Expected:
    """What a task must show: its metrics, its number of questions, and its hash if one is binding already.

    `questions` None: nobody has counted them, so nothing can prove that none is missing.
    """

    metrics: tuple[str, ...]
    questions: int | None
    content_hash: str = ""


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


@dataclass(frozen=True)
class Result:
    """`answers` by task; empty where the harness did not say which questions they belong to."""

    findings: list[Finding]
    content_hashes: dict[str, str]
    answers: dict[str, Answers]


def read_result(
    folder: Path,
    *,
    fingerprint: str,
    key: str,
    model: str,
    harness_version: str,
    tasks: Mapping[str, Expected],
) -> Result:
    """The findings of a result folder. Raises Doubtful at the first gate that does not hold."""
    manifest = _json(folder / "manifest.json")
    for name, expected in (("fingerprint", fingerprint), ("key", key)):
        if manifest.get(name) != expected:
            raise Doubtful("foreign_result", f"{name} is {manifest.get(name)}, not {expected}")
    _check_files(folder, manifest)
    served = manifest.get("endpoint") or {}
    if served.get("model") != model:
        raise Doubtful("foreign_model", f"the endpoint served {served.get('model')}, not {model}")
    found_version = (manifest.get("harness") or {}).get("version")
    if found_version != harness_version:
        raise Doubtful("other_harness", f"harness version {found_version}, not {harness_version}")
    results = [folder / name for name in manifest["files"] if name.startswith("results_")]
    if len(results) != 1:
        raise Doubtful("file_missing", f"{len(results)} result files")
    document = _json(results[0])
    findings = []
    hashes = {}
    answers = {}
    for task, wanted in tasks.items():
        samples = _samples(folder, manifest, task)
        hashes[task] = _check_task(document, samples, task, wanted)
        findings += [_finding(document, samples, task, metric) for metric in wanted.metrics]
        answers[task] = answers_of(task, samples, wanted.metrics)
    return Result(findings, hashes, answers)


def _json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except OSError as problem:
        raise Doubtful("file_missing", str(problem)) from problem
    except ValueError as problem:
        raise Doubtful("file_damaged", f"{path.name}: {problem}") from problem
    if not isinstance(document, dict):
        raise Doubtful("file_damaged", f"{path.name} is not an object")
    return document


def _check_files(folder: Path, manifest: dict[str, Any]) -> None:
    files = manifest.get("files")
    if not isinstance(files, dict) or not files:
        raise Doubtful("file_missing", "the manifest lists no files")
    for name, entry in files.items():
        path = folder / name
        if Path(name).name != name or not path.is_file():
            raise Doubtful("file_missing", str(name))
        with path.open("rb") as stream:
            found = file_digest(stream, "sha256").hexdigest()
        if found != (entry or {}).get("sha256"):
            raise Doubtful("file_changed", f"{name} has SHA-256 {found}")


def _samples(folder: Path, manifest: dict[str, Any], task: str) -> list[dict[str, Any]]:
    names = [name for name in manifest["files"] if name.startswith(f"samples_{task}_")]
    if len(names) != 1:
        raise Doubtful("task_missing", f"{len(names)} files with answers for {task}")
    try:
        samples = [json.loads(line) for line in (folder / names[0]).read_bytes().splitlines() if line.strip()]
    except ValueError as problem:
        raise Doubtful("file_damaged", f"{names[0]}: {problem}") from problem
    if not all(isinstance(sample, dict) for sample in samples):
        raise Doubtful("file_damaged", f"{names[0]} holds something else than answers")
    return samples


def _check_task(
    document: dict[str, Any], samples: list[dict[str, Any]], task: str, expected: Expected
) -> str:
    """Number and identity of the questions; the harness's hash over them."""
    if task not in document.get("results", {}):
        raise Doubtful("task_missing", task)
    told = (document.get("n-samples") or {}).get(task) or {}
    counts = {told.get("original"), told.get("effective"), len(samples), expected.questions}
    if counts != {expected.questions}:
        raise Doubtful(
            "questions_missing", f"{task}: {told}, {len(samples)} answers, not {expected.questions}"
        )
    if len({sample.get("doc_id") for sample in samples}) != len(samples):
        raise Doubtful("questions_missing", f"{task}: a question was answered twice")
    content_hash = str((document.get("task_hashes") or {}).get(task, ""))
    if not content_hash:
        raise Doubtful("other_questions", f"{task}: the harness gave no hash")
    if expected.content_hash and content_hash != expected.content_hash:
        raise Doubtful("other_questions", f"{task} has hash {content_hash}, not {expected.content_hash}")
    return content_hash


def _finding(document: dict[str, Any], samples: list[dict[str, Any]], task: str, metric: str) -> Finding:
    row = document["results"][task]
    value, stderr = row.get(f"{metric},none"), row.get(f"{metric}_stderr,none")
    if stderr == "N/A":
        stderr = None
    answers: list[Any] = [sample.get(metric) for sample in samples]
    for number in (value, *answers, *([] if stderr is None else [stderr])):
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not math.isfinite(number):
            raise Doubtful("not_a_number", f"{task} {metric}: {number!r}")
    mean = math.fsum(answers) / len(answers)
    if abs(mean - value) > TOLERANCE:
        raise Doubtful(
            "mean_differs", f"{task} {metric}: {value!r} is told, {mean!r} follows from the answers"
        )
    binary = all(answer in (0, 1) for answer in answers)
    better = ((document.get("higher_is_better") or {}).get(task) or {}).get(metric, True)
    return Finding(
        task=task,
        metric=metric,
        value=float(value),
        stderr=None if stderr is None else float(stderr),
        questions=len(answers),
        right=round(math.fsum(answers)) if binary else None,
        higher_is_better=bool(better),
    )
