"""A published result as the runner leaves it, from answers that are right or wrong."""

import hashlib
import json
from pathlib import Path
from typing import Any

TASK = "cesai_smoke_de"
CONTENT_HASH = "c" * 64


def documents(right: int, questions: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """lm-eval's results and samples of the shipped task."""
    samples = [
        {
            "doc_id": number,
            "acc": float(number < right),
            "acc_norm": float(number % 4 == 0),
            "filter": "none",
            "target": str(number % 2),
            "arguments": {
                f"gen_args_{each}": {"arg_0": f"Frage {number}?\nAntwort:", "arg_1": f" {text}"}
                for each, text in enumerate(("Ja", "Nein"))
            },
            "filtered_resps": [["-1.0", "False"], ["-2.0", "False"]],
            **dict.fromkeys(("doc_hash", "prompt_hash", "target_hash"), f"{number:064x}"),
        }
        for number in range(questions)
    ]
    norm = sum(sample["acc_norm"] for sample in samples) / questions
    results = {
        "results": {
            TASK: {
                "acc,none": right / questions,
                "acc_stderr,none": 0.05,
                "acc_norm,none": norm,
                "acc_norm_stderr,none": 0.04,
            }
        },
        "n-samples": {TASK: {"original": questions, "effective": questions}},
        "higher_is_better": {TASK: {"acc": True, "acc_norm": True}},
        "task_hashes": {TASK: CONTENT_HASH},
    }
    return results, samples


def publish(
    folder: Path,
    *,
    fingerprint: str,
    key: str,
    model: str,
    results: dict[str, Any],
    samples: list[dict[str, Any]],
    **changes: Any,
) -> Path:
    """Write `folder/result` with a manifest that fits; `changes` go into the manifest."""
    place = folder / "result"
    place.mkdir(parents=True)
    files = {
        "results_2026-05-04.json": json.dumps(results),
        f"samples_{TASK}_2026-05-04.jsonl": "".join(json.dumps(sample) + "\n" for sample in samples),
    }
    for name, content in files.items():
        (place / name).write_text(content)
    manifest = {
        "fingerprint": fingerprint,
        "key": key,
        "endpoint": {"model": model},
        "harness": {"name": "lm-eval", "version": "0.4.13"},
        "files": {
            name: {"sha256": hashlib.sha256(content.encode()).hexdigest()} for name, content in files.items()
        },
        **changes,
    }
    (place / "manifest.json").write_text(json.dumps(manifest))
    return place
