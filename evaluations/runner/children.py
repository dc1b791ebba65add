"""Child processes in sessions of their own, ended as a group."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Callable

TETHER = Path(__file__).with_name("tether.py")
GRACE_SECONDS = 5.0


def start(
    command: list[str], *, directory: str, environment: dict[str, str], output: int | IO[bytes], lock: int
) -> subprocess.Popen[bytes]:
    """Start `command` in its own session; it holds `lock` too and dies when this process dies."""
    return subprocess.Popen(
        [sys.executable, str(TETHER), str(os.getpid()), *command],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=(lock,),
    )


def end(child: subprocess.Popen[bytes], grace: float = GRACE_SECONDS) -> None:
    """TERM to the child's whole group, KILL to what is left after `grace` seconds; returns when it is gone."""
    for number, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, None)):
        try:
            os.killpg(child.pid, number)
        except ProcessLookupError:
            break
        except PermissionError:
            child.send_signal(number)
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            continue
        # The leader is gone; others of its group may linger and get the next signal.
    child.wait()


def lines(child: subprocess.Popen[bytes], tick: Callable[[], None]) -> Iterator[bytes]:
    """Lines of the child's output, ended by newline or carriage return; `tick` is called at least once a second.

    Ends when the child has ended and what it wrote is read.
    """
    assert child.stdout is not None
    descriptor = child.stdout.fileno()
    rest = b""
    last = 0.0
    while True:
        if time.monotonic() - last >= 0.5:
            tick()
            last = time.monotonic()
        ready, _, _ = select.select([descriptor], [], [], 0.5)
        if not ready:
            if child.poll() is not None:
                break
            continue
        block = os.read(descriptor, 65536)
        if not block:
            child.wait()
            break
        *complete, rest = (rest + block).replace(b"\r", b"\n").split(b"\n")
        yield from complete
    if rest:
        yield rest
