"""One run from lock to exit.json."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from . import endpoint, harness
from .checks import Checked
from .data import point_at
from .device import Proof, gpus
from .energy import Meter
from .files import put_json, read_json, take_lock
from .progress import Log, Progress
from .publish import publish
from .reasons import EXIT_CODES, Stopped
from .spec import Spec, check_files, load

# A launcher that looks whether somebody holds the lock takes it for an instant.
LOCK_PATIENCE_SECONDS = 2.0
SIGNAL_PATIENCE_SECONDS = 2.0
FOLLOW_VARIABLE = "RUNNER_FOLLOWS"


def boot_id() -> str:
    """Changes with every start of the machine; empty where the kernel has none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def started_ticks(pid: int) -> int | None:
    """Start time of a process in clock ticks since boot: with the pid it names one process for good."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[19])


class Stop:
    """Why the run should end, if it should: a signal, or the process that it follows is gone."""

    def __init__(self) -> None:
        self._signal: int | None = None
        followed = os.environ.get(FOLLOW_VARIABLE, "")
        self._followed = int(followed) if followed.isdigit() else None
        self._followed_start = started_ticks(self._followed) if self._followed else None
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._signal = number

    @property
    def number(self) -> int | None:
        return self._signal

    def was_signalled(self) -> bool:
        """Whether somebody told this process to end.

        A cluster signals all processes of a job, in no order: a child may be dead before it is this one's turn.
        """
        deadline = time.monotonic() + (SIGNAL_PATIENCE_SECONDS if "SLURM_JOB_ID" in os.environ else 0)
        while self._signal is None and time.monotonic() < deadline:
            time.sleep(0.05)
        return self._signal is not None

    def why(self) -> str | None:
        if self._signal is not None:
            return f"signal {signal.Signals(self._signal).name}"
        if self._followed is not None and (
            self._followed_start is None or started_ticks(self._followed) != self._followed_start
        ):
            return f"process {self._followed} is gone"
        return None


class Attempt:
    """The files of one restart."""

    def __init__(self, folder: Path, restart: int):
        self.folder = folder
        self.restart = restart
        self.place = folder / "attempts" / f"{restart:03}"
        self.output = self.place / "output"
        self.started = time.time()
        # The last heartbeat of an attempt that could not say goodbye is all that is known about its end.
        last = read_json(folder / "progress.json")
        if isinstance(last, dict) and isinstance(last.get("restart"), int):
            before = folder / "attempts" / f"{last['restart']:03}"
            if before.is_dir() and not (before / "exit.json").exists():
                put_json(before / "progress.json", last)
        # Left by a process of the same restart that was killed.
        shutil.rmtree(self.output, ignore_errors=True)
        self.output.mkdir(parents=True)
        process = {
            "restart": restart,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "boot_id": boot_id(),
            "started_ticks": started_ticks(os.getpid()),
            "started_at": self.started,
        }
        put_json(self.place / "process.json", process)
        put_json(folder / "process.json", process)
        self._meter = Meter()

    def measure(self, asked: int) -> None:
        """Read the energy counters of the GPUs that this attempt may use, if it asked for any."""
        if asked:
            self._meter.begin(str(gpu["uuid"]) for gpu in gpus())

    def facts(self) -> dict[str, Any]:
        """What this attempt used; energy is null where nothing measured it."""
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        ended = time.time()
        return {
            "restart": self.restart,
            "host": socket.gethostname(),
            "started_at": self.started,
            "ended_at": ended,
            "seconds": round(ended - self.started, 3),
            "cpu_seconds": round(used.ru_utime + used.ru_stime, 3),
            "gpus": [gpu for gpu in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if gpu],
            "energy_joules": self._meter.joules(),
        }

    def close(self, reason: str, message: str, number: int | None) -> None:
        """Write exit.json; the run's folder says the same as the attempt's."""
        document = {
            "reason": reason,
            "code": EXIT_CODES[reason],
            "message": message[-2000:],
            "signal": number,
            **self.facts(),
        }
        put_json(self.place / "exit.json", document)
        put_json(self.folder / "exit.json", document)


def restart_number(spec: Spec) -> int:
    """The launcher counts the jobs that it started, Slurm how often it put this one back into its queue."""
    return spec.restart + int(os.environ.get("SLURM_RESTART_COUNT", "0") or 0)


def finished(folder: Path, restart: int) -> int | None:
    """Exit code of a run that needs nothing more: published, or already ended in this restart."""
    if (folder / "result" / "manifest.json").exists():
        return 0
    ended = read_json(folder / "exit.json")
    if isinstance(ended, dict) and ended.get("restart", -1) >= restart:
        return int(ended.get("code", 1))
    return None


def carry_out(
    spec: Spec, folder: Path, attempt: Attempt, lock: int, log: Log, progress: Progress, stop: Stop
) -> None:
    """All phases; Stopped says why it did not come to a result."""
    watch = harness.Watch(spec, progress, stop.why)
    environment = harness.environment_of(spec, folder)
    if (folder / "cancel.json").exists():
        raise Stopped("stopped", "cancelled before it started")
    check_files(spec, folder)
    proof = Proof(spec.gpus)
    proof.begin(spec.serve is not None)
    attempt.measure(spec.gpus)
    (folder / "tasks").mkdir(exist_ok=True)
    (folder / "cache").mkdir(exist_ok=True)
    if spec.url is not None:
        # Installing a harness for a model that nobody serves would only make the reader wait for the same answer.
        with endpoint.opened(spec, folder, environment, lock, watch.tick):
            pass
    harness.prepare(spec, folder, environment, lock, log, progress, watch)
    point_at(spec.data, spec.harness_python, folder / "tasks")
    progress.phase("endpoint")
    with endpoint.opened(spec, folder, environment, lock, watch.tick) as opened:
        log.say(f"{opened.url} serves {spec.model} {opened.served.get('sha256') or 'without SHA-256'}")
        checked = Checked(spec, folder, opened, proof, watch.tick)
        progress.phase("calibrating")
        log.say(checked.before())
        harness.evaluate(spec, folder, attempt.output, opened, environment, lock, log, progress, watch)
        progress.phase("calibrating")
        log.say(checked.after(attempt.output))
    progress.phase("publishing")
    facts = {
        **attempt.facts(),
        "reused": progress.reused,
        "warnings": progress.warnings,
        **checked.facts(attempt.output),
    }
    publish(spec, folder, attempt.output, facts)


def execute(spec_path: Path) -> int:
    """Run the spec in its folder; the exit code."""
    folder = spec_path.resolve().parent
    stop = Stop()
    lock = take_lock(folder / "runner.lock", LOCK_PATIENCE_SECONDS)
    if lock is None:
        print(f"another runner works in {folder}", file=sys.stderr)  # noqa: T201
        return EXIT_CODES["busy"]
    log = Log(folder)
    try:
        spec = load(spec_path)
    except Stopped as stopped:
        log.say(f"{stopped.reason}: {stopped}")
        document = read_json(spec_path)
        restart = document.get("restart", 0) if isinstance(document, dict) else 0
        attempt = Attempt(folder, restart if isinstance(restart, int) else 0)
        attempt.close(stopped.reason, str(stopped), None)
        return stopped.code
    restart = restart_number(spec)
    code = finished(folder, restart)
    if code is not None:
        log.say("nothing to do, this run has ended already")
        return code
    attempt = Attempt(folder, restart)
    progress = Progress(folder, restart, socket.gethostname())
    log.say(f"{spec.key} restart {restart} on {socket.gethostname()}, fingerprint {spec.fingerprint}")
    reason, message = "published", ""
    try:
        carry_out(spec, folder, attempt, lock, log, progress, stop)
    except Stopped as stopped:
        reason, message = stopped.reason, str(stopped)
    except Exception as problem:  # noqa: BLE001
        reason, message = "internal_error", f"{problem.__class__.__name__}: {problem}"
    if reason != "published" and stop.was_signalled():
        # Whatever the children died of is not what ended the run.
        reason, message = "stopped", stop.why() or message
    log.say(f"{reason} {message}".strip())
    attempt.close(reason, message, stop.number)
    progress.phase({"published": "done", "stopped": "stopped"}.get(reason, "failed"))
    return EXIT_CODES[reason]


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m evaluations.runner FOLDER/spec.json", file=sys.stderr)  # noqa: T201
        return EXIT_CODES["spec_invalid"]
    return execute(Path(arguments[0]))
