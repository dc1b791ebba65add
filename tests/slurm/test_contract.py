"""What every launcher promises: the one for this machine, and the one for a cluster by commands, by REST, without shared files."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from evaluations.launchers.local import LocalLauncher
from evaluations.launchers.protocol import EngineRef, EngineState, Job, Launcher, Refused, Unreachable
from tests.evaluations.workshop import read
from tests.slurm.following import changed, halting, until, until_answered


@pytest.fixture(params=["local", "slurm", "rest", "staged"])
def launcher(request: pytest.FixtureRequest, tmp_path: Path):  # type: ignore[no-untyped-def]
    if request.param != "local":
        yield request.getfixturevalue(f"{request.param}_launcher")
        return
    local = LocalLauncher(tmp_path / "runs")
    yield local
    for folder in local.root.glob("eval-*"):
        if (pid := local._living(folder)) is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def test_a_job_runs_to_its_published_result(launcher: Launcher, job: Job, key: str) -> None:
    ref = launcher.submit(job, key)
    assert (ref.key, ref.restart) == (key, 0)
    assert ref.job
    ended = until(launcher, EngineState.ENDED, key)
    assert (ended.restart, ended.reason) == (0, "published")
    assert ended.started_at is not None
    assert ended.ended_at is not None
    assert read(launcher.folder(key) / "result" / "manifest.json")["key"] == key
    (usage,) = launcher.usage([key])
    assert (usage.restart, usage.measured, usage.reason) == (0, True, "published")
    assert usage.cpu_seconds
    assert usage.energy_joules is None


def test_submitting_again_answers_with_the_same_start(launcher: Launcher, job: Job, key: str) -> None:
    halt = halting(job, 1)
    with ThreadPoolExecutor(4) as pool:
        refs = set(pool.map(lambda _: launcher.submit(halt, key), range(4)))
    assert len(refs) == 1
    until(launcher, EngineState.RUNNING, key)
    assert launcher.submit(halt, key) in refs


def test_an_unknown_key_is_left_out_and_a_missing_folder_is_unreachable(
    launcher: LocalLauncher, job: Job, key: str
) -> None:
    with pytest.raises(Unreachable):
        launcher.observe([key])
    launcher.submit(job, key)
    assert [seen.key for seen in launcher.observe(["eval-b", key])] == [key]
    moved = launcher.root.rename(launcher.root.with_name("unmounted"))
    with pytest.raises(Unreachable):
        launcher.observe([key])
    moved.rename(launcher.root)


def test_a_cancelled_job_ends_and_says_that_it_was_stopped(launcher: Launcher, job: Job, key: str) -> None:
    ref = launcher.submit(halting(job, 1), key)
    until_answered(launcher, 1, key)
    launcher.cancel(ref)
    launcher.cancel(ref)
    ended = until(launcher, EngineState.ENDED, key)
    assert ended.reason == "stopped"


def test_cancelling_what_nobody_knows_does_nothing(launcher: Launcher, job: Job, key: str) -> None:
    launcher.submit(halting(job, 1), key)
    launcher.cancel(EngineRef("eval-b", 0, ""))
    assert until(launcher, EngineState.RUNNING, key).restart == 0


def test_the_next_restart_goes_on_with_the_answers_of_the_one_before(
    launcher: Launcher, job: Job, key: str
) -> None:
    ref = launcher.submit(halting(job, 2), key)
    until_answered(launcher, 2, key)
    launcher.cancel(ref)
    until(launcher, EngineState.ENDED, key)
    (launcher.folder(key) / "cancel.json").unlink()
    launcher.submit(changed(job, restart=1), key)
    ended = until(launcher, EngineState.ENDED, key)
    assert (ended.restart, ended.reason) == (1, "published")
    assert read(launcher.folder(key) / "result" / "manifest.json")["reused"] == 2
    assert [(use.restart, use.reason) for use in launcher.usage([key])] == [
        (0, "stopped"),
        (1, "published"),
    ]


def test_files_outside_the_folder_and_foreign_specifications_are_refused(
    launcher: Launcher, job: Job, key: str
) -> None:
    with pytest.raises(Refused):
        launcher.submit(Job(job.spec, {"../escape": b""}), key)
    with pytest.raises(Refused):
        launcher.submit(job, "eval-b")
