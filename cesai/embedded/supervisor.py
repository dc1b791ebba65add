"""Keeps a set of processes together: all of them run, or none."""

import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import NoReturn, Self

from .lock import FolderInUseError
from .processes import POLL_SECONDS, Process, ServiceError
from .services import Service
from .spawn import command

WATCH_EVERY_SECONDS = 0.2
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(Exception):
    """Somebody pressed Ctrl-C or ended the session."""


@dataclass(frozen=True)
class Program:
    """A program of the portal; ``stop_signal`` asks it to end, ``death_signal`` ends it when the supervisor is gone."""

    name: str
    argv: Sequence[str]
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGTERM


class Supervisor:
    """Starts processes in order and stops them in the opposite order, whatever ends the block.

    Ctrl-C, SIGTERM and SIGHUP raise StopRequested in the block; a process that ends by itself raises ServiceError.
    """

    def __init__(self, logs: Path, environment: Mapping[str, str]) -> None:
        self.logs = logs
        self.environment = environment
        self.processes: list[Process] = []

    def __enter__(self) -> Self:
        for number in STOP_SIGNALS:
            # Under nohup a closed terminal is no reason to stop.
            if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._stop)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        for process in reversed(self.processes):
            process.stop()

    @staticmethod
    def _stop(number: int, frame: FrameType | None) -> NoReturn:
        raise StopRequested

    def start_services(self, services: Sequence[Service]) -> None:
        """Start all services at once and return when all are ready."""
        for service in services:
            self.processes.append(service.begin())
        for service in services:
            service.wait_ready()

    def start(self, program: Program) -> Process:
        process = Process.start(
            program.name,
            command(program.argv, death_signal=program.death_signal),
            log=self.logs / f"{program.name}.log",
            stop_signal=program.stop_signal,
            environment=self.environment,
        )
        self.processes.append(process)
        return process

    def finish(self, program: Program) -> None:
        """Run a program to its end; ServiceError when it fails."""
        process = self.start(program)
        while process.running:
            self.check(except_for=process)
            time.sleep(POLL_SECONDS)
        if process.exit_status() != 0:
            raise ServiceError(process.obituary())
        process.stop()
        self.processes.remove(process)

    def wait_until(self, ready: Callable[[], bool], *, what: str, within: float) -> None:
        """Poll ``ready`` while watching over all processes."""
        deadline = time.monotonic() + within
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise ServiceError(f"{what} after {within:.0f} seconds. The logs are in {self.logs}.")
            time.sleep(POLL_SECONDS)

    def check(self, *, except_for: Process | None = None) -> None:
        for process in self.processes:
            if process is not except_for and not process.running:
                raise ServiceError(process.obituary())

    def watch(self) -> NoReturn:
        """Return never: a signal or the end of a process ends it."""
        while True:
            self.check()
            time.sleep(WATCH_EVERY_SECONDS)


def exit_status(run: Callable[[], None]) -> int:
    """0 when the run was asked to stop, 1 with a sentence when it cannot go on."""
    try:
        run()
    except StopRequested:
        return 0
    except (ServiceError, FolderInUseError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0
