"""The launcher for this machine: a runner process per job, in a session of its own."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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

HOLD_GPUS = Path(__file__).with_name("hold_gpus.py")
DETACH = '"$@" >>"$0" 2>&1 </dev/null & echo $!'
CANCEL_GRACE_SECONDS = 20.0
# Longer than a Python process needs to start and write process.json on a busy machine.
START_GRACE_SECONDS = 30.0
# Who has not begun after that long waits for GPUs of others; the word is Slurm's.
GPU_PATIENCE_SECONDS = 5.0


def boot_id() -> str:
    """Changes with every start of the machine."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def started_ticks(pid: int) -> int | None:
    """Start time of a living process in clock ticks since boot; None when it is gone or only a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else int(fields[19])


def moment(epoch: object) -> datetime | None:
    return datetime.fromtimestamp(epoch, UTC) if isinstance(epoch, (int, float)) else None


class LocalLauncher:
    """Runs jobs under `root`, one folder per key.

    The key's folder holds a lock for as long as a runner or one of its children lives; it is the answer to
    "is it alive?", and the reason why a job never runs twice at once, whoever starts it. `follow` is a process
    whose end ends all runs (they are resumed later); None lets runs outlive the portal.
    """

    def __init__(self, root: Path, *, python: str = sys.executable, follow: int | None = None):
        self.root = root
        self._python = python
        self._follow = follow

    def capabilities(self) -> Capabilities:
        return Capabilities(name="local", gpu_classes=(), preempts=False, measures_energy=True)

    def folder(self, key: str) -> Path:
        return self.root / key

    def submit(self, job: Job, key: str) -> EngineRef:
        if job.spec.get("key") != key:
            raise Refused(f"the specification is for {job.spec.get('key')}, not for {key}")
        restart = int(job.spec.get("restart", 0))
        folder = self.folder(key)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (self.root / MARKER).touch()
            with claimed(folder):
                known = RunFolder(folder).document("submitted.json")
                if known is not None and int(known["restart"]) >= restart:
                    return EngineRef(key, int(known["restart"]), str(known["pid"]))
                lay_out(folder, job, job.spec)
                gpus = int(job.spec.get("gpus", 0))
                pid = self._start(folder, environment_of(job), gpus)
                submitted = {"restart": restart, "pid": pid, "at": self._now().timestamp(), "gpus": gpus}
                put(folder / "submitted.json", submitted)
        except (OSError, subprocess.CalledProcessError) as problem:
            raise Unreachable(f"{folder}: {problem}") from problem
        return EngineRef(key, restart, str(pid))

    def observe(self, keys: Iterable[str]) -> list[Observation]:
        keys = list(keys)
        if not is_reachable(self.root, keys):
            return []
        return [found for key in keys if (found := self._observe(key)) is not None]

    def cancel(self, ref: EngineRef) -> None:
        folder = self.folder(ref.key)
        if not folder.is_dir():
            if not (self.root / MARKER).exists():
                raise Unreachable(f"{self.root} is not there")
            return
        asked = RunFolder(folder).document("cancel.json")
        now = self._now().timestamp()
        if asked is None:
            try:
                put(folder / "cancel.json", {"at": now})
            except OSError as problem:
                raise Unreachable(f"{folder}: {problem}") from problem
        overdue = asked is not None and now - float(asked.get("at", 0)) > CANCEL_GRACE_SECONDS
        pid = self._living(folder)
        if pid is not None:
            try:
                os.killpg(os.getpgid(pid), signal.SIGKILL if overdue else signal.SIGTERM)
            except ProcessLookupError:
                # Ended between the look and the signal, which is what was wanted.
                return

    def usage(self, keys: Iterable[str]) -> list[AttemptUsage]:
        return [usage for key in keys for usage in self._usages(key)]

    def _observe(self, key: str) -> Observation | None:
        files = RunFolder(self.folder(key))
        submitted = files.document("submitted.json")
        process = files.process
        if submitted is None and process is None:
            return None
        # The order matters: a runner that ends between the two looks has written its exit before it let go.
        alive = self._held(files.path)
        exit_ = files.exit
        restart = max(int((submitted or {}).get("restart", 0)), int((process or {}).get("restart", 0)))
        node = str((process or {}).get("host", ""))
        started = moment((process or {}).get("started_at"))
        common: dict[str, Any] = {"key": key, "restart": restart, "as_of": self._now(), "node": node}
        if exit_ is not None and int(exit_.get("restart", -1)) >= restart:
            return Observation(
                state=EngineState.ENDED,
                reason=str(exit_.get("reason", "")),
                message=str(exit_.get("message", "")),
                started_at=moment(exit_.get("started_at")),
                ended_at=moment(exit_.get("ended_at")),
                **common,
            )
        current = process is not None and int(process.get("restart", -1)) >= restart
        if alive:
            state = EngineState.RUNNING if current else EngineState.PENDING
            return Observation(state=state, started_at=started if current else None, **common)
        waited = self._now().timestamp() - float((submitted or {}).get("at", 0))
        if (
            not current
            and submitted
            and (started_ticks(int(submitted["pid"])) or waited < START_GRACE_SECONDS)
        ):
            held_up = submitted.get("gpus") and waited > GPU_PATIENCE_SECONDS
            return Observation(state=EngineState.PENDING, message="Resources" if held_up else "", **common)
        return Observation(state=EngineState.GONE, started_at=started if current else None, **common)

    def _usages(self, key: str) -> Iterator[AttemptUsage]:
        folder = self.folder(key)
        latest = RunFolder(folder).progress or {}
        for place in sorted((folder / "attempts").glob("[0-9]*")):
            attempt = RunFolder(place)
            process, ended = attempt.process, attempt.exit
            if process is None:
                continue
            restart = int(process["restart"])
            started = float(process["started_at"])
            if ended is not None:
                until = float(ended["ended_at"])
            else:
                heartbeat = latest if latest.get("restart") == restart else attempt.progress or {}
                until = float(heartbeat.get("at", started))
            seconds = max(0.0, until - started)
            gpus = (ended or {}).get("gpus") or []
            yield AttemptUsage(
                key=key,
                restart=restart,
                job=str(process["pid"]),
                started_at=moment(started),
                ended_at=moment(until),
                seconds=seconds,
                cpu_seconds=(ended or {}).get("cpu_seconds"),
                gpu_seconds=seconds * len(gpus),
                energy_joules=(ended or {}).get("energy_joules"),
                node=str(process.get("host", "")),
                reason=str((ended or {}).get("reason", "")),
                measured=ended is not None,
            )

    def _held(self, folder: Path) -> bool:
        """Whether a runner or a child of one holds the folder's lock."""
        try:
            with (folder / "runner.lock").open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            return False
        except OSError as problem:
            raise Unreachable(f"{folder}: {problem}") from problem
        return False

    def _living(self, folder: Path) -> int | None:
        """Pid of the runner, if it is still the process that wrote it down."""
        process = RunFolder(folder).process
        if process is None or process.get("boot_id") != boot_id():
            return None
        pid = int(process["pid"])
        return pid if started_ticks(pid) == process.get("started_ticks") else None

    def _start(self, folder: Path, environment: dict[str, str], gpus: int) -> int:
        if self._follow is not None:
            environment["RUNNER_FOLLOWS"] = str(self._follow)
        command = [self._python, str(RUNNER), str(folder / "spec.json")]
        if gpus:
            command = [self._python, str(HOLD_GPUS), str(self.root), str(gpus), *command]
        else:
            # A run that asked for none sees none, and none is counted for it.
            environment["CUDA_VISIBLE_DEVICES"] = ""
        # The shell ends at once, so the runner is nobody's child here: no zombie, no tie to a worker that is recycled.
        started = subprocess.run(
            ["/bin/sh", "-c", DETACH, str(folder / "runner.out"), *command],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            start_new_session=True,
            check=True,
        )
        return int(started.stdout)

    def _now(self) -> datetime:
        return datetime.now(UTC)
