"""Some answers of the harness asked for once more: a foreign cache or an edited file gives itself away here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable

from .asking import Asking, drawn
from .reasons import Stopped

ASKED = 24
# A GPU may round differently from batch to batch, and one other token changes all that follow.
ALIKE_CHARACTERS = 20


def requests_of(output: Path) -> list[dict[str, Any]]:
    """Each request in the harness's files of single answers: `{"likelihood": ...}` or `{"generation": ...}`."""
    found = []
    for path in sorted(output.rglob("samples_*.jsonl")):
        for line in path.read_bytes().splitlines():
            try:
                sample = json.loads(line)
                found += list(_requests(sample))
            except (ValueError, AttributeError, LookupError, TypeError) as problem:
                raise Stopped("result_invalid", f"{path.name}: {problem.__class__.__name__}") from problem
    return found


def _requests(sample: dict[str, Any]) -> list[dict[str, Any]]:
    arguments = sample.get("arguments")
    if not isinstance(arguments, dict):
        return []
    found = []
    for number, told in enumerate(sample["resps"]):
        first, second = (arguments[f"gen_args_{number}"].get(f"arg_{place}") for place in (0, 1))
        if isinstance(second, str) and first:
            found.append({"context": first, "continuation": second, "told": float(told[0][0])})
        elif isinstance(second, dict) and not second.get("do_sample"):
            found.append({"prompt": first, "arguments": second, "told": str(told[0])})
    return found


def ask_again(asking: Asking, output: Path, seed: str, tick: Callable[[], None]) -> dict[str, Any]:
    """What came of asking again.

    `largest` is the largest difference of log-probabilities in nats per token, `alike` of `generated` texts began
    alike, `truncated` of them ended at their longest.
    """
    requests = drawn(requests_of(output), ASKED, seed)
    seen: dict[str, Any] = {
        "asked": len(requests),
        "largest": 0.0,
        "generated": 0,
        "alike": 0,
        "truncated": 0,
    }
    for request in requests:
        tick()
        if "continuation" in request:
            values = asking.likelihood(request["context"], request["continuation"])
            difference = abs(sum(values) - request["told"]) / max(1, len(values))
            seen["largest"] = max(seen["largest"], difference)
        else:
            text, truncated = asking.generation(request["prompt"], request["arguments"])
            seen["generated"] += 1
            seen["truncated"] += truncated
            seen["alike"] += text.strip()[:ALIKE_CHARACTERS] == request["told"].strip()[:ALIKE_CHARACTERS]
    return seen
