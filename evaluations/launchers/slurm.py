"""The launcher for a Slurm cluster, whatever carries its questions there.

The job's name is the run's key, so that a submission whose answer was lost is found again; `singleton` keeps two
jobs of a name from running at once. `slurm.json` in the run's folder says which job belongs to which restart; it
is written before `sbatch` and again after it.
"""

from __future__ import annotations

import shlex
import signal
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from evaluations.steps import reached

from .folder import RunFolder
from .handover import MARKER, RUNNER, claimed, environment_of, is_reachable, lay_out, put
from .protocol import (
    AttemptUsage,
    Capabilities,
    EngineRef,
    EngineState,
    Job,
    Observation,
    Refused,
    Unreachable,
)
from .slurm_facts import (
    AT_WORK,
    INTERRUPTIONS,
    WAITING,
    AccountedStart,
    GpuClass,
    QueuedJob,
    Request,
    Transport,
)
from .slurm_usage import as_the_runner_saw_it, energy_of, ran_out, reason_of

RECORD = "slurm.json"
OUTPUT = "runner.out"
# The accounts come a few seconds after the queue; after this long the queue's word is taken.
ACCOUNTS_LAG = timedelta(seconds=60)
# A file written on a node may be seen here only when a network file system looks again.
FILES_LAG = timedelta(seconds=30)
MOST_WARNING_SECONDS = 60
# A cluster needs some seconds to end a job; asking it every tick for every run would be a flood.
CANCEL_AGAIN_SECONDS = 15
# Exit status of a runner that found another one at work, and of one that was told to stop. A job that is to be put back
# and ends at that very moment may be left as failed; its status still says that nothing was wrong with the run.
BUSY = 75
STOPPED = 143
OUT_OF_MEMORY = ("exceeded job memory limit", "oom_kill", "oom-kill", "out of memory handler")
ENDS = {"TIMEOUT": "time_limit", "DEADLINE": "time_limit", "OUT_OF_MEMORY": "out_of_memory"}


