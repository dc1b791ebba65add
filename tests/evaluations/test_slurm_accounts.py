"""What a Slurm launcher concludes while the accounts are behind the queue; `tests/slurm` asks a real cluster."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evaluations.launchers.protocol import EngineState
from evaluations.launchers.slurm import ACCOUNTS_LAG, FILES_LAG, SlurmLauncher
from evaluations.launchers.slurm_facts import AccountedStart, QueuedJob, Request

KEY = "eval-a"


class Told:
    """A cluster that says what the test put into it."""

    def __init__(self, queue: list[QueuedJob], accounts: list[AccountedStart]) -> None:
        self.jobs, self.starts = queue, accounts

    def queue(self) -> list[QueuedJob]:
        return self.jobs

    def accounts(self, keys: Iterable[str], days: int) -> list[AccountedStart]:
        return [start for start in self.starts if start.key in set(keys)]

    def submit(self, script: str, request: Request, environment: Mapping[str, str], held: int) -> str:
        raise NotImplementedError

    def cancel(self, key: str) -> None:
        raise NotImplementedError


def queued(ended: datetime) -> QueuedJob:
    """A job that was put back once and has now ended."""
    return QueuedJob(7, KEY, "COMPLETED", 1, "None", "node-1", ended - timedelta(seconds=30), ended)


def start(state: str, began: datetime, seconds: float) -> AccountedStart:
    return AccountedStart(
        7, KEY, state, 0, 0, began, began + timedelta(seconds=seconds), seconds, 2, None, "node-1"
    )


def preempted() -> AccountedStart:
    return start("PREEMPTED", datetime.now(UTC) - timedelta(seconds=200), 60)


def completed() -> AccountedStart:
    return start("COMPLETED", datetime.now(UTC) - timedelta(seconds=30), 30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / KEY
    place.mkdir()
    (tmp_path / ".launcher").touch()
    (place / "slurm.json").write_text(
        json.dumps({"restart": 0, "jobs": {"7": 0}, "at": datetime.now(UTC).timestamp()})
    )
    (place / "exit.json").write_text(json.dumps({"restart": 1, "reason": "published", "message": ""}))
    return place


def launcher(folder: Path, cluster: Told) -> SlurmLauncher:
    return SlurmLauncher(folder.parent, cluster, {})


def test_a_start_that_the_accounts_do_not_know_yet_is_waited_for(folder: Path) -> None:
    cluster = Told([queued(datetime.now(UTC))], [preempted()])
    (seen,) = launcher(folder, cluster).observe([KEY])
    assert (seen.state, seen.restart) == (EngineState.RUNNING, 1)
    cluster.starts.append(completed())
    later = launcher(folder, cluster)
    (seen,) = later.observe([KEY])
    assert (seen.state, seen.restart, seen.reason) == (EngineState.ENDED, 1, "published")
    assert [(used.restart, used.gpu_seconds) for used in later.usage([KEY])] == [(0, 120), (1, 60)]


def test_accounts_that_stay_silent_do_not_hold_a_run_for_ever(folder: Path) -> None:
    cluster = Told([queued(datetime.now(UTC) - ACCOUNTS_LAG - timedelta(seconds=1))], [preempted()])
    (seen,) = launcher(folder, cluster).observe([KEY])
    assert (seen.state, seen.reason) == (EngineState.ENDED, "published")


def test_a_job_that_was_put_back_while_it_ended_is_started_again(folder: Path) -> None:
    """Slurm may leave it as failed; the runner's status says that it was only told to stop."""
    (folder / "exit.json").write_text(json.dumps({"restart": 0, "reason": "stopped", "message": ""}))
    stopped = replace(completed(), state="FAILED", exit_code=143)
    cluster = Told([replace(queued(datetime.now(UTC)), state="FAILED")], [preempted(), stopped])
    (seen,) = launcher(folder, cluster).observe([KEY])
    assert (seen.state, seen.restart) == (EngineState.GONE, 1)
    cluster.starts[-1] = replace(stopped, exit_code=1)
    (seen,) = launcher(folder, cluster).observe([KEY])
    assert seen.state == EngineState.RUNNING, "its words may still come"


@pytest.mark.parametrize(("has_begun", "state"), [(False, EngineState.GONE), (True, EngineState.ENDED)])
def test_a_job_that_was_put_back_and_ended_before_a_runner_began_is_started_again(
    folder: Path, has_begun: bool, state: EngineState
) -> None:
    (folder / "exit.json").write_text(json.dumps({"restart": 0, "reason": "stopped", "message": ""}))
    if has_begun:
        (folder / "attempts" / "001").mkdir(parents=True)
    ended = datetime.now(UTC) - FILES_LAG - timedelta(seconds=1)
    failed = replace(completed(), state="FAILED", exit_code=1)
    cluster = Told([replace(queued(ended), state="FAILED")], [preempted(), failed])
    (seen,) = launcher(folder, cluster).observe([KEY])
    assert (seen.state, seen.restart) == (state, 1)


def test_a_start_that_was_over_before_the_accounts_knew_it_counts_as_the_runner_saw_it(folder: Path) -> None:
    place = folder / "attempts" / "000"
    place.mkdir(parents=True)
    began = datetime.now(UTC) - timedelta(seconds=200)
    told = {
        "reason": "stopped",
        "started_at": began.timestamp(),
        "ended_at": began.timestamp() + 3,
        "seconds": 3.0,
        "gpus": ["0", "1"],
        "host": "node-1",
    }
    (place / "exit.json").write_text(json.dumps(told))
    unknown = replace(preempted(), started_at=None, seconds=0.0)
    first, second = launcher(folder, Told([], [unknown, completed()])).usage([KEY])
    assert (first.reason, first.gpu_seconds, first.measured) == ("preempted", 6.0, False)
    assert (second.restart, second.gpu_seconds, second.measured) == (1, 60, True)
