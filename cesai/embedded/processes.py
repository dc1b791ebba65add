"""One child process: started in its own group, watched, stopped, its log at hand."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

TAIL_LINES = 20
POLL_SECONDS = 0.02
STOPS_WITHIN_SECONDS = 15.0


class ServiceError(Exception):
    """A service cannot run here; the text tells a person why."""


@dataclass
class Process:
    """A running program whose output goes into ``log``."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM

    @classmethod
    def start(
        cls,
        name: str,
        argv: Sequence[str],
        *,
        log: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        environment: Mapping[str, str] | None = None,
    ) -> Self:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            popen = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                # Ctrl-C reaches a whole process group; the order of the stop is decided elsewhere.
                process_group=0,
            )
        return cls(name, popen, log, stop_signal)

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def running(self) -> bool:
        return self.exit_status() is None

    def exit_status(self) -> int | None:
        """``None`` while the process runs, then its exit status, or the negative number of the signal that ended it.

        The ended process stays unreaped until ``stop()``: its number must not be given to another process group
        before what is left of its own group has been killed.
        """
        if self.popen.returncode is not None:
            return self.popen.returncode
        ended = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is None:
            return None
        return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status

    def wait_until(self, ready: Callable[[], bool], *, within: float) -> None:
        """Poll ``ready`` until it is true; ``ServiceError`` when the process ends first or takes longer."""
        deadline = time.monotonic() + within
        while not ready():
            if not self.running:
                raise ServiceError(self.obituary())
            if time.monotonic() > deadline:
                raise ServiceError(f"{self.name} was not ready after {within:.0f} seconds.\n{self.tail()}")
            time.sleep(POLL_SECONDS)

    def obituary(self) -> str:
        """How the process ended and what it said last."""
        status = self.exit_status() or 0
        how = (
            f"was killed by {signal.Signals(-status).name}"
            if status < 0
            else f"ended with exit status {status}"
        )
        return f"{self.name} {how}. Last lines of {self.log}:\n{self.tail()}"

    def tail(self) -> str:
        try:
            lines = self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
        except OSError:
            lines = []
        return "\n".join(f"  {line}" for line in lines)

    def stop(self, within: float = STOPS_WITHIN_SECONDS) -> None:
        """Ask the process to end, and kill what is left of its group after that time or after its end."""
        if self.popen.returncode is not None:
            return
        if self.running:
            os.kill(self.pid, self.stop_signal)
            deadline = time.monotonic() + within
            while self.running and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait()
