"""The launcher for this machine: one runner per key, whoever asks, and the truth about it."""

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from evaluations.launchers.local import CANCEL_GRACE_SECONDS, LocalLauncher
from evaluations.launchers.protocol import EngineRef, EngineState, Job, Observation, Refused, Unreachable
from evaluations.ngram.model import load_default
from tests.evaluations.workshop import eventually, read, serving, specification, stand_in, task_files

FILES = task_files(questions=4)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    yield from serving(load_default())


@pytest.fixture
def launcher(tmp_path: Path) -> Iterator[LocalLauncher]:
    launcher = LocalLauncher(tmp_path / "runs")
    yield launcher
    for folder in launcher.root.glob("eval-*"):
        pid = launcher._living(folder)
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def job(tmp_path: Path, endpoint: str) -> Job:
    return Job(specification("eval-a", stand_in(tmp_path), FILES, endpoint={"url": endpoint}), FILES)


def changed(job: Job, **changes: Any) -> Job:
    return Job(job.spec | changes, job.files)


def halting(job: Job, answers: int) -> Job:
    """The same job, waiting for ever after some answers."""
    return changed(job, environment={"STAND_IN_HALT": str(answers)})


def look(launcher: LocalLauncher, key: str = "eval-a") -> Observation:
    (observation,) = launcher.observe([key])
    return observation


def until(launcher: LocalLauncher, state: EngineState) -> Observation:
    eventually(lambda: look(launcher).state == state)
    return look(launcher)


def test_a_job_runs_to_its_published_result(launcher: LocalLauncher, job: Job) -> None:
    ref = launcher.submit(job, "eval-a")
    assert look(launcher).state in {EngineState.PENDING, EngineState.RUNNING, EngineState.ENDED}
    ended = until(launcher, EngineState.ENDED)
    assert (ended.key, ended.restart, ended.reason) == ("eval-a", 0, "published")
    assert ended.started_at is not None
    assert ended.ended_at is not None
    assert (launcher.folder(ref.key) / "result" / "manifest.json").exists()


def test_submitting_again_answers_with_the_same_start(launcher: LocalLauncher, job: Job) -> None:
    halt = halting(job, 1)
    with ThreadPoolExecutor(6) as pool:
        refs = set(pool.map(lambda _: launcher.submit(halt, "eval-a"), range(12)))
    assert len(refs) == 1
    until(launcher, EngineState.RUNNING)
    assert launcher.submit(halt, "eval-a") in refs


def test_a_submission_that_was_cut_off_before_it_was_noted_starts_no_second_evaluation(
    launcher: LocalLauncher, job: Job
) -> None:
    launcher.submit(job, "eval-a")
    (launcher.folder("eval-a") / "submitted.json").unlink()
    launcher.submit(job, "eval-a")
    until(launcher, EngineState.ENDED)
    eventually(lambda: not launcher._held(launcher.folder("eval-a")))
    assert [usage.reason for usage in launcher.usage(["eval-a"])] == ["published"]


def test_an_unknown_key_is_left_out_and_a_missing_folder_is_unreachable(
    launcher: LocalLauncher, job: Job
) -> None:
    with pytest.raises(Unreachable):
        launcher.observe(["eval-a"])
    launcher.submit(job, "eval-a")
    assert [seen.key for seen in launcher.observe(["eval-b", "eval-a"])] == ["eval-a"]
    until(launcher, EngineState.ENDED)
    moved = launcher.root.rename(launcher.root.with_name("unmounted"))
    with pytest.raises(Unreachable):
        launcher.observe(["eval-a"])
    moved.rename(launcher.root)


def test_a_killed_runner_is_gone_and_the_next_restart_goes_on(launcher: LocalLauncher, job: Job) -> None:
    launcher.submit(halting(job, 2), "eval-a")
    folder = launcher.folder("eval-a")
    eventually(lambda: read(folder / "progress.json").get("done") == 2)
    os.kill(read(folder / "process.json")["pid"], signal.SIGKILL)
    gone = until(launcher, EngineState.GONE)
    assert gone.restart == 0
    launcher.submit(changed(job, restart=1), "eval-a")
    ended = until(launcher, EngineState.ENDED)
    assert (ended.restart, ended.reason) == (1, "published")
    assert read(folder / "result" / "manifest.json")["reused"] == 2
    first, second = launcher.usage(["eval-a"])
    assert (first.restart, first.measured, first.reason) == (0, False, "")
    assert (second.restart, second.measured, second.reason) == (1, True, "published")
    assert first.seconds > 0
    assert second.cpu_seconds is not None
    assert second.energy_joules is None


def test_a_pid_of_another_process_is_never_signalled(launcher: LocalLauncher, job: Job) -> None:
    ref = launcher.submit(job, "eval-a")
    until(launcher, EngineState.ENDED)
    process = launcher.folder("eval-a") / "process.json"
    process.write_text(json.dumps(read(process) | {"pid": os.getpid()}))
    launcher.cancel(ref)
    assert look(launcher).reason == "published"


def test_cancel_ends_the_whole_group(launcher: LocalLauncher, job: Job) -> None:
    ref = launcher.submit(halting(job, 1), "eval-a")
    eventually(lambda: read(launcher.folder("eval-a") / "progress.json").get("done") == 1)
    launcher.cancel(ref)
    launcher.cancel(ref)
    assert until(launcher, EngineState.ENDED).reason == "stopped"


def test_cancel_is_enforced_after_its_grace(launcher: LocalLauncher, job: Job) -> None:
    ref = launcher.submit(halting(job, 1), "eval-a")
    folder = launcher.folder("eval-a")
    eventually(lambda: read(folder / "progress.json").get("done") == 1)
    os.kill(read(folder / "process.json")["pid"], signal.SIGSTOP)
    launcher.cancel(ref)
    asked = read(folder / "cancel.json")["at"]
    (folder / "cancel.json").write_text(json.dumps({"at": asked - CANCEL_GRACE_SECONDS - 1}))
    launcher.cancel(ref)
    until(launcher, EngineState.GONE)


def test_cancel_before_the_runner_woke_up_counts_too(launcher: LocalLauncher, job: Job) -> None:
    folder = launcher.folder("eval-a")
    folder.mkdir(parents=True)
    (launcher.root / ".launcher").touch()
    launcher.cancel(EngineRef("eval-a", 0, ""))
    launcher.submit(job, "eval-a")
    ended = until(launcher, EngineState.ENDED)
    assert (ended.reason, ended.message) == ("stopped", "cancelled before it started")


def test_a_job_of_another_key_and_a_file_outside_are_refused(launcher: LocalLauncher, job: Job) -> None:
    with pytest.raises(Refused, match="not for eval-b"):
        launcher.submit(job, "eval-b")
    with pytest.raises(Refused, match="outside"):
        launcher.submit(Job(job.spec, {"../escape": b""}), "eval-a")


def test_no_secret_of_the_portal_reaches_the_runner(
    launcher: LocalLauncher, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    monkeypatch.setenv("ENDPOINT_KEY", "only-this-one")
    endpoint = job.spec["endpoint"] | {"token_variable": "ENDPOINT_KEY"}
    launcher.submit(halting(changed(job, endpoint=endpoint), 0), "eval-a")
    eventually(lambda: read(launcher.folder("eval-a") / "progress.json").get("phase") == "evaluating")
    pid = read(launcher.folder("eval-a") / "process.json")["pid"]
    environment = (Path("/proc") / str(pid) / "environ").read_bytes()
    assert b"ENDPOINT_KEY=only-this-one" in environment
    assert b"postgres://" not in environment
