"""Reading what a Slurm cluster says, whichever way it comes: refusals, jobs as JSON, numbers that may be unset."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from .slurm_facts import QueuedJob

# What Slurm says when it considered a job and will not have it, and what that is called in the portal.
REFUSALS = {
    "invalid partition": "engine_partition",
    "invalid account": "engine_account",
    "invalid qos": "engine_account",
    "requested node configuration is not available": "engine_resources",
    "invalid generic resource": "engine_resources",
    "invalid feature specification": "engine_resources",
    "requested time limit is invalid": "engine_limits",
    "time limit": "engine_limits",
    "violates accounting/qos policy": "engine_limits",
    "access/permission denied": "engine_account",
    "user's group not permitted": "engine_account",
}
UNHEARD = (
    *("contact", "connect", "socket", "timed out", "authentication", "temporarily", "zero bytes"),
    *("communication", "send/recv", "job credential", "token"),
)


def refusal_of(text: str) -> str | None:
    """The portal's name for a refusal; None when the text is no controller's answer to the job itself."""
    lower = text.lower()
    for words, reason in REFUSALS.items():
        if words in lower:
            return reason
    if not lower.strip() or any(word in lower for word in UNHEARD):
        return None
    return "engine_refused"


def last_words(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-3:])


def state_of(state: Any) -> str:
    """A state is a name, or since 23.02 a list that begins with it."""
    return str(state[0] if isinstance(state, list) and state else state)


def queued_job(job: Mapping[str, Any]) -> QueuedJob:
    """One job of the controller's list, as `squeue --json` and slurmrestd print it."""
    return QueuedJob(
        job=int(job["job_id"]),
        key=str(job.get("name", "")),
        state=state_of(job["job_state"]),
        restarts=int(number(job.get("restart_cnt")) or 0),
        reason=str(job.get("state_reason") or ""),
        node=str(job.get("nodes") or ""),
        started_at=moment(number(job.get("start_time"))),
        ended_at=moment(number(job.get("end_time"))),
    )


def number(value: Any) -> float | None:
    """A number that may be missing, empty, or wrapped as `{"set": …, "number": …}` since 23.02."""
    if isinstance(value, Mapping):
        value = value.get("number") if value.get("set") else None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def moment(epoch: float | None) -> datetime | None:
    return datetime.fromtimestamp(epoch, UTC) if epoch else None