class SlurmLauncher:
    """Runs jobs under `root`, a folder that usually has the same path here and on every node.

    `classes` is what jobs may ask for, by name; a job without a `gpu_class` in its specification gets `default`.
    `python` starts the runner on the node. Where the nodes do not see `root` (`shared` False) it also carries the
    files, as `deploy/slurm/staged-python` does.
    """

    def __init__(
        self,
        root: Path,
        transport: Transport,
        classes: Mapping[str, GpuClass],
        default: str = "",
        *,
        python: str = sys.executable,
        runner: Path = RUNNER,
        shared: bool = True,
    ):
        self.root = root
        self._transport = transport
        self._classes = classes
        self._default = default
        self._python = python
        self._runner = runner
        self._shared = shared
        self._accounted: dict[str, list[AccountedStart]] = {}

    def capabilities(self) -> Capabilities:
        return Capabilities(
            name="slurm",
            gpu_classes=tuple(name for name, wanted in self._classes.items() if wanted.gres),
            preempts=True,
            measures_energy=True,
        )

    def folder(self, key: str) -> Path:
        return self.root / key

    def submit(self, job: Job, key: str) -> EngineRef:
        if job.spec.get("key") != key:
            raise Refused(f"the specification is for {job.spec.get('key')}, not for {key}")
        wanted = self._classes.get(job.spec.get("gpu_class") or self._default)
        if wanted is None:
            raise Refused(
                f"there is no class {job.spec.get('gpu_class') or 'for this run'}", "engine_resources"
            )
        restart = int(job.spec.get("restart", 0))
        folder = self.folder(key)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (self.root / MARKER).touch()
            with claimed(folder) as lock:
                record = self._record(key)
                known = self._known(key, record, restart)
                if known is not None:
                    return known
                record |= {
                    "restart": restart,
                    "at": record.get("at") or self._now().timestamp(),
                    "warned_after": wanted.minutes * 60 - warning_of(wanted),
                }
                put(folder / RECORD, record)
                reached("submit.intended", key)
                number = self._hand_over(folder, job, wanted, lock)
                reached("submit.accepted", key)
                self._note(folder, record, number, restart)
        except OSError as problem:
            raise Unreachable(f"{folder}: {problem}") from problem
        return EngineRef(key, restart, number)

    def observe(self, keys: Iterable[str]) -> list[Observation]:
        keys = list(keys)
        if not is_reachable(self.root, keys):
            return []
        queued: dict[str, QueuedJob] = {}
        for job in self._transport.queue():
            if job.key not in queued or job.job > queued[job.key].job:
                queued[job.key] = job
        reached("observe.queue")
        live = {key for key, job in queued.items() if job.state in WAITING | AT_WORK}
        self._read_accounts([key for key in keys if key not in live and self._record(key)["jobs_known"]])
        reached("observe.accounts")
        found = (self._observe(key, queued.get(key)) for key in keys)
        return [observation for observation in found if observation is not None]

    def cancel(self, ref: EngineRef) -> None:
        folder = self.folder(ref.key)
        if not folder.is_dir():
            is_reachable(self.root)
            return
        asked = RunFolder(folder).document("cancel.json") or {}
        now = self._now().timestamp()
        if now - float(asked.get("cluster_asked_at", 0)) < CANCEL_AGAIN_SECONDS:
            return
        try:
            # First the word for a runner that has not started yet, and for the reading of the end.
            put(folder / "cancel.json", {"at": asked.get("at", now)})
            self._transport.cancel(ref.key)
            put(folder / "cancel.json", {"at": asked.get("at", now), "cluster_asked_at": now})
        except OSError as problem:
            raise Unreachable(f"{folder}: {problem}") from problem

    def usage(self, keys: Iterable[str]) -> list[AttemptUsage]:
        keys = list(keys)
        self._read_accounts([key for key in keys if key not in self._accounted and self.folder(key).is_dir()])
        return [usage for key in keys for usage in self._usages(key)]

    def _hand_over(self, folder: Path, job: Job, wanted: GpuClass, lock: int) -> str:
        limit = wanted.minutes * 60
        warning = warning_of(wanted)
        # The runner ends by itself before the cluster would do it, and can say why.
        seconds = min(float(job.spec["time_limit_seconds"]), limit - 2 * warning)
        lay_out(folder, job, job.spec | {"time_limit_seconds": seconds})
        command = [self._python, str(self._runner), str(folder / "spec.json")]
        # With `exec` the runner is the process that the cluster signals.
        script = f"#!/bin/sh\nexec {shlex.join(command)}\n"
        request = Request(
            key=folder.name,
            comment=f"CESAI restart {job.spec.get('restart', 0)}",
            # Slurm ends a job at once whose folder or output it cannot open.
            folder=str(folder) if self._shared else "/",
            output=str(folder / OUTPUT) if self._shared else "/dev/null",
            warning_seconds=warning,
            wanted=wanted,
        )
        return self._transport.submit(script, request, environment_of(job), lock)

    def _record(self, key: str) -> dict[str, Any]:
        """`restart` is the latest that was to be handed over, `jobs` the restart of each job by its number."""
        document = RunFolder(self.folder(key)).document(RECORD)
        known = {"jobs_known": document is not None}
        return {"restart": -1, "jobs": {}, "at": None} | (document or {}) | known

    def _note(self, folder: Path, record: dict[str, Any], number: str, restart: int) -> None:
        record["jobs"][number] = restart
        put(folder / RECORD, record | {"jobs_known": True})

    def _known(self, key: str, record: dict[str, Any], restart: int) -> EngineRef | None:
        """What was handed over before, also when nobody lived to write it down."""
        if record["restart"] < restart:
            return None
        noted = [number for number, at in record["jobs"].items() if at >= restart]
        if noted:
            latest = max(noted, key=int)
            return EngineRef(key, record["jobs"][latest], latest)
        seen = {job.job for job in self._transport.queue() if job.key == key}
        seen |= {start.job for start in self._transport.accounts([key], self._days([key]))}
        lost = sorted(seen - {int(number) for number in record["jobs"]})
        if not lost:
            return None
        self._note(self.folder(key), record, str(lost[-1]), record["restart"])
        return EngineRef(key, record["restart"], str(lost[-1]))

    def _days(self, keys: Iterable[str]) -> int:
        """How far back the accounts have to be read, with a day to spare for clocks and zones."""
        now = self._now().timestamp()
        oldest = min((self._record(key)["at"] or now for key in keys), default=now)
        return int((now - oldest) // 86_400) + 2

    def _read_accounts(self, keys: list[str]) -> None:
        if not keys:
            return
        found: dict[str, list[AccountedStart]] = defaultdict(list)
        for start in self._transport.accounts(keys, self._days(keys)):
            found[start.key].append(start)
        self._accounted |= {key: found[key] for key in keys}

    def _base(self, record: dict[str, Any], number: int) -> int:
        """With which restart a job began; one that nobody noted is the latest that was handed over."""
        return int(record["jobs"].get(str(number), max(0, record["restart"])))

    def _observe(self, key: str, queued: QueuedJob | None) -> Observation | None:
        record = self._record(key)
        starts = self._accounted.get(key, [])
        latest = max(
            [start.job for start in starts] + [queued.job] if queued else [s.job for s in starts], default=0
        )
        if not latest:
            return None
        mine = [start for start in starts if start.job == latest]
        if queued is not None and queued.job == latest:
            state, started, ended = queued.state, queued.started_at, queued.ended_at
            restarts, node, reason = queued.restarts, queued.node, queued.reason
        else:
            last = mine[-1]
            state, started, ended = last.state, last.started_at, last.ended_at
            restarts, node, reason = len(mine) - 1, last.node, ""
        now = self._now()
        restart = self._base(record, latest) + restarts
        common: dict[str, Any] = {"key": key, "restart": restart, "as_of": now, "node": node}
        if state in WAITING:
            return Observation(state=EngineState.PENDING, message=reason, **common)
        at_work = Observation(state=EngineState.RUNNING, started_at=started, **common)
        told = RunFolder(self.folder(key)).exit
        said = told if told is not None and int(told.get("restart", -1)) >= restart else None
        if state in AT_WORK:
            return at_work
        age = now - ended if ended else timedelta.max
        # An earlier start that the accounts know already says nothing about the end of the newest one.
        settled = len(mine) > restarts and mine[-1].state not in WAITING | AT_WORK
        killed = settled and (mine[-1].signal != 0 or mine[-1].exit_code in (BUSY, STOPPED))
        words_may_come = said is None and not killed and state in ("COMPLETED", "FAILED")
        if (not settled and age < ACCOUNTS_LAG) or (words_may_come and age < FILES_LAG):
            return at_work
        overdue = state in ("COMPLETED", "FAILED") and ran_out(started, ended, record)
        kind, why, message = self._end(
            key, "TIMEOUT" if overdue else state, killed or self._never_began(key, restart, told), said
        )
        return Observation(
            state=kind, reason=why, message=message, started_at=started, ended_at=ended, **common
        )

    def _end(
        self, key: str, state: str, killed: bool, said: dict[str, Any] | None
    ) -> tuple[EngineState, str, str]:
        """What an ended job means: the cluster's word where the runner was only told to stop, else the runner's."""
        reason, message = str((said or {}).get("reason", "")), str((said or {}).get("message", ""))
        if reason and reason != "stopped":
            return EngineState.ENDED, reason, message
        if state in ENDS:
            return EngineState.ENDED, ENDS[state], message or state
        if killed and self._needed_too_much_memory(key):
            return EngineState.ENDED, "out_of_memory", self._last_words(key)
        if state == "CANCELLED":
            asked = RunFolder(self.folder(key)).document("cancel.json") is not None
            return EngineState.ENDED, "stopped" if asked else "cancelled_at_engine", message or state
        if reason:
            return EngineState.ENDED, reason, message
        # A runner that a signal ended before it could write is no failure of the run.
        if state in INTERRUPTIONS or killed:
            return EngineState.GONE, "", state
        return EngineState.ENDED, "job_failed", self._last_words(key) or state

    def _never_began(self, key: str, restart: int, told: Mapping[str, Any] | None) -> bool:
        """Whether a runner was told to stop and no other one has begun since: a cluster that puts a job back at the very
        moment at which it ends may leave it as failed."""
        begun = (self.folder(key) / "attempts" / f"{restart:03}").exists()
        return told is not None and told.get("reason") == "stopped" and not begun

    def _needed_too_much_memory(self, key: str) -> bool:
        """Where no cgroup tells Slurm, its state is only "failed by signal 9"; the node says more in the output."""
        words = self._last_words(key).lower()
        return any(sign in words for sign in OUT_OF_MEMORY)

    def _last_words(self, key: str) -> str:
        try:
            text = (self.folder(key) / OUTPUT).read_bytes()[-4000:].decode(errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-12:])

    def _usages(self, key: str) -> list[AttemptUsage]:
        record = self._record(key)
        counted: dict[int, int] = defaultdict(int)
        usages = []
        for start in self._accounted.get(key, []):
            restart = self._base(record, start.job) + counted[start.job]
            counted[start.job] += 1
            ended = RunFolder(self.folder(key) / "attempts" / f"{restart:03}").exit or {}
            if start.started_at is None:
                if ended:
                    usages.append(as_the_runner_saw_it(key, restart, start, ended))
                continue
            usages.append(
                AttemptUsage(
                    key=key,
                    restart=restart,
                    job=str(start.job),
                    started_at=start.started_at,
                    ended_at=start.ended_at,
                    seconds=start.seconds,
                    cpu_seconds=ended.get("cpu_seconds"),
                    gpu_seconds=start.seconds * start.gpus,
                    energy_joules=energy_of(start, ended),
                    node=start.node,
                    reason="out_of_memory"
                    if start.signal == signal.SIGKILL and self._needed_too_much_memory(key)
                    else reason_of(start, str(ended.get("reason", "")), record),
                    measured=start.ended_at is not None and start.state not in WAITING | AT_WORK,
                )
            )
        return usages

    def _now(self) -> datetime:
        return datetime.now(UTC)


def warning_of(wanted: GpuClass) -> int:
    """How many seconds before its time limit a runner that has not ended by itself gets a TERM."""
    return min(MOST_WARNING_SECONDS, wanted.minutes * 60 // 4)
