"""The launcher for a cluster, where a cluster is more than a machine: it refuses, requeues, loses nodes, keeps accounts."""

import subprocess
import uuid
from typing import Any

import pytest

from evaluations.launchers.protocol import EngineRef, EngineState, Job, Refused, Unreachable
from evaluations.launchers.slurm import SlurmLauncher
from tests.evaluations.workshop import eventually, read
from tests.slurm.cluster import Cluster
from tests.slurm.following import changed, halting, look, until, until_answered


@pytest.mark.parametrize(
    ("gpu_class", "reason", "words"),
    [
        ("nowhere", "engine_partition", "Invalid partition name"),
        ("impossible", "engine_resources", "Requested node configuration is not available"),
        ("strangers", "engine_account", "Invalid account"),
        ("unheard-of", "engine_resources", "no class"),
    ],
)
def test_what_the_cluster_will_not_have_is_refused_in_its_own_words(
    slurm_launcher: SlurmLauncher, job: Job, key: str, gpu_class: str, reason: str, words: str
) -> None:
    with pytest.raises(Refused, match=words) as refusal:
        slurm_launcher.submit(changed(job, gpu_class=gpu_class), key)
    assert refusal.value.reason == reason


def test_a_job_gets_its_gpus_and_pays_for_them(slurm_launcher: SlurmLauncher, job: Job) -> None:
    # The cluster counts whole seconds: a job that ends within the one it began in costs nothing.
    for _ in range(10):
        key = f"eval-{uuid.uuid4()}"
        slurm_launcher.submit(changed(job, key=key, gpu_class="two"), key)
        until(slurm_launcher, EngineState.ENDED, key)
        assert len(read(slurm_launcher.folder(key) / "result" / "manifest.json")["gpus"]) == 2
        (usage,) = slurm_launcher.usage([key])
        if usage.seconds:
            break
    assert usage.gpu_seconds == 2 * usage.seconds > 0


def test_a_submission_whose_answer_was_lost_is_found_by_its_name(
    slurm_launcher: SlurmLauncher, cluster: Cluster, job: Job, key: str
) -> None:
    ref = slurm_launcher.submit(halting(job, 1), key)
    record = slurm_launcher.folder(key) / "slurm.json"
    record.write_text('{"restart": 0, "jobs": {}, "at": null}')
    assert look(slurm_launcher, key).restart == 0
    assert slurm_launcher.submit(halting(job, 1), key) == ref
    assert cluster.ask("squeue", "-h", "-n", key, "-o", "%i").split() == [ref.job]


def test_a_silent_controller_is_unreachable_and_nothing_is_handed_over_twice(
    slurm_launcher: SlurmLauncher, cluster: Cluster, job: Job, key: str
) -> None:
    ref = slurm_launcher.submit(halting(job, 1), key)
    until_answered(slurm_launcher, 1, key)
    other = f"eval-{uuid.uuid4()}"
    cluster.stop("slurmctld")
    for ask in (
        lambda: slurm_launcher.observe([key]),
        lambda: slurm_launcher.cancel(ref),
        lambda: slurm_launcher.submit(changed(job, key=other), other),
    ):
        with pytest.raises(Unreachable):
            ask()
    (slurm_launcher.folder(key) / "cancel.json").unlink()
    cluster.start_controller()
    assert until(slurm_launcher, EngineState.RUNNING, key).restart == 0
    assert slurm_launcher.submit(halting(job, 1), key) == ref
    assert slurm_launcher.submit(halting(job, 1, key=other), other).restart == 0
    assert len(cluster.ask("squeue", "-h", "-n", f"{key},{other}", "-o", "%i").split()) == 2


def test_a_job_that_has_to_make_room_goes_on_with_its_answers(
    slurm_launcher: SlurmLauncher, cluster: Cluster, job: Job, key: str
) -> None:
    ref = slurm_launcher.submit(halting(job, 2, gpu_class="two"), key)
    until_answered(slurm_launcher, 2, key)
    cluster.wait_for_start(key)
    urgent = f"eval-{uuid.uuid4()}"
    slurm_launcher.submit(changed(job, key=urgent, gpu_class="urgent"), urgent)
    waiting = until(slurm_launcher, EngineState.PENDING, key)
    assert waiting.restart == 1
    assert read(slurm_launcher.folder(key) / "exit.json")["reason"] == "stopped"
    until(slurm_launcher, EngineState.ENDED, urgent)
    spec = slurm_launcher.folder(key) / "spec.json"
    spec.write_text(spec.read_text().replace('"STAND_IN_HALT"', '"STAND_IN_IGNORED"'))
    cluster.start_requeued(ref.job)
    ended = until(slurm_launcher, EngineState.ENDED, key)
    assert (ended.restart, ended.reason) == (1, "published")
    assert read(slurm_launcher.folder(key) / "result" / "manifest.json")["reused"] == 2
    first, second = slurm_launcher.usage([key])
    assert (first.restart, first.reason, second.restart, second.reason) == (
        *(0, "preempted"),
        *(1, "published"),
    )
    assert first.job == second.job == ref.job
    # The cluster counts whole seconds, and the second start has little left to do.
    assert first.gpu_seconds > 0


