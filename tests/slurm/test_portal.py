"""From the request to the score over a real cluster, and what a reader sees when the cluster is difficult."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from evaluations.actions.runs import cancel_run, request_run
from evaluations.demo import SERVE_COMMAND
from evaluations.engines import launcher_of
from evaluations.harness import environment
from evaluations.models import Engine, Run, SuiteVersion
from evaluations.models.run import State
from evaluations.ngram.model import load_default
from evaluations.reconcile import tick
from portfolio.models import ModelRelease
from tests.evaluations.workshop import eventually, read, real_harness, stand_in
from tests.slurm.cluster import Cluster


def harness_at(target: str) -> Iterator[None]:
    """The harness environment of this portal is the interpreter `target`."""
    python = environment.python_of(settings.VAR_DIR / "harness")
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {target} "$@"\n')
    python.chmod(0o755)
    yield
    shutil.rmtree(python.parent.parent)


@pytest.fixture
def quick_harness(tmp_path: Path) -> Iterator[None]:
    yield from harness_at(stand_in(tmp_path))


@pytest.fixture
def lm_eval() -> Iterator[None]:
    yield from harness_at(real_harness())


@pytest.fixture
def baseline(release: ModelRelease) -> ModelRelease:
    """The release with its file in place, as the demo makes it."""
    model = load_default()
    release.folder.mkdir(parents=True, exist_ok=True)
    (release.folder / "model.ngram").write_bytes(model.to_bytes())
    release.manifest = {"model.ngram": {"size": len(model.to_bytes()), "sha256": model.sha256}}
    release.serve_command = SERVE_COMMAND
    release.save()
    return release


@pytest.fixture
def run(mira: User, baseline: ModelRelease, suite_version: SuiteVersion, engine: Engine) -> Run:
    return request_run(by=mira, release=baseline, suite_version=suite_version, engine=engine)


def until(run: Run, *states: State, seconds: float = 90) -> Run:
    def reached() -> bool:
        tick()
        run.refresh_from_db()
        return run.state in states or run.is_final

    eventually(reached, seconds)
    assert run.state in states, (run.state, run.reason, run.detail)
    return run


def asks_for(engine: Engine, name: str) -> None:
    engine.configuration["default"] = name
    engine.full_clean()
    engine.save()


def waiting_endpoint(baseline: ModelRelease) -> None:
    """A model that never comes up keeps its run alive for as long as a test needs it."""
    baseline.serve_command = ["sleep", "600"]
    baseline.save()


@pytest.mark.slow
def test_a_release_gets_its_score_on_a_cluster(client: Client, mira: User, run: Run, lm_eval: None) -> None:
    until(run, State.SUCCEEDED)
    score = run.scores.get(metric="acc")
    assert (score.questions, score.right) == (60, 12)
    (attempt,) = run.attempts.all()
    assert attempt.is_measured
    assert attempt.gpu_seconds == 2 * attempt.seconds > 0
    assert attempt.energy_joules is None
    client.force_login(mira)
    assert "20.0%" in client.get(run.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("name", "reason", "sentence"),
    [
        ("nowhere", "engine_partition", "does not have the partition"),
        ("impossible", "engine_resources", "has no node with the GPUs"),
    ],
)
def test_what_the_cluster_refuses_is_said_on_the_page_of_the_run(
    client: Client, mira: User, run: Run, engine: Engine, name: str, reason: str, sentence: str
) -> None:
    asks_for(engine, name)
    until(run, State.FAILED)
    assert run.reason == reason
    client.force_login(mira)
    html = client.get(run.get_absolute_url()).content.decode()
    assert sentence in html
    assert "sbatch: error" in html


def test_a_silent_controller_changes_no_run(
    run: Run, baseline: ModelRelease, engine: Engine, cluster: Cluster, quick_harness: None
) -> None:
    waiting_endpoint(baseline)
    until(run, State.RUNNING)
    cluster.stop("slurmctld")
    tick()
    run.refresh_from_db()
    engine.refresh_from_db()
    assert run.state == State.RUNNING
    assert engine.unreachable_since is not None
    assert "slurm" in engine.trouble
    cluster.start_controller()
    tick()
    run.refresh_from_db()
    engine.refresh_from_db()
    assert run.state == State.RUNNING
    assert engine.unreachable_since is None
    assert len(cluster.ask("squeue", "-h", "-n", run.key, "-o", "%i").split()) == 1


def test_a_run_that_has_to_make_room_waits_again_and_is_scored(
    run: Run, engine: Engine, cluster: Cluster, quick_harness: None
) -> None:
    folder = launcher_of(engine).folder(run.key)
    until(run, State.RUNNING)
    eventually(lambda: read(folder / "progress.json").get("done", 0) >= 1)
    cluster.ask(
        *("sbatch", "--job-name=urgent", "--partition=high", "--gres=gpu:h100:2", "--output=/dev/null"),
        *("--wrap", "true"),
    )
    until(run, State.SUBMITTED)
    assert run.restarts == 1
    (number,) = read(folder / "slurm.json")["jobs"]
    cluster.start_requeued(number)
    until(run, State.SUCCEEDED)
    assert [attempt.restart for attempt in run.attempts.all()] == [0, 1]
    assert all(attempt.gpu_seconds > 0 for attempt in run.attempts.all())


def test_a_cancelled_run_ends_at_the_cluster(
    run: Run, baseline: ModelRelease, cluster: Cluster, mira: User, quick_harness: None
) -> None:
    waiting_endpoint(baseline)
    until(run, State.RUNNING)
    cancel_run(by=mira, run=run)
    until(run, State.CANCELLED)
    assert not cluster.ask("squeue", "-h", "-n", run.key).strip()


def test_only_administrators_say_what_jobs_ask_for(
    client: Client, sven: User, mira: User, suite_version: SuiteVersion
) -> None:
    address = "/admin/evaluations/engine/add/"
    form: dict[str, Any] = {"slug": "cluster", "title": "Rechenzentrum", "kind": "slurm", "most_at_once": 4}
    client.force_login(mira)
    assert client.get(address).status_code == 403
    client.force_login(sven)
    wrong = client.post(address, form | {"configuration": '{"default": "h100", "classes": {"h100": {}}}'})
    assert "minutes and cpus must be at least 1" in wrong.content.decode()
    right = '{"default": "h100", "classes": {"h100": {"minutes": 60, "gres": "gpu:h100:1"}}}'
    assert client.post(address, form | {"configuration": right}).status_code == 302
    assert launcher_of(Engine.objects.get(slug="cluster")).capabilities().gpu_classes == ("h100",)
