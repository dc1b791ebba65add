"""One child process: started in its own group, watched, stopped, its log at hand."""

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


class ServiceFailed(Exception):
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
        return self.popen.poll() is None

    def wait_until(self, ready: Callable[[], bool], *, within: float) -> None:
        """Poll ``ready`` until it is true; ``ServiceFailed`` when the process ends first or takes longer."""
        deadline = time.monotonic() + within
        while not ready():
            if not self.running:
                raise ServiceFailed(self.obituary())
            if time.monotonic() > deadline:
                raise ServiceFailed(f"{self.name} was not ready after {within:.0f} seconds.\n{self.tail()}")
            time.sleep(POLL_SECONDS)

    def obituary(self) -> str:
        """How the process ended and what it said last."""
        status = self.popen.returncode
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
        """Ask the process to end, and end its whole group when it does not, or leaves children behind."""
        if self.running:
            self.popen.send_signal(self.stop_signal)
            try:
                self.popen.wait(within)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        self.popen.wait()