def test_a_job_that_somebody_cancelled_at_the_cluster_is_not_started_again(
    slurm_launcher: SlurmLauncher, cluster: Cluster, job: Job, key: str
) -> None:
    ref = slurm_launcher.submit(halting(job, 1), key)
    until_answered(slurm_launcher, 1, key)
    cluster.ask("scancel", ref.job)
    ended = until(slurm_launcher, EngineState.ENDED, key)
    assert ended.reason == "cancelled_at_engine"


def test_a_job_that_is_cancelled_while_it_waits_never_starts(
    slurm_launcher: SlurmLauncher, job: Job, key: str
) -> None:
    first = f"eval-{uuid.uuid4()}"
    slurm_launcher.submit(halting(job, 1, key=first, gpu_class="two"), first)
    until(slurm_launcher, EngineState.RUNNING, first)
    ref = slurm_launcher.submit(changed(job, key=key, gpu_class="two"), key)
    assert look(slurm_launcher, key).state == EngineState.PENDING
    slurm_launcher.cancel(ref)
    assert until(slurm_launcher, EngineState.ENDED, key).reason == "stopped"
    assert not (slurm_launcher.folder(key) / "process.json").exists()


def test_the_runner_ends_by_itself_before_the_cluster_would(
    slurm_launcher: SlurmLauncher, job: Job, key: str
) -> None:
    slurm_launcher.submit(halting(job, 1, gpu_class="brief"), key)
    assert read(slurm_launcher.folder(key) / "spec.json")["time_limit_seconds"] == 30
    slurm_launcher.cancel(EngineRef(key, 0, ""))


def test_a_runner_that_cannot_start_leaves_its_words(
    slurm_launcher: SlurmLauncher, job: Job, key: str
) -> None:
    slurm_launcher._python = "/nowhere/python"
    slurm_launcher.submit(job, key)
    folder = slurm_launcher.folder(key)
    eventually(lambda: (folder / "runner.out").exists() and (folder / "runner.out").read_text())
    assert look(slurm_launcher, key).state in {EngineState.PENDING, EngineState.RUNNING}
    assert "/nowhere/python" in slurm_launcher._last_words(key)


def test_an_expired_token_is_said_and_a_new_one_needs_no_restart(
    rest_launcher: SlurmLauncher, cluster: Cluster, job: Job, key: str
) -> None:
    ref = rest_launcher.submit(halting(job, 1), key)
    until_answered(rest_launcher, 1, key)
    cluster.renew_token(seconds=1)
    said: list[str] = []

    def expired() -> bool:
        try:
            rest_launcher.observe([key])
        except Unreachable as trouble:
            said.append(str(trouble))
        return bool(said) and "expired at" in said[-1]

    try:
        eventually(expired)
        with pytest.raises(Unreachable):
            rest_launcher.submit(halting(job, 1, restart=1), key)
    finally:
        cluster.renew_token()
    assert until(rest_launcher, EngineState.RUNNING, key).restart == 0
    assert rest_launcher.submit(halting(job, 1), key) == ref


def test_one_question_to_each_answers_for_all(
    slurm_launcher: SlurmLauncher, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [f"eval-{uuid.uuid4()}" for _ in range(12)]
    for each in keys:
        slurm_launcher.submit(halting(job, 0, key=each), each)
    asked: list[str] = []
    run = subprocess.run

    def counted(command: list[str], **options: Any) -> Any:
        asked.append(command[0])
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", counted)
    assert len(slurm_launcher.observe(keys)) == 12
    assert asked == ["squeue"]
    slurm_launcher.observe([*keys, *(f"eval-{uuid.uuid4()}" for _ in range(500))])
    assert asked == ["squeue", "squeue"]
