"""A published result as the runner leaves it, from answers that are right or wrong."""

import hashlib
import json
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from evaluations.calibration import golden

TASK = "cesai_smoke_de"
# What the endpoint of these results answers to every golden continuation.
GOLDEN_VALUES = [[-1.5, -0.5] for _pair in golden.pairs()]


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def answer(number: int, right: bool, right_by_length: bool) -> dict[str, Any]:
    """One question with two choices of different length, the first of them right, as lm-eval writes it."""
    doc = {"id": str(number), "frage": f"Frage {number}?"}
    # Right by likelihood and wrong by length, or the other way round, needs choices of different length.
    texts = [" ab", " achtfach"] if right else [" achtfach", " ab"]
    likelihoods = {
        (True, True): [-1.0, -8.0],
        (True, False): [-7.0, -8.0],
        (False, True): [-8.0, -7.0],
        (False, False): [-40.0, -1.0],
    }[right, right_by_length]
    prompt = f"Frage: {doc['frage']}\nAntwort:"
    return {
        "doc_id": number,
        "doc": doc,
        "target": "0",
        "arguments": {
            f"gen_args_{place}": {"arg_0": prompt, "arg_1": text} for place, text in enumerate(texts)
        },
        "resps": [[[str(value), "False"]] for value in likelihoods],
        "filtered_resps": [[str(value), "False"] for value in likelihoods],
        "filter": "none",
        "metrics": ["acc", "acc_norm"],
        "doc_hash": sha256(json.dumps(doc, indent=2, ensure_ascii=False)),
        "prompt_hash": sha256(prompt),
        "target_hash": sha256("0"),
        "acc": float(right),
        "acc_norm": float(right_by_length),
    }


def documents(right: int, questions: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """lm-eval's results and samples of the shipped task."""
    samples = [answer(number, number < right, number % 4 == 0) for number in range(questions)]
    scores: dict[str, Any] = {}
    for metric in ("acc", "acc_norm"):
        values = [sample[metric] for sample in samples]
        scores[f"{metric},none"] = fmean(values)
        scores[f"{metric}_stderr,none"] = stdev(values) / questions**0.5
    results = {
        "results": {TASK: scores},
        "configs": {TASK: {"output_type": "multiple_choice", "target_delimiter": " "}},
        "n-samples": {TASK: {"original": questions, "effective": questions}},
        "higher_is_better": {TASK: {"acc": True, "acc_norm": True}},
        "task_hashes": {TASK: content_hash(samples)},
        "config": {"limit": None, "random_seed": 42, "fewshot_seed": 42},
    }
    return results, samples


def content_hash(samples: list[dict[str, Any]]) -> str:
    return sha256("".join(each["doc_hash"] + each["prompt_hash"] + each["target_hash"] for each in samples))


def publish(
    folder: Path,
    *,
    fingerprint: str,
    key: str,
    model: str,
    results: dict[str, Any],
    samples: list[dict[str, Any]],
    values: list[list[float]] | None = None,
    **changes: Any,
) -> Path:
    """Write `folder/result` with a manifest that fits; `changes` go into the manifest."""
    place = folder / "result"
    place.mkdir(parents=True)
    values = GOLDEN_VALUES if values is None else values
    probe = {"golden": golden.sha256(), "image": "stand-in 1.0", "before": values, "after": values[:8]}
    files = {
        "results_2026-05-04.json": json.dumps(results),
        f"samples_{TASK}_2026-05-04.jsonl": "".join(
            json.dumps(sample, ensure_ascii=False) + "\n" for sample in samples
        ),
        "golden.json": json.dumps(probe),
    }
    for name, content in files.items():
        (place / name).write_text(content)
    manifest = {
        "fingerprint": fingerprint,
        "key": key,
        "endpoint": {"model": model, "sha256": None},
        "harness": {"name": "lm-eval", "version": "0.4.13"},
        "files": {name: {"sha256": sha256(content)} for name, content in files.items()},
        "cache": {"name": fingerprint, "opened": "new"},
        "again": {"asked": 24, "largest": 0.0, "generated": 0, "alike": 0, "truncated": 0},
        "device": {"asked": 0, "used": "cpu", "gpus": []},
        "warnings": [],
        **changes,
    }
    (place / "manifest.json").write_text(json.dumps(manifest))
    return place
