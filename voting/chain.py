"""The hash chain of a round: every step that fixes something is a record, and each record seals the one before.

A record is a line of canonical JSON; its digest is SHA-256 over the digest of the record before it and that line. Knows
no Django: whoever has the records can check them with this file alone.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

# What the first record follows.
NOTHING = "0" * 64

RULES, PROPOSALS, FREEZE, BALLOT, CLOSE = "rules", "proposals", "freeze", "ballot", "close"
RESULT, OBJECTION, DECISION, FINAL, CANCELLED = "result", "objection", "decision", "final", "cancelled"

_UNTIL_CLOSED = (RULES, PROPOSALS, FREEZE, BALLOT, CLOSE)
# After which kinds a kind may stand; None: at the beginning.
FOLLOWS: dict[str, tuple[str | None, ...]] = {
    RULES: (None,),
    PROPOSALS: (RULES,),
    FREEZE: (PROPOSALS,),
    BALLOT: (FREEZE, BALLOT),
    CLOSE: (FREEZE, BALLOT),
    RESULT: (CLOSE,),
    OBJECTION: (RESULT, OBJECTION, DECISION),
    DECISION: (OBJECTION, DECISION),
    FINAL: (RESULT, DECISION),
    CANCELLED: (*_UNTIL_CLOSED, RESULT, OBJECTION, DECISION),
}


class Record(Protocol):
    @property
    def sequence(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def body(self) -> str: ...
    @property
    def previous(self) -> str: ...
    @property
    def digest(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a record. `code`: sequence, link, digest, form, order or count."""

    sequence: int
    code: str


def canonical(value: Any) -> str:
    """The one way in which a value is written: sorted keys, no spaces, no escapes beyond JSON's own, one line."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def body_of(sequence: int, kind: str, content: Mapping[str, Any]) -> str:
    """The line of a record. `content` holds text, whole numbers, booleans, None, lists and dicts of these."""
    return canonical({**content, "kind": kind, "sequence": sequence})


def digest_of(previous: str, body: str) -> str:
    """SHA-256 over the 64 hexadecimal digits of the record before, and the line, in UTF-8; in hexadecimal digits."""
    return hashlib.sha256(f"{previous}{body}".encode()).hexdigest()


def fingerprint(text: str) -> str:
    """SHA-256 of a text that is not in the chain itself."""
    return hashlib.sha256(text.encode()).hexdigest()


def opening(voter: str, version: int, nonce: str, choice: Any) -> str:
    """The canonical line of pseudonym, version, nonce and choice: what is hashed, and what its organisation keeps."""
    return canonical({"voter": voter, "version": version, "nonce": nonce, "choice": choice})


def commitment(voter: str, version: int, nonce: str, choice: Any) -> str:
    """What a ballot's record says about its content: nothing, to whoever lacks the nonce.

    SHA-256 over the `opening`. Each version has a nonce of its own, so that the opening of the last one does not give
    the earlier ones away.
    """
    return hashlib.sha256(opening(voter, version, nonce, choice).encode()).hexdigest()


def verify(records: Iterable[Record]) -> list[Flaw]:
    """Everything wrong with a chain, from its first record on; an empty list for one that holds.

    Finds changed, dropped, doubled and reordered records and a missing beginning. A cut end is found by comparing
    the last digest with the one that was announced.
    """
    flaws: list[Flaw] = []
    before, last, ballots = NOTHING, None, 0
    for place, record in enumerate(records, start=1):
        found = []
        if record.sequence != place:
            found.append("sequence")
        if record.previous != before:
            found.append("link")
        if record.digest != digest_of(record.previous, record.body):
            found.append("digest")
        body = _read(record.body)
        if body is None or body.get("kind") != record.kind or body.get("sequence") != record.sequence:
            found.append("form")
        if last not in FOLLOWS.get(record.kind, ()):
            found.append("order")
        ballots += record.kind == BALLOT
        if record.kind == CLOSE and body is not None and body.get("ballots") != ballots:
            found.append("count")
        flaws += [Flaw(record.sequence, code) for code in found]
        before, last = record.digest, record.kind
    return flaws


def _read(body: str) -> dict[str, Any] | None:
    """The content of a line, None for anything but a canonical line of a record."""
    try:
        value = json.loads(body)
        return value if isinstance(value, dict) and canonical(value) == body else None
    except ValueError:
        return None
