"""From a run to what an engine gets: the specification and its files."""

import sys
from typing import Any

from django.conf import settings

from evaluations.actions.calibration import reference_of, server_of, tolerance_of
from evaluations.calibration import golden
from evaluations.catalogue.suites import TASKS
from evaluations.data_sets import folder_of
from evaluations.fingerprint import MODEL_ARGUMENTS, MODEL_TYPE
from evaluations.harness import environment
from evaluations.launchers.protocol import Job
from evaluations.models import Run, SuiteVersion

TIME_LIMIT_SECONDS = 6 * 3600
READY_SECONDS = 120


def is_runnable(version: SuiteVersion) -> bool:
    """Whether this portal still has the harness and the files that the version pins."""
    return version.environment.startswith(environment.lock_hash()) and all(
        (TASKS / name).is_file() for task in version.tasks.all() for name in task.files
    )


def job_of(run: Run) -> Job:
    """The job for the run's current attempt."""
    release, version = run.release, run.suite_version
    tasks = list(version.tasks.all())
    questions = {f"tasks/{name}": sha256 for task in tasks for name, sha256 in task.files.items()}
    root = settings.VAR_DIR / "harness"
    shots = {task.shots for task in tasks}
    spec: dict[str, Any] = {
        "contract": 1,
        "key": run.key,
        "restart": run.restarts,
        "fingerprint": run.fingerprint,
        "harness": {
            "name": version.harness,
            "version": version.harness_version,
            "python": str(environment.python_of(root)),
            "prepare": [sys.executable, environment.__file__, str(root)],
        },
        "model": {
            "type": MODEL_TYPE,
            "name": release.served_name,
            "sha256": sorted({file["sha256"] for file in release.manifest.values()}),
            "arguments": MODEL_ARGUMENTS,
        },
        "endpoint": _endpoint(run),
        "tasks": [task.name for task in tasks],
        "files": {**questions, golden.NAME: golden.sha256()},
        "data": {task.name: str(folder_of(task.dataset, task.revision)) for task in tasks if task.dataset},
        "golden": _golden(run),
        "prove_gpus": gpus_of(run),
        # One number for all tasks is all that the harness takes; the catalogue holds suites to it.
        "num_fewshot": shots.pop() if len(shots) == 1 else None,
        "seed": version.seed,
        "apply_chat_template": version.applies_chat_template,
        "time_limit_seconds": TIME_LIMIT_SECONDS,
    }
    if run.gpu_class is not None:
        spec |= {
            "gpu_class": run.gpu_class.name_for(run.gpus),
            "gpus": run.gpus,
            "time_limit_seconds": min(TIME_LIMIT_SECONDS, run.gpu_class.minutes * 60),
        }
    files = {path: (TASKS / path.removeprefix("tasks/")).read_bytes() for path in questions}
    return Job(spec, {**files, golden.NAME: golden.content()})


def gpus_of(run: Run) -> int:
    """How many GPUs have to be seen working. A server that the portal knows to compute on the CPU needs none,
    whatever the engine gives it.
    """
    server = server_of(run.release)
    if server is not None and server.get("device") == "cpu":
        return 0
    return run.gpus


def _golden(run: Run) -> dict[str, Any]:
    """The continuations, and what the release answers to them, so that a wrong endpoint is found before the questions."""
    reference = reference_of(run.release)
    return {
        "file": golden.NAME,
        "tolerance": tolerance_of(run.release),
        "expected": reference.values if reference else None,
    }


def _endpoint(run: Run) -> dict[str, Any]:
    release = run.release
    if release.endpoint_url:
        return {"url": release.endpoint_url.rstrip("/")}
    known = {"{folder}": str(release.folder), "{python}": sys.executable}
    command = [str(part) for part in release.serve_command]
    for name, value in known.items():
        command = [part.replace(name, value) for part in command]
    return {
        "serve": {
            "command": command,
            "environment": {"PYTHONPATH": str(settings.BASE_DIR)},
            "ready_seconds": READY_SECONDS,
        }
    }
