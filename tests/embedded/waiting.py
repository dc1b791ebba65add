"""Waiting for other processes by looking at them."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

# Only a failure takes this long; a busy machine takes a minute for what a quiet one does in ten seconds.
PATIENCE_SECONDS = 300.0


def until[T](look: Callable[[], T], what: str) -> T:
    """The first true answer of ``look``; the test fails when there is none for a long time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"in vain: {what}")
        time.sleep(0.02)
    return answer


def runs(pid: int) -> bool:
    """Whether the process exists and is more than an entry that nobody has collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except (FileNotFoundError, ProcessLookupError):
        return False


def offspring(pid: int) -> set[int]:
    """All processes below ``pid``."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found: set[int] = set()
    layer = {pid}
    while layer:
        layer = {child for child, parent in parents.items() if parent in layer}
        found |= layer
    return found


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
