"""What the portal asks of an engine: five methods, and two kinds of "no"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol


class LauncherError(Exception):
    """Base of what a launcher raises."""


class Unreachable(LauncherError):
    """The engine did not answer: nothing is known, nothing may be concluded, ask again later."""


class Refused(LauncherError):
    """The engine answered and will not take the job; the text is its own, `reason` a key of the portal's sentences."""

    def __init__(self, text: str, reason: str = "engine_refused"):
        super().__init__(text)
        self.reason = reason


class EngineState(StrEnum):
    """What an engine says about a job."""

    PENDING = "pending"
    RUNNING = "running"
    ENDED = "ended"
    GONE = "gone"
    """Known to the engine, no longer alive, and it left no word: killed, or the machine was restarted."""


@dataclass(frozen=True)
class EngineRef:
    """Names one start of one job. `job` is the engine's own number, for people who look there."""

    key: str
    restart: int
    job: str


@dataclass(frozen=True)
class Job:
    """A specification (the content of `spec.json`) and the files to lay beside it, by path in the folder."""

    spec: dict[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Observation:
    """The engine's view of one job at `as_of`. Times are the engine's own."""

    key: str
    restart: int
    state: EngineState
    as_of: datetime
    reason: str = ""
    message: str = ""
    node: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class AttemptUsage:
    """What one start of a job used. `energy_joules` None is unknown, never zero.

    `measured` is False where the end was not reported and the last heartbeat stands for it.
    """

    key: str
    restart: int
    job: str
    started_at: datetime | None
    ended_at: datetime | None
    seconds: float
    cpu_seconds: float | None
    gpu_seconds: float
    energy_joules: float | None
    node: str
    reason: str
    measured: bool


@dataclass(frozen=True)
class Capabilities:
    """What an engine can do. `gpu_classes` is empty where there is no GPU."""

    name: str
    gpu_classes: tuple[str, ...]
    preempts: bool
    measures_energy: bool


class Launcher(Protocol):
    """Every method may raise Unreachable. A key that an engine does not know is left out of an answer."""

    def capabilities(self) -> Capabilities: ...

    def submit(self, job: Job, key: str) -> EngineRef:
        """Start the job, unless this restart of `key` was started before: then the reference of that one."""
        ...

    def observe(self, keys: Iterable[str]) -> list[Observation]:
        """All asked keys in one question to the engine."""
        ...

    def cancel(self, ref: EngineRef) -> None:
        """Ask for the end of a job. Asking again is harmless; after a grace it is enforced."""
        ...

    def usage(self, keys: Iterable[str]) -> list[AttemptUsage]:
        """Every start of the asked jobs, failed and killed ones too."""
        ...

    def folder(self, key: str) -> Path:
        """Where the run's files can be read from here."""
        ...
