"""From the harness's sample lines to questions and answers. Pure, no database."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

LONGEST_PROMPT = 20_000
LONGEST_RESPONSE = 4_000
MOST_CHOICES = 50
CUT = " […]"

# PostgreSQL takes no NUL and UTF-8 no lone surrogate; other control characters have no business on a page.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Question:
    """What was asked, for all models the same. `key` names the content: equal questions have equal keys."""

    key: UUID
    doc_hash: str
    prompt_hash: str
    target_hash: str
    prompt: str
    choices: list[str]
    target: str


@dataclass(frozen=True)
class Answer:
    """`value` is the task's first metric, `is_right` None where it is neither 0 nor 1."""

    doc_id: int
    value: float
    is_right: bool | None
    response: str


@dataclass(frozen=True)
class Answers:
    """All answers of a task, `questions[i]` belonging to `answers[i]`, by the harness's number of the question.

    `questions_hash` is the SHA-256 over the keys in this order: two runs with equal hash answered the same questions,
    and their `values` (per metric) pair by position. Everything is empty when the harness did not say what it asked.
    """

    questions: list[Question] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    values: dict[str, list[float]] = field(default_factory=dict)
    questions_hash: str = ""


def answers_of(task: str, samples: Sequence[dict[str, Any]], metrics: Sequence[str]) -> Answers:
    """The answers in `samples`, whose metrics are finite numbers already; empty unless each line has its hashes."""
    if not samples or not all(_is_identified(sample) for sample in samples):
        return Answers()
    ordered = sorted(samples, key=lambda sample: int(sample["doc_id"]))
    seen: dict[tuple[str, ...], int] = {}
    questions = []
    for sample in ordered:
        identity = (task, *(str(sample[name]) for name in HASHES))
        # Data sets hold some questions twice; the second one is another question.
        number = seen[identity] = seen.get(identity, -1) + 1
        questions.append(_question(sample, UUID(bytes=_digest(*identity, str(number))[:16])))
    return Answers(
        questions=questions,
        answers=[_answer(sample, metrics[0]) for sample in ordered],
        values={metric: [float(sample[metric]) for sample in ordered] for metric in metrics},
        questions_hash=_digest(*(question.key.hex for question in questions)).hex(),
    )


HASHES = ("doc_hash", "prompt_hash", "target_hash")


def _is_identified(sample: dict[str, Any]) -> bool:
    return type(sample.get("doc_id")) is int and all(
        isinstance(sample.get(name), str) and re.fullmatch(r"[0-9a-f]{64}", sample[name]) for name in HASHES
    )


def _digest(*parts: str) -> bytes:
    return hashlib.sha256("\n".join(parts).encode()).digest()


def _question(sample: dict[str, Any], key: UUID) -> Question:
    requests = _requests(sample)
    choices = [text.strip() for _context, text in requests] if len(requests) > 1 else []
    target = sample.get("target", "")
    if choices and str(target).isdigit() and int(str(target)) < len(choices):
        target = choices[int(str(target))]
    return Question(
        key=key,
        doc_hash=sample["doc_hash"],
        prompt_hash=sample["prompt_hash"],
        target_hash=sample["target_hash"],
        prompt=clean(requests[0][0] if requests else "", LONGEST_PROMPT),
        choices=[clean(choice, LONGEST_RESPONSE) for choice in choices[:MOST_CHOICES]],
        target=clean(target, LONGEST_RESPONSE),
    )


def _requests(sample: dict[str, Any]) -> list[tuple[str, str]]:
    """What was sent: context and continuation of each request; lm-eval numbers both."""
    arguments = sample.get("arguments")
    if isinstance(arguments, dict):
        given = [each for each in arguments.values() if isinstance(each, dict)]
        return [(str(each.get("arg_0", "")), _continuation(each.get("arg_1", ""))) for each in given]
    if isinstance(arguments, list):
        pairs = [each for each in arguments if isinstance(each, list) and each]
        return [(str(each[0]), _continuation(each[1] if len(each) > 1 else "")) for each in pairs]
    return []


def _continuation(argument: Any) -> str:
    """The text of a choice; for a generation the second argument is a table of settings."""
    return argument if isinstance(argument, str) else ""


def _answer(sample: dict[str, Any], metric: str) -> Answer:
    value = float(sample[metric])
    return Answer(
        doc_id=min(max(sample["doc_id"], 0), 2**31 - 1),
        value=value,
        is_right=bool(value) if value in (0, 1) else None,
        response=clean(_response(sample), LONGEST_RESPONSE),
    )


def _response(sample: dict[str, Any]) -> str:
    """The text that the model generated, or the choice that it found most likely."""
    given = sample.get("filtered_resps")
    if not isinstance(given, list) or not given:
        return ""
    if isinstance(given[0], str):
        raw = sample.get("resps")
        while isinstance(raw, list) and raw:
            raw = raw[0]
        return raw if isinstance(raw, str) else given[0]
    choices = _requests(sample)
    try:
        likelihoods = [float(each[0]) for each in given]
    except (TypeError, ValueError, LookupError):
        return ""
    if len(likelihoods) < 2 or len(likelihoods) != len(choices):
        return ""
    return choices[likelihoods.index(max(likelihoods))][1].strip()


def clean(text: Any, longest: int) -> str:
    """`text` as a database and a page can hold it: no control characters, at most `longest` long."""
    printable = UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", str(text).replace("\r\n", "\n"))
    return printable if len(printable) <= longest else printable[: longest - len(CUT)] + CUT
