"""The heartbeat and the log."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from .files import put_json

HEARTBEAT_SECONDS = 5.0
SHORTEST_SECONDS = 0.5
LOG_LIMIT_BYTES = 8 * 1024 * 1024

BAR = re.compile(rb"^(?P<what>[^:|]*?):? *\d+%\|[^|]*\| *(?P<done>\d+)/(?P<total>\d+)")
COUNTED = (b"Requesting API", b"Running loglikelihood", b"Running generate", b"Running multiple")
REUSED = re.compile(rb"Cached requests: (\d+), Requests remaining: (\d+)")


# What the harness says when a score may not be what it looks like.
WARNINGS = (
    b"Device not specified",
    b"Metrics were not scored on the same number of documents",
    b"is missing in ",
    b"no values found for metric",
    b"Left truncating context",
    b"Label index was not in within range",
    b"Applied prompt returns empty string",
    b"No aggregation function defined for metric",
    b"instruct or chat variant but chat template is not applied",
    b"include non-deterministic sampling",
)
MOST_WARNINGS = 20


class Progress:
    """Writes `progress.json`: phase, done and total requests, how many were reused, times in epoch seconds.

    `phases` are the phases so far, each with the moment it began.
    """

    def __init__(self, folder: Path, restart: int, host: str):
        self._path = folder / "progress.json"
        self._state: dict[str, Any] = {
            "phase": "starting",
            "done": 0,
            "total": 0,
            "reused": 0,
            "restart": restart,
            "host": host,
            "moved_at": time.time(),
        }
        self._state["phases"] = [["starting", self._state["moved_at"]]]
        self._written = 0.0
        self._changed = True
        self.warnings: list[str] = []
        self.beat(force=True)

    def phase(self, name: str) -> None:
        """Enter a phase: preparing, endpoint, calibrating, evaluating, publishing, done, failed, stopped."""
        self._state["phase"] = name
        self._move()
        self._state["phases"].append([name, self._state["moved_at"]])
        self.beat(force=True)

    def reuse(self, cached: int, remaining: int) -> None:
        """Requests answered by an earlier attempt."""
        self._state["reused"] += cached
        self._state["done"] = self._state["reused"]
        self._state["total"] = self._state["reused"] + remaining
        self._move()

    def count(self, done: int, total: int) -> None:
        """`done` of the `total` requests that were still open."""
        reused = self._state["reused"]
        if (self._state["done"], self._state["total"]) != (reused + done, reused + total):
            self._state["done"], self._state["total"] = reused + done, reused + total
            self._move()

    def _move(self) -> None:
        self._state["moved_at"] = time.time()
        self._changed = True

    def beat(self, force: bool = False) -> None:
        """Write if something moved, or if the last heartbeat is getting old."""
        age = time.monotonic() - self._written
        if force or (self._changed and age >= SHORTEST_SECONDS) or age >= HEARTBEAT_SECONDS:
            put_json(self._path, {**self._state, "at": time.time()})
            self._written = time.monotonic()
            self._changed = False

    @property
    def reused(self) -> int:
        return int(self._state["reused"])

    def read(self, line: bytes) -> bool:
        """Take a line of lm-eval's output; True when it was a progress bar and need not be logged."""
        found = BAR.match(line)
        if found:
            if found["what"].startswith(COUNTED):
                self.count(int(found["done"]), int(found["total"]))
            return True
        if any(words in line for words in WARNINGS) and len(self.warnings) < MOST_WARNINGS:
            self.warnings.append(line.decode(errors="replace").strip()[:300])
        cached = REUSED.search(line)
        if cached:
            self.reuse(int(cached[1]), int(cached[2]))
        return False


class Log:
    """`log.txt`, appended over all restarts, with an upper limit so that a talkative harness fills no disk."""

    def __init__(self, folder: Path):
        self._file = open(folder / "log.txt", "ab", buffering=0)  # noqa: SIM115
        self._room = LOG_LIMIT_BYTES - self._file.tell()

    def line(self, text: bytes) -> None:
        if not text.strip() or self._room <= 0:
            return
        self._room -= len(text) + 1
        self._file.write(text.rstrip() + b"\n")
        if self._room <= 0:
            self._file.write(b"[log limit reached, the rest is not kept]\n")

    def say(self, text: str) -> None:
        """The runner's own remark, with the time."""
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        self.line(f"[runner {stamp}Z] {text}".encode())
