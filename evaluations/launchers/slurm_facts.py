"""What the portal and a Slurm cluster tell each other, whatever carries it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Protocol

WAITING = frozenset(
    {"PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT"}
)
AT_WORK = frozenset({"RUNNING", "COMPLETING", "SIGNALING", "STAGE_OUT", "STOPPED", "SUSPENDED", "RESIZING"})
# Ends that say nothing about the run: it is started again and goes on with its answers.
INTERRUPTIONS = frozenset({"NODE_FAIL", "PREEMPTED", "BOOT_FAIL", "REVOKED"})


@dataclass(frozen=True)
class GpuClass:
    """What a job of this class asks for; empty values are left to the cluster. `minutes` is its time limit.

    `gres` is in Slurm's own words, such as `gpu:h100:1`.
    """

    minutes: int
    cpus: int = 1
    memory_mb: int = 0
    gres: str = ""
    partition: str = ""
    account: str = ""
    qos: str = ""
    constraint: str = ""

    @property
    def gpus(self) -> int:
        """How many GPUs `gres` asks for: `gpu`, `gpu:2`, `gpu:h100:2`, several of these with commas."""
        count = 0
        for part in self.gres.split(","):
            name, *rest = part.removeprefix("gres/").partition("(")[0].replace("=", ":").split(":")
            if name == "gpu":
                count += int(rest[-1]) if rest and rest[-1].isdigit() else 1
        return count

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> GpuClass:
        """From a table of plain values; ValueError names the first thing that is wrong."""
        for field in fields(cls):
            value: Any = entry.get(field.name)
            if field.name in ("minutes", "cpus", "memory_mb"):
                if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
                    raise ValueError(f"{field.name} must be a number")
            elif value is not None and not isinstance(value, str):
                raise ValueError(f"{field.name} must be a text")
            elif value and ("\n" in value or len(value) > 200):
                raise ValueError(f"{field.name} must be one short line")
            if value is None and field.name in entry:
                raise ValueError(f"{field.name} is empty")
        if unknown := sorted(entry.keys() - {field.name for field in fields(cls)}):
            raise ValueError(f"{unknown[0]} is not known")
        if entry.get("minutes", 0) < 1 or entry.get("cpus", 1) < 1 or entry.get("memory_mb", 0) < 0:
            raise ValueError("minutes and cpus must be at least 1, memory_mb not negative")
        return cls(**entry)


def classes_of(configuration: Any) -> tuple[dict[str, GpuClass], str]:
    """The classes of an engine's settings and the name of the default one; ValueError says what is wrong."""
    if not isinstance(configuration, Mapping) or not isinstance(configuration.get("classes"), Mapping):
        raise ValueError('"classes" is missing')
    classes = {}
    for name, entry in configuration["classes"].items():
        if not isinstance(entry, Mapping):
            raise ValueError(f"{name} is not a group of settings")
        try:
            classes[name] = GpuClass.read(entry)
        except ValueError as problem:
            raise ValueError(f"{name}: {problem}") from problem
    default = configuration.get("default")
    if default not in classes:
        raise ValueError('"default" does not name one of the classes')
    if unknown := sorted(configuration.keys() - {"classes", "default"}):
        raise ValueError(f"{unknown[0]} is not known")
    return classes, str(default)


@dataclass(frozen=True)
class Request:
    """One submission. `warning_seconds` before its time limit the runner gets a TERM."""

    key: str
    comment: str
    folder: str
    output: str
    warning_seconds: int
    wanted: GpuClass


@dataclass(frozen=True)
class QueuedJob:
    """A job as the controller sees it: waiting, running, or ended a short while ago."""

    job: int
    key: str
    state: str
    restarts: int
    reason: str
    node: str
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class AccountedStart:
    """One start of a job in the accounts; a requeued job has several, in order. Times are the cluster's."""

    job: int
    key: str
    state: str
    exit_code: int
    signal: int
    started_at: datetime | None
    ended_at: datetime | None
    seconds: float
    gpus: int
    energy_joules: float | None
    node: str


class Transport(Protocol):
    """Every method may raise Unreachable."""

    def submit(self, script: str, request: Request, environment: Mapping[str, str]) -> str:
        """The number of the new job; Refused when the cluster will not have it."""
        ...

    def queue(self) -> list[QueuedJob]: ...

    def accounts(self, keys: Iterable[str], days: int) -> list[AccountedStart]:
        """All starts of the jobs with these names in the last `days` days."""
        ...

    def cancel(self, key: str) -> None:
        """Ask for the end of all jobs of this name; none is fine."""
        ...
