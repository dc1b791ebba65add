"""Single answers: the questions they belong to, and whether the score follows from them."""

import json
import math
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from evaluations.gates.doubt import Doubtful

# Of a task's answers, at most this share may be empty before the result is looked at by a person.
EMPTY_SHARE = 0.01
# Nats; of a continuation that is as good as certain.
CERTAIN = 1e-9
# The harness counts a text's characters for this metric, and takes the highest likelihood for the other.
CHOICES = ("acc", "acc_norm")


def check_questions(
    document: dict[str, Any], samples: Sequence[dict[str, Any]], task: str, questions: int | None, pinned: str
) -> str:
    """Every question once, unchanged since the harness hashed it, and the questions of earlier runs; their hash."""
    if task not in document["results"]:
        raise Doubtful("task_missing", task)
    if questions is None:
        raise Doubtful("questions_missing", f"{task}: nobody has counted its questions")
    told = (document.get("n-samples") or {}).get(task) or {}
    by_filter = _by_filter(samples)
    counts = {told.get("original"), told.get("effective"), *map(len, by_filter.values()), questions}
    if counts != {questions} or not by_filter:
        raise Doubtful("questions_missing", f"{task}: {told}, {len(samples)} answers, not {questions}")
    if any(len({each.get("doc_id") for each in rows}) != len(rows) for rows in by_filter.values()):
        raise Doubtful("questions_missing", f"{task}: a question was answered twice")
    for sample in samples:
        _check_hashes(sample, task)
    content_hash = str((document.get("task_hashes") or {}).get(task, ""))
    chained = "".join(f"{each['doc_hash']}{each['prompt_hash']}{each['target_hash']}" for each in samples)
    if not content_hash or _hash(chained) != content_hash:
        raise Doubtful(
            "answers_edited", f"{task}: the answers do not belong to hash {content_hash or 'none'}"
        )
    if pinned and content_hash != pinned:
        raise Doubtful("other_questions", f"{task} has hash {content_hash}, not {pinned}")
    return content_hash


def _by_filter(samples: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for sample in samples:
        found.setdefault(str(sample.get("filter", "none")), []).append(sample)
    return found


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _check_hashes(sample: dict[str, Any], task: str) -> None:
    """Question, prompt and right answer are those that the harness hashed when it wrote the line."""
    prompt = sample["arguments"]["gen_args_0"]["arg_0"]
    found = {
        "doc_hash": _hash(json.dumps(sample["doc"], indent=2, ensure_ascii=False)),
        "prompt_hash": _hash(prompt) if isinstance(prompt, str) else sample.get("prompt_hash"),
        "target_hash": _hash(str(sample["target"])),
    }
    for name, value in found.items():
        if sample.get(name) != value:
            raise Doubtful("answers_edited", f"{task}, question {sample.get('doc_id')}: {name} does not fit")


def empty_share(samples: Sequence[dict[str, Any]]) -> float:
    """Share of questions without an answer: no text, or choices that are all called certain, which means nothing was told.

    A small model may honestly find some choices equally likely; it never finds each of them certain.
    """
    return sum(map(_is_empty, samples)) / len(samples)


def _is_empty(sample: dict[str, Any]) -> bool:
    answers = sample["resps"]
    likelihoods = _likelihoods(sample)
    if likelihoods is not None:
        return all(value >= -CERTAIN for value in likelihoods)
    return all(not str(text).strip() for answer in answers for text in answer)


def _likelihoods(sample: dict[str, Any]) -> list[float] | None:
    """Log-likelihoods of the choices, where the answers are some."""
    answers = [answer[0] for answer in sample["resps"]]
    if not all(isinstance(answer, list) and len(answer) == 2 for answer in answers):
        return None
    values = [float(answer[0]) for answer in answers]
    if not all(math.isfinite(value) for value in values):
        raise Doubtful("not_a_number", f"question {sample.get('doc_id')}: {values}")
    return values


def check_choices(
    samples: Sequence[dict[str, Any]], task: str, metric: str, output_type: str, delimiter: str
) -> None:
    """Where a choice was made by likelihood: that the one counted as made is the likeliest."""
    if metric not in CHOICES or output_type != "multiple_choice":
        return
    for sample in samples:
        likelihoods, target = _likelihoods(sample), str(sample["target"])
        if likelihoods is None or not target.isdigit() or int(target) >= len(likelihoods):
            continue
        if metric == "acc_norm":
            texts = [sample["arguments"][f"gen_args_{number}"]["arg_1"] for number in range(len(likelihoods))]
            lengths = [len(text.removeprefix(delimiter)) for text in texts]
            likelihoods = [value / max(1, length) for value, length in zip(likelihoods, lengths, strict=True)]
        right = likelihoods.index(max(likelihoods)) == int(target)
        if float(sample[metric]) != float(right):
            raise Doubtful(
                "answers_edited",
                f"{task}, question {sample.get('doc_id')}: {metric} {sample[metric]} does not follow from {likelihoods}",
            )
