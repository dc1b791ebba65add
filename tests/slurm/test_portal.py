"""From the request to the score over a real cluster, and what a reader sees when the cluster is difficult."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from accounts.models import User
from evaluations.engines import launcher_of
from evaluations.models import Engine, Run, SuiteVersion
from evaluations.models.run import State
from evaluations.reconcile import tick
from portfolio.models import ModelRelease
from tests.evaluations.workshop import eventually, read, real_harness, stand_in
from tests.slurm.cluster import Cluster
from tests.slurm.portal import (
    assert_accounts_agree,
    further_release,
    harness_at,
    jobs_of,
    requested,
    serve_nothing,
    until,
    with_its_file,
)

ANSWERED = 54


@pytest.fixture
def lm_eval() -> Iterator[None]:
    yield from harness_at(real_harness())


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    return tmp_path / "gate"


@pytest.fixture
def halting_harness(tmp_path: Path, gate: Path) -> Iterator[None]:
    """Waits after ANSWERED questions for ever, unless the gate was open when it started."""
    yield from harness_at(stand_in(tmp_path), f"[ -e {gate} ] || export STAND_IN_HALT={ANSWERED}")


@pytest.fixture
def baseline(release: ModelRelease) -> ModelRelease:
    return with_its_file(release)


@pytest.fixture
def run(mira: User, baseline: ModelRelease, suite_version: SuiteVersion, engine: Engine) -> Run:
    return requested(mira, baseline, suite_version, engine, "h100", 2)


def page_of(client: Client, user: User, run: Run) -> str:
    client.force_login(user)
    return client.get(run.get_absolute_url()).content.decode()


@pytest.mark.slow
def test_a_release_gets_its_score_on_a_cluster(
    client: Client, mira: User, run: Run, cluster: Cluster, lm_eval: None
) -> None:
    # On a busy machine the harness takes its time to wake up.
    until(run, State.SUCCEEDED, seconds=300)
    score = run.scores.get(metric="acc")
    assert (score.questions, score.right) == (60, 12)
    (attempt,) = run.attempts.all()
    assert attempt.is_measured
    assert attempt.gpu_seconds == 2 * attempt.seconds > 0
    assert attempt.energy_joules is None
    assert_accounts_agree(cluster, run)
    assert "20.0%" in page_of(client, mira, run)


@pytest.mark.parametrize(
    ("code", "gpus", "reason", "sentence"),
    [
        ("nowhere", 0, "engine_partition", "does not have the partition"),
        ("impossible", 1, "engine_resources", "has no node with the GPUs"),
        ("strangers", 0, "engine_account", "does not let the portal compute under the account"),
        ("strict", 2, "engine_limits", "asks for more than the cluster&#x27;s limits allow"),
    ],
)
def test_what_the_cluster_refuses_is_said_on_the_page_of_the_run(
    client: Client,
    mira: User,
    baseline: ModelRelease,
    suite_version: SuiteVersion,
    engine: Engine,
    cluster: Cluster,
    code: str,
    gpus: int,
    reason: str,
    sentence: str,
) -> None:
    run = until(requested(mira, baseline, suite_version, engine, code, gpus), State.FAILED)
    assert run.reason == reason
    html = page_of(client, mira, run)
    assert sentence in html
    assert "sbatch: error" in html
    # The accounts may name what was refused at the door; nothing of it waits, and nothing has computed.
    assert cluster.ask("squeue", "-h", f"--name={run.key}", "-o", "%A").split() == []
    accounts = ("sacct", "-X", "-n", "-P", "--starttime=now-1days", f"--name={run.key}", "-o", "ElapsedRaw")
    assert set(cluster.ask(*accounts).split()) <= {"0"}


def test_a_run_beyond_the_portals_share_waits_and_says_why(
    client: Client, mira: User, baseline: ModelRelease, suite_version: SuiteVersion, engine: Engine
) -> None:
    serve_nothing(baseline)
    first = requested(mira, baseline, suite_version, engine, "shared", 1)
    until(first, State.RUNNING)
    second = requested(mira, further_release(baseline, 1), suite_version, engine, "shared", 1)
    until(second, State.SUBMITTED)

    def reason() -> str:
        until(second, State.SUBMITTED)
        return second.progress.waiting_for

    eventually(lambda: reason() == "QOSGrpGRES")
    html = page_of(client, mira, second)
    assert "share of the cluster (quality of service) is in use" in html
    assert "QOSGrpGRES" in html


def test_a_run_that_has_to_make_room_waits_again_and_goes_on_with_its_answers(
    run: Run, cluster: Cluster, gate: Path, halting_harness: None
) -> None:
    folder = launcher_of(run.engine).folder(run.key)
    until(run, State.RUNNING)
    eventually(lambda: read(folder / "progress.json").get("done", 0) == ANSWERED, 60)
    cluster.wait_for_start(run.key)
    cluster.ask(
        *("sbatch", "--job-name=urgent", "--partition=high", "--gres=gpu:h100:2", "--output=/dev/null"),
        *("--wrap", "true"),
    )
    until(run, State.SUBMITTED)
    assert run.restarts >= 1
    gate.touch()

    def has_succeeded() -> bool:
        # The cluster puts the job back; one that ends at that very moment it may fail instead, and then there is another.
        for number in read(folder / "slurm.json")["jobs"]:
            cluster.hurry(number)
        tick()
        run.refresh_from_db()
        return run.state == State.SUCCEEDED

    eventually(has_succeeded, 120)
    assert read(folder / "result" / "manifest.json")["reused"] >= 0.9 * ANSWERED
    first, *_between, last = run.attempts.all()
    assert (first.restart, first.reason) == (0, "preempted")
    assert (last.restart, last.reason) == (run.restarts, "published")
    # The cluster counts whole seconds, and the second start has little left to do.
    assert first.gpu_seconds > 0
    assert_accounts_agree(cluster, run)
    assert len(jobs_of(cluster, run)) == len(read(folder / "slurm.json")["jobs"])
