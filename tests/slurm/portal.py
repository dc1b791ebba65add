"""What tests of the portal on a cluster have in common: waiting, harnesses that wait, accounts that agree."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.models import User
from evaluations.actions.runs import request_run
from evaluations.calibration import golden, ngram
from evaluations.demo import SERVE_COMMAND
from evaluations.harness import environment
from evaluations.models import Engine, ReleaseReference, Run, SuiteVersion
from evaluations.models.run import State
from evaluations.ngram.model import load_default
from evaluations.ngram.server import MODEL_ID
from evaluations.reconcile import tick
from portfolio.models import ModelRelease
from tests.evaluations.workshop import NGRAM_SHA256, TASK, eventually, stand_in, task_files
from tests.slurm.cluster import Cluster


class Killed(BaseException):
    """Stands for the end of a process in the middle of a tick."""


_armed: dict[str, Callable[[str], None]] = {}


def _listen(event: str, details: tuple[Any, ...]) -> None:
    if event == "evaluations.step" and details[0] in _armed:
        _armed[details[0]](details[1])


@contextmanager
def at_step(step: str, what: Callable[[str], None]) -> Iterator[None]:
    """Calls `what` with the run's key whenever a tick of this process comes to `step`."""
    # The interpreter keeps its hooks for ever, so there is one for all tests.
    if "" not in _armed:
        _armed[""] = lambda key: None
        sys.addaudithook(_listen)
    _armed[step] = what
    try:
        yield
    finally:
        del _armed[step]


def killed_at(step: str) -> None:
    """A tick that ends at `step` as if its process had been killed there; fails when it never came so far."""

    def end(key: str) -> None:
        raise Killed

    with at_step(step, end):
        try:
            tick()
        except Killed:
            return
    raise AssertionError(f"the tick did not come to {step}")


def harness_at(target: str, before: str = "") -> Iterator[None]:
    """The portal's harness is the interpreter `target`; `before` is a line of shell that comes first."""
    python = environment.python_of(settings.VAR_DIR / "harness")
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\n{before}\nexec {target} "$@"\n')
    python.chmod(0o755)
    yield
    shutil.rmtree(python.parent.parent)


def instant_harness(folder: Path, endpoint: str) -> str:
    """A harness that gives the answers of the stand-in, asked once, without asking again."""
    for name, content in task_files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    arguments = {
        "--model_args": f"model={MODEL_ID},base_url={endpoint}/completions",
        "--tasks": TASK,
        "--output_path": str(folder / "answers"),
        "--use_cache": str(folder / "cache"),
        "--seed": "42",
    }
    subprocess.run(
        [stand_in(folder), "-m", "lm_eval", "run", *(part for pair in arguments.items() for part in pair)],
        cwd=folder / "tasks",
        check=True,
        capture_output=True,
    )
    script = folder / "instant-python"
    script.write_text(
        "#!/bin/sh\n"
        'while [ $# -gt 0 ]; do [ "$1" = --output_path ] && out=$2; shift; done\n'
        f'cp -r {folder / "answers"}/. "$out"\n'
    )
    script.chmod(0o755)
    return str(script)


def with_its_file(release: ModelRelease) -> ModelRelease:
    """The release with its file in place, as the demo makes it."""
    model = load_default()
    release.folder.mkdir(parents=True, exist_ok=True)
    (release.folder / "model.ngram").write_bytes(model.to_bytes())
    release.manifest = {"model.ngram": {"size": len(model.to_bytes()), "sha256": model.sha256}}
    release.serve_command = SERVE_COMMAND
    release.save()
    return release


@cache
def baseline_answers() -> list[list[float]]:
    """What the baseline answers to the golden continuations; a third of a second each time."""
    return ngram.likelihoods(load_default(), golden.pairs())


def with_reference(release: ModelRelease) -> ModelRelease:
    """What the baseline answers to the golden continuations, for a release whose file is not on this disk."""
    ReleaseReference.objects.create(
        release=release,
        golden=golden.sha256(),
        values=baseline_answers(),
        source=ReleaseReference.Source.PORTAL,
    )
    return release


def served_at(release: ModelRelease, endpoint: str) -> ModelRelease:
    """A release whose endpoint runs already."""
    release.manifest = {"model.ngram": {"size": 1, "sha256": NGRAM_SHA256}}
    release.serve_command, release.endpoint_url = [], endpoint
    release.save()
    return with_reference(release)


def serve_nothing(release: ModelRelease) -> None:
    """A model that never comes up keeps its run alive for as long as a test needs it."""
    release.serve_command = ["sleep", "600"]
    release.save()


def further_release(release: ModelRelease, number: int) -> ModelRelease:
    """The same in another version: runs of one release and suite are the same evaluation."""
    twin = ModelRelease.objects.get(pk=release.pk)
    twin.pk, twin.version = None, f"1.0.{number}"
    twin.save()
    return with_reference(twin)


def requested(
    by: User, release: ModelRelease, suite_version: SuiteVersion, engine: Engine, code: str, gpus: int = 0
) -> Run:
    return request_run(
        by=by,
        release=release,
        suite_version=suite_version,
        engine=engine,
        gpu_class=engine.gpu_classes.get(code=code),
        gpus=gpus,
    )


def until(run: Run, *states: State, seconds: float = 90) -> Run:
    def reached() -> bool:
        tick()
        run.refresh_from_db()
        return run.state in states or run.is_final

    eventually(reached, seconds)
    assert run.state in states, (run.state, run.reason, run.detail)
    return run


def jobs_of(cluster: Cluster, *runs: Run) -> list[str]:
    """The numbers of all jobs that the cluster ever had for these runs."""
    names = ",".join(run.key for run in runs)
    told = cluster.ask(
        "sacct", "-X", "-n", "-P", "--starttime=now-1days", f"--name={names}", "-o", "JobIDRaw"
    )
    return sorted(set(told.split()))


def gpu_seconds_in_the_accounts(cluster: Cluster, run: Run) -> float:
    """What the cluster itself says that all starts of the run's jobs used."""
    told = cluster.ask(
        *("sacct", "-X", "-D", "-n", "-P", "--starttime=now-1days", f"--name={run.key}"),
        *("-o", "ElapsedRaw,AllocTRES"),
    )
    total = 0.0
    for line in told.splitlines():
        seconds, _, resources = line.partition("|")
        held = dict(part.partition("=")[::2] for part in resources.split(",") if part)
        total += float(seconds) * int(held.get("gres/gpu", 0))
    return total


def assert_accounts_agree(cluster: Cluster, run: Run) -> None:
    """The GPU-seconds of all attempts are within 1 % of the cluster's accounts."""
    told = gpu_seconds_in_the_accounts(cluster, run)
    ours = sum(attempt.gpu_seconds for attempt in run.attempts.all())
    assert abs(ours - told) <= 0.01 * told, (ours, told)
