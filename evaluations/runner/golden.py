"""Golden continuations: what an endpoint answers to known text, held against what the model must answer."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

from .asking import Asking
from .reasons import Stopped

# Asked once more when the questions are done: the model must still be the one that was there before.
ASKED_AFTERWARDS = 8
SHIFTS = (1, -1)


@dataclass(frozen=True)
class Deviation:
    """How far log-probabilities are from a reference, in nats per token.

    `largest` is infinite when a continuation has another number of tokens or an answer is not a finite number.
    `shift` is 1 or -1 when the answers fit the reference moved by that many tokens, and do not fit it otherwise.
    """

    largest: float
    shift: int = 0
    where: int = 0


def deviation(
    found: Sequence[Sequence[float]], expected: Sequence[Sequence[float]], tolerance: float
) -> Deviation:
    """Compare continuation by continuation, token by token."""
    if len(found) != len(expected):
        return Deviation(math.inf)
    largest, where = 0.0, 0
    for number, (these, those) in enumerate(zip(found, expected)):
        if len(these) != len(those):
            return Deviation(math.inf, where=number)
        for a, b in zip(these, those):
            difference = abs(a - b)
            if not math.isfinite(difference):
                return Deviation(math.inf, where=number)
            if difference > largest:
                largest, where = difference, number
    if largest <= tolerance:
        return Deviation(largest, where=where)
    shift = next((by for by in SHIFTS if _fits_moved(found, expected, by, tolerance)), 0)
    return Deviation(largest, shift, where)


def _fits_moved(
    found: Sequence[Sequence[float]], expected: Sequence[Sequence[float]], by: int, tolerance: float
) -> bool:
    pairs = []
    for these, those in zip(found, expected):
        these, those = (these[by:], those[:-by]) if by > 0 else (these[:by], those[-by:])
        pairs += list(zip(these, those))
    return bool(pairs) and all(abs(a - b) <= tolerance for a, b in pairs)


def load(path: Path) -> list[tuple[str, str]]:
    """Pairs of context and continuation."""
    try:
        document = json.loads(path.read_bytes())
        return [(str(context), str(continuation)) for context, continuation in document]
    except (OSError, ValueError, TypeError) as problem:
        raise Stopped("data_changed", f"{path.name}: {problem}") from problem


def probe(asking: Asking, pairs: Sequence[tuple[str, str]], tick: Callable[[], None]) -> list[list[float]]:
    """Log-probabilities of each continuation's tokens."""
    found = []
    for context, continuation in pairs:
        tick()
        found.append(asking.likelihood(context, continuation))
    return found


def hold_against(
    found: Sequence[Sequence[float]], expected: Sequence[Sequence[float]], tolerance: float, proven: bool
) -> Deviation:
    """The deviation, if it is allowed. Stopped says whether the server or the model is the wrong one.

    `proven` is whether the endpoint has shown by a SHA-256 that it serves the model's file.
    """
    seen = deviation(found, expected, tolerance)
    if seen.largest <= tolerance:
        return seen
    far = f"largest difference {seen.largest:.4g} at continuation {seen.where + 1}, allowed {tolerance:g}"
    if seen.shift:
        raise Stopped("logprobs_wrong", f"the log-probabilities belong to the token {_beside(seen)} ({far})")
    if proven:
        raise Stopped("logprobs_wrong", f"the model is the right one, its log-probabilities are not ({far})")
    raise Stopped("wrong_model", f"the golden continuations are answered as by another model ({far})")


def _beside(seen: Deviation) -> str:
    return "after" if seen.shift < 0 else "before"


def document(
    sha256: str, image: str, before: Sequence[Sequence[float]], after: Sequence[Sequence[float]]
) -> dict[str, Any]:
    """What is published beside the results."""
    return {"golden": sha256, "image": image, "before": list(before), "after": list(after)}
