"""What the accounts of a Slurm cluster and the words of a runner say about one start of a job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .protocol import AttemptUsage
from .slurm_facts import AccountedStart
from .slurm_words import moment

# Slurm may send its warning up to this much earlier than it was asked to.
EARLIEST_WARNING_SECONDS = 60
# How one start of a job ended, those included after which it starts again.
START_ENDS = {
    "TIMEOUT": "timeout",
    "DEADLINE": "timeout",
    "OUT_OF_MEMORY": "out_of_memory",
    "NODE_FAIL": "node_fail",
    "PREEMPTED": "preempted",
    "REQUEUED": "requeued",
}


def as_the_runner_saw_it(
    key: str, restart: int, start: AccountedStart, ended: Mapping[str, Any]
) -> AttemptUsage:
    """A start that was over before the cluster told its accounts that it had begun; they do not have its hours."""
    seconds = float(ended.get("seconds", 0))
    return AttemptUsage(
        key=key,
        restart=restart,
        job=str(start.job),
        started_at=moment(ended.get("started_at")),
        ended_at=moment(ended.get("ended_at")),
        seconds=seconds,
        cpu_seconds=ended.get("cpu_seconds"),
        gpu_seconds=seconds * len(ended.get("gpus") or []),
        energy_joules=ended.get("energy_joules"),
        node=str(ended.get("host", "")),
        reason=reason_of(start, str(ended.get("reason", "")), {}),
        measured=False,
    )


def energy_of(start: AccountedStart, ended: Mapping[str, Any]) -> float | None:
    """The runner's counters are those of the job's own GPUs; a cluster's plugin measures whole nodes."""
    measured = ended.get("energy_joules")
    return start.energy_joules if measured is None else float(measured)


def reason_of(start: AccountedStart, said: str, record: Mapping[str, Any]) -> str:
    """Why a start ended. The runner knows best, unless all that it knows is that it had to stop."""
    if said and said != "stopped":
        return said
    if start.state not in START_ENDS and ran_out(start.started_at, start.ended_at, record):
        return START_ENDS["TIMEOUT"]
    return START_ENDS.get(start.state) or said or start.state.lower()


def ran_out(started: datetime | None, ended: datetime | None, record: Mapping[str, Any]) -> bool:
    """Whether a job lasted until it was warned of its time limit; a runner that was told to stop does not know why."""
    if started is None or ended is None or record.get("warned_after") is None:
        return False
    return (ended - started).total_seconds() >= float(record["warned_after"]) - EARLIEST_WARNING_SECONDS
