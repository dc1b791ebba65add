"""What the portal and a Slurm cluster tell each other, whatever carries it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

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

    def submit(self, script: str, request: Request, environment: Mapping[str, str], held: int) -> str:
        """The number of the new job; Refused when the cluster will not have it.

        `held` is the descriptor of a lock; a helper process that may outlive this one has to hold it too.
        """
        ...

    def queue(self) -> list[QueuedJob]: ...

    def accounts(self, keys: Iterable[str], days: int) -> list[AccountedStart]:
        """All starts of the jobs with these names in the last `days` days."""
        ...

    def cancel(self, key: str) -> None:
        """Ask for the end of all jobs of this name; none is fine."""
        ...
