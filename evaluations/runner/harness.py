"""lm-eval as a child process: its command, its environment, its run."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path
from typing import Callable

from . import children
from .endpoint import Endpoint, tail
from .progress import Log, Progress
from .reasons import Stopped
from .spec import Spec

# Exit status with which a preparing command says that the package index did not answer.
INDEX_UNREACHABLE = 67
LAST_WORDS = 12
# `python -m lm_eval` for a run whose tasks all lie in its own folder. Otherwise lm-eval reads the 14,000 definitions that
# it brings before it looks for one: 13 seconds of processor, and far more where they lie on a cluster's file system.
OWN_TASKS_ONLY = """
import sys
import lm_eval.tasks

class OwnTasks(lm_eval.tasks.TaskManager):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options, include_defaults=False)

lm_eval.tasks.TaskManager = OwnTasks
sys.argv[0] = "lm_eval"
from lm_eval.__main__ import cli_evaluate
cli_evaluate()
"""
# How lm-eval and the library that it reads data with say what a person can mend; the last line of a traceback.
COMPLAINTS = (
    ("task_unknown", re.compile(r"Tasks? (?:were )?not found|^KeyError: .*[Tt]ask", re.MULTILINE)),
    (
        "data_missing",
        re.compile(
            r"DatasetNotFoundError|DataFilesNotFoundError|Couldn't (?:reach|find) .*(?:Hub|data file|cache)"
            r"|OfflineModeIsEnabled|^FileNotFoundError: .*(?:jsonl|parquet|csv|arrow|data)",
            re.MULTILINE,
        ),
    ),
)


def environment_of(spec: Spec, folder: Path) -> dict[str, str]:
    """Environment of all children: offline for data sets, caches inside the run's folder, no proxy for loopback."""
    environment = dict(os.environ)
    environment.update(
        HF_HOME=str(folder / "cache" / "hub"),
        HF_HUB_OFFLINE="1",
        HF_DATASETS_OFFLINE="1",
        HF_HUB_DISABLE_TELEMETRY="1",
        TOKENIZERS_PARALLELISM="false",
        PYTHONUNBUFFERED="1",
        PYTHONIOENCODING="utf-8",
        PYTHONHASHSEED="0",
    )
    for name in ("NO_PROXY", "no_proxy"):
        environment[name] = ",".join(filter(None, [environment.get(name), "127.0.0.1", "localhost"]))
    if spec.token_variable:
        environment["OPENAI_API_KEY"] = os.environ.get(spec.token_variable, "")
    environment.update(spec.environment)
    return environment


def start_of(tasks: list[str], folder: Path) -> list[str]:
    """The interpreter's arguments that start lm-eval; tasks that `folder` does not define are looked up in all of its own."""
    own = all((folder / f"{task}.yaml").is_file() for task in tasks)
    return ["-c", OWN_TASKS_ONLY] if own else ["-m", "lm_eval"]


def command_of(spec: Spec, folder: Path, output: Path, endpoint: Endpoint) -> list[str]:
    """lm-eval's command line. The cache is named after the fingerprint: lm-eval does not look at the model."""
    arguments = {"model": spec.model, "base_url": f"{endpoint.url}/completions", **spec.model_arguments}
    command = [
        *(spec.harness_python, *start_of(spec.tasks, folder / "tasks"), "run"),
        *("--model", spec.model_type),
        *("--model_args", ",".join(f"{name}={value}" for name, value in arguments.items())),
        *("--tasks", ",".join(spec.tasks)),
        *("--include_path", str(folder / "tasks")),
        *("--output_path", str(output)),
        "--log_samples",
        *("--seed", str(spec.seed)),
        *("--use_cache", str(folder / "cache" / spec.fingerprint)),
    ]
    if spec.num_fewshot is not None:
        command += ["--num_fewshot", str(spec.num_fewshot)]
    if spec.limit is not None:
        command += ["--limit", str(spec.limit)]
    if spec.device is not None:
        command += ["--device", spec.device]
    if spec.apply_chat_template:
        command.append("--apply_chat_template")
    return command


class Watch:
    """Says once or more a second whether the run may go on."""

    def __init__(self, spec: Spec, progress: Progress, stopped: Callable[[], str | None]):
        self._deadline = time.monotonic() + spec.time_limit_seconds
        self._limit = spec.time_limit_seconds
        self._progress = progress
        self._stopped = stopped
        self.endpoint: Endpoint | None = None

    def tick(self) -> None:
        """Write the heartbeat; Stopped when somebody wants the run to end or its time is over."""
        self._progress.beat()
        why = self._stopped()
        if why:
            raise Stopped("stopped", why)
        if time.monotonic() > self._deadline:
            raise Stopped("time_limit", f"the time limit of {self._limit:g} seconds is over")
        if self.endpoint is not None and self.endpoint.died:
            raise Stopped("endpoint_died", "the endpoint ended while the harness was running")


def run_child(
    command: list[str],
    *,
    directory: Path,
    environment: dict[str, str],
    lock: int,
    log: Log,
    progress: Progress,
    watch: Watch,
) -> tuple[int, str]:
    """Run one command to its end; exit status and last words. Its group is gone when this returns or raises."""
    child = children.start(
        command, directory=str(directory), environment=environment, output=subprocess.PIPE, lock=lock
    )
    words: list[str] = []
    try:
        for line in children.lines(child, watch.tick):
            if progress.read(line) or not line.strip():
                continue
            log.line(line)
            words = [*words, line.decode(errors="replace").strip()][-LAST_WORDS:]
        return child.wait(), "\n".join(words)
    finally:
        children.end(child)
        if child.stdout:
            child.stdout.close()


def prepare(
    spec: Spec,
    folder: Path,
    environment: dict[str, str],
    lock: int,
    log: Log,
    progress: Progress,
    watch: Watch,
) -> None:
    """Create the harness environment where it is missing."""
    if Path(spec.harness_python).exists():
        return
    if not spec.prepare:
        raise Stopped("environment_failed", f"there is no harness at {spec.harness_python}")
    progress.phase("preparing")
    log.say("preparing the harness environment")
    status, words = run_child(
        spec.prepare,
        directory=folder,
        environment=environment,
        lock=lock,
        log=log,
        progress=progress,
        watch=watch,
    )
    if status == INDEX_UNREACHABLE:
        raise Stopped("index_unreachable", words)
    if status != 0 or not Path(spec.harness_python).exists():
        raise Stopped("environment_failed", words or f"the preparing command ended with {status}")


def complaint_of(words: str) -> str:
    """Which reason the last words of a failed harness are; `harness_failed` where they are none that is known."""
    return next((reason for reason, known in COMPLAINTS if known.search(words)), "harness_failed")


def evaluate(
    spec: Spec,
    folder: Path,
    output: Path,
    endpoint: Endpoint,
    environment: dict[str, str],
    lock: int,
    log: Log,
    progress: Progress,
    watch: Watch,
) -> None:
    """Run lm-eval; its files are under `output` afterwards."""
    progress.phase("evaluating")
    watch.endpoint = endpoint
    status, words = run_child(
        command_of(spec, folder, output, endpoint),
        directory=folder / "tasks",
        environment=environment,
        lock=lock,
        log=log,
        progress=progress,
        watch=watch,
    )
    watch.endpoint = None
    if status != 0:
        if endpoint.died:
            raise Stopped("endpoint_died", tail(folder / "endpoint.log"))
        raise Stopped(complaint_of(words), words or f"the harness ended with {status}")
