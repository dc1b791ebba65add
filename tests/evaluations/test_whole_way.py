"""From the request to the score through the real launcher, runner and endpoint; only the harness is a stand-in."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

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
from tests.evaluations.workshop import eventually, stand_in


@pytest.fixture(autouse=True)
def harness(tmp_path: Path) -> Iterator[None]:
    python = environment.python_of(settings.VAR_DIR / "harness")
    python.parent.mkdir(parents=True)
    python.symlink_to(stand_in(tmp_path))
    yield
    shutil.rmtree(python.parent.parent)


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


def until_final(run: Run) -> Run:
    def ended() -> bool:
        tick()
        run.refresh_from_db()
        return run.is_final

    eventually(ended, seconds=60)
    return run


def test_a_release_gets_its_score(
    client: Client, mira: User, baseline: ModelRelease, suite_version: SuiteVersion, engine: Engine
) -> None:
    run = until_final(request_run(by=mira, release=baseline, suite_version=suite_version, engine=engine))
    assert run.state == State.SUCCEEDED, (run.reason, run.detail)
    model = load_default()
    score = run.scores.get(metric="acc")
    assert (score.questions, score.right) == (60, 12)
    (attempt,) = run.attempts.all()
    assert attempt.is_measured
    assert attempt.cpu_seconds
    client.force_login(mira)
    html = client.get(run.get_absolute_url()).content.decode()
    assert "20.0%" in html
    assert model.sha256 in html


def test_an_exchanged_model_file_is_never_scored(
    mira: User, baseline: ModelRelease, suite_version: SuiteVersion, engine: Engine
) -> None:
    other = load_default()
    other.order = 2
    (baseline.folder / "model.ngram").write_bytes(other.to_bytes())
    run = until_final(request_run(by=mira, release=baseline, suite_version=suite_version, engine=engine))
    assert (run.state, run.reason) == (State.FAILED, "wrong_model")


def test_a_dead_endpoint_fails_the_run_with_a_clear_sentence(
    client: Client, mira: User, release: ModelRelease, suite_version: SuiteVersion, engine: Engine
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        release.serve_command = []
        release.endpoint_url = f"http://127.0.0.1:{nobody.getsockname()[1]}/v1"
        release.save()
        run = until_final(request_run(by=mira, release=release, suite_version=suite_version, engine=engine))
    assert (run.state, run.reason) == (State.FAILED, "endpoint_unreachable")
    client.force_login(mira)
    assert "Nobody answers at the address" in client.get(run.get_absolute_url()).content.decode()


def test_a_cancelled_run_ends_at_its_engine(
    mira: User, baseline: ModelRelease, suite_version: SuiteVersion, engine: Engine
) -> None:
    baseline.serve_command = ["sleep", "60"]
    baseline.save()
    run = request_run(by=mira, release=baseline, suite_version=suite_version, engine=engine)

    def begun() -> bool:
        tick()
        run.refresh_from_db()
        return run.state == State.RUNNING

    eventually(begun)
    cancel_run(by=mira, run=run)
    assert until_final(run).state == State.CANCELLED
    (observed,) = launcher_of(engine).observe([run.key])
    assert observed.reason == "stopped"
