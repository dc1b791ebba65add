"""What cannot be planned: a silent controller, cancelling at the wrong moment, jobs that do not end by themselves."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from evaluations.actions import EvaluationRefused
from evaluations.actions.runs import cancel_run
from evaluations.engines import launcher_of
from evaluations.models import Engine, Run, StateChange, SuiteVersion
from evaluations.models.run import State
from evaluations.reconcile import HAND_OVER_AGAIN_AFTER, tick
from portfolio.models import ModelRelease
from tests.evaluations.workshop import eventually, read
from tests.slurm.cluster import Cluster
from tests.slurm.portal import (
    assert_accounts_agree,
    further_release,
    harness_at,
    instant_harness,
    jobs_of,
    killed_at,
    requested,
    serve_nothing,
    served_at,
    until,
)

LIVE_RUNS = 20


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    return tmp_path / "gate"


@pytest.fixture
def gated_harness(tmp_path: Path, endpoint: str, gate: Path) -> Iterator[None]:
    """Every run waits at the gate named after its folder, then has its result at once."""
    wait = f'gate={gate}-$(basename "$(dirname "$PWD")"); while [ ! -e "$gate" ]; do sleep 0.2; done'
    yield from harness_at(instant_harness(tmp_path, endpoint), wait)


@pytest.fixture
def run(mira: User, release: ModelRelease, suite_version: SuiteVersion, engine: Engine) -> Run:
    """A run that goes on until somebody ends it."""
    serve_nothing(release)
    return requested(mira, release, suite_version, engine, "cores")


def test_a_silent_controller_moves_no_run_and_starts_none_again(
    mira: User,
    release: ModelRelease,
    suite_version: SuiteVersion,
    engine: Engine,
    cluster: Cluster,
    endpoint: str,
    gate: Path,
    gated_harness: None,
) -> None:
    served_at(release, endpoint)
    releases = [further_release(release, number) for number in range(1, LIVE_RUNS + 1)]
    runs = [requested(mira, each, suite_version, engine, "cores") for each in releases]

    def all_of(state: State) -> bool:
        tick()
        return Run.objects.filter(state=state).count() == LIVE_RUNS

    eventually(lambda: all_of(State.RUNNING), 120)
    folders = [launcher_of(engine).folder(each.key) for each in runs]
    # Until it waits at its gate a job that counts as running may still fail by itself: its endpoint is asked once more,
    # and its node asks the controller.
    eventually(lambda: {read(each / "progress.json").get("phase") for each in folders} == {"evaluating"}, 60)
    changes = StateChange.objects.count()
    cluster.stop("slurmctld")
    # Half of them end while nobody can be asked.
    for each in runs[: LIVE_RUNS // 2]:
        Path(f"{gate}-{each.key}").touch()
    eventually(lambda: sum((folder / "exit.json").exists() for folder in folders) == LIVE_RUNS // 2, 60)
    for _ in range(2):
        tick()
        engine.refresh_from_db()
        assert engine.unreachable_since is not None
    assert StateChange.objects.count() == changes
    assert Run.objects.filter(state=State.RUNNING).count() == LIVE_RUNS
    cluster.start_controller()
    eventually(lambda: tick() or Run.objects.filter(state=State.SUCCEEDED).count() == LIVE_RUNS // 2, 60)
    engine.refresh_from_db()
    assert engine.unreachable_since is None
    states = Counter(Run.objects.values_list("state", flat=True))
    assert states == {State.SUCCEEDED: LIVE_RUNS // 2, State.RUNNING: LIVE_RUNS // 2}
    for each in runs:
        Path(f"{gate}-{each.key}").touch()
    eventually(lambda: all_of(State.SUCCEEDED), 120)
    assert len(jobs_of(cluster, *runs)) == LIVE_RUNS
    assert not Run.objects.exclude(restarts=0).exists()


def test_a_run_cancelled_before_it_is_handed_over_never_reaches_the_cluster(
    run: Run, mira: User, cluster: Cluster
) -> None:
    cancel_run(by=mira, run=run)
    tick()
    run.refresh_from_db()
    assert run.state == State.CANCELLED
    assert jobs_of(cluster, run) == []


@pytest.mark.parametrize("step", ["submit.claimed", "submit.intended"])
def test_a_run_cancelled_while_it_was_being_handed_over_has_no_job(
    run: Run, mira: User, cluster: Cluster, step: str
) -> None:
    killed_at(step)
    run.refresh_from_db()
    cancel_run(by=mira, run=run)
    tick()
    run.refresh_from_db()
    assert run.state == State.SUBMITTING
    Run.objects.update(claimed_at=timezone.now() - HAND_OVER_AGAIN_AFTER - timedelta(seconds=1))
    until(run, State.CANCELLED)
    assert jobs_of(cluster, run) == []
    assert not run.attempts.exists()


@pytest.mark.parametrize("step", ["submit.accepted", "submit.answered"])
def test_a_job_that_nobody_wrote_down_is_found_and_cancelled(
    run: Run, mira: User, cluster: Cluster, step: str
) -> None:
    killed_at(step)
    run.refresh_from_db()
    assert run.state == State.SUBMITTING
    cancel_run(by=mira, run=run)
    until(run, State.CANCELLED)
    assert len(jobs_of(cluster, run)) == 1
    assert not cluster.ask("squeue", "-h", "-n", run.key).strip()


def test_a_running_run_is_cancelled_when_the_cluster_says_so(run: Run, mira: User, cluster: Cluster) -> None:
    until(run, State.RUNNING)
    cancel_run(by=mira, run=run)
    tick()
    run.refresh_from_db()
    # What was asked for has not happened yet.
    assert run.state in (State.RUNNING, State.CANCELLED)
    until(run, State.CANCELLED)
    assert not cluster.ask("squeue", "-h", "-n", run.key).strip()
    assert_accounts_agree(cluster, run)


def test_a_run_that_finished_just_before_it_was_cancelled_keeps_its_result(
    mira: User,
    release: ModelRelease,
    suite_version: SuiteVersion,
    engine: Engine,
    cluster: Cluster,
    endpoint: str,
    gate: Path,
    gated_harness: None,
) -> None:
    run = requested(mira, served_at(release, endpoint), suite_version, engine, "a100", 1)
    until(run, State.RUNNING)
    Path(f"{gate}-{run.key}").touch()
    eventually(lambda: (launcher_of(engine).folder(run.key) / "result").exists(), 60)
    cancel_run(by=mira, run=run)
    until(run, State.SUCCEEDED)
    assert run.scores.exists()
    assert_accounts_agree(cluster, run)
    with pytest.raises(EvaluationRefused, match="can no longer be cancelled"):
        cancel_run(by=mira, run=run)


def test_a_job_that_needs_more_memory_than_it_asked_for_fails_and_is_not_started_again(
    client: Client,
    mira: User,
    release: ModelRelease,
    suite_version: SuiteVersion,
    engine: Engine,
    cluster: Cluster,
) -> None:
    serve_nothing(release)
    run = until(requested(mira, release, suite_version, engine, "tiny"), State.FAILED)
    assert run.reason == "out_of_memory"
    assert [attempt.reason for attempt in run.attempts.all()] == ["out_of_memory"]
    assert len(jobs_of(cluster, run)) == 1
    client.force_login(mira)
    assert "needed more memory than it had asked" in client.get(run.get_absolute_url()).content.decode()


@pytest.mark.parametrize("name", ["deaf", "hanging"])
def test_a_job_over_its_time_limit_is_ended_by_the_cluster(
    client: Client,
    overtime: dict[str, str],
    mira: User,
    release: ModelRelease,
    suite_version: SuiteVersion,
    engine: Engine,
    cluster: Cluster,
    name: str,
) -> None:
    run = requested(mira, release, suite_version, engine, "cores")
    # The job was begun with the cluster, because a minute is the shortest limit that Slurm knows.
    Run.objects.filter(pk=run.pk).update(
        uuid=overtime[name].removeprefix("eval-"), state=State.SUBMITTED, claimed_at=timezone.now()
    )
    run.refresh_from_db()
    until(run, State.FAILED, seconds=180)
    assert run.reason == "time_limit"
    assert [attempt.reason for attempt in run.attempts.all()] == ["timeout"]
    assert_accounts_agree(cluster, run)
    client.force_login(mira)
    assert "took longer than its time limit" in client.get(run.get_absolute_url()).content.decode()
