"""A hundred runs, every message four times, every step of a tick cut off: each run has one job and one result."""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from celery import current_app

from cesai.embedded.folders import throwaway_folder
from evaluations.harness import environment
from tests.database import migrated_url
from tests.slurm.cluster import Cluster
from tests.slurm.portal import instant_harness
from tests.slurm.stack import Stack

RUNS = 100
MOST_AT_ONCE = 24
DELIVERIES = 4
STEPS = (
    *("submit.claimed", "submit.intended", "submit.accepted", "submit.answered", "submit.recorded"),
    *("observe.queue", "observe.accounts", "observe.answered", "observe.noted"),
    *("account.read", "account.written", "collect.claimed"),
    *("ingest.read", "ingest.kept", "ingest.committed"),
)
# After how many finished runs which processes die at which steps.
WAVES = {
    0: [(step, "task") for step in STEPS],
    25: [("submit.accepted", "worker"), ("ingest.kept", "database"), ("observe.answered", "broker")],
    50: [(step, "task") for step in STEPS],
}
# On two idle cores it takes two minutes; docs/benchmarks.md has the figures, with the time after the last kill.
PATIENCE_SECONDS = 900


@pytest.fixture
def stack(cluster: Cluster, endpoint: str, tmp_path: Path, django_db_setup: None) -> Iterator[Stack]:
    with throwaway_folder() as folder:
        stack = Stack(folder, cluster.environment["SLURM_CONF"])
        try:
            stack.up()
            stack.copy(migrated_url())
            python = environment.python_of(folder / "var" / "harness")
            python.parent.mkdir(parents=True)
            python.symlink_to(instant_harness(tmp_path, endpoint))
            call = f"populate({RUNS}, {endpoint!r}, {MOST_AT_ONCE})"
            stack.python(
                "manage.py",
                "shell",
                "--verbosity=0",
                "-c",
                f"from tests.slurm.populate import populate; {call}",
            )
            yield stack
        finally:
            stack.down()


def finished(stack: Stack) -> int:
    counted = stack.rows("SELECT count(*) FROM evaluations_run WHERE finished_at IS NOT NULL")
    return counted[0][0] if counted else 0


def run_to_the_end(stack: Stack) -> None:
    waves = dict(WAVES)
    deadline = time.monotonic() + PATIENCE_SECONDS
    done = 0
    while done < RUNS:
        for threshold in [each for each in waves if each <= done]:
            for number, (step, victim) in enumerate(waves.pop(threshold)):
                (stack.kills / f"{step}~{victim}~{threshold}-{number}").touch()
        stack.keep_up()
        stack.deliver(DELIVERIES)
        stack.pause()
        done = max(done, finished(stack))
        if time.monotonic() > deadline:
            pytest.fail(f"{done} of {RUNS} done, {stack.killed()[-3:]}\n{stack.told()}")
    assert not waves


@pytest.mark.slow
def test_whatever_is_killed_each_run_has_one_job_and_one_result(stack: Stack, cluster: Cluster) -> None:
    run_to_the_end(stack)
    over = time.time()
    # The stack has a broker of its own; what this process sends still goes to the broker of the test run.
    assert current_app.main == "cesai"
    killed = stack.killed()
    planned = Counter(f"{step}~{victim}" for wave in WAVES.values() for step, victim in wave)
    assert Counter(token.rpartition("~")[0] for _at, token in killed) == planned
    sys.stdout.write(
        f"\n{len(killed)} kills; over {over - max(at for at, _token in killed):.0f} s after the last\n"
    )

    runs = stack.rows("SELECT id, 'eval-' || uuid, state, restarts FROM evaluations_run")
    assert Counter((state, restarts) for _id, _key, state, restarts in runs) == {("succeeded", 0): RUNS}
    told = cluster.ask("sacct", "-X", "-D", "-n", "-P", "--starttime=now-1days", "-o", "JobName,JobIDRaw")
    starts = Counter(line.partition("|")[0] for line in told.splitlines())
    assert {key: starts[key] for _id, key, _state, _restarts in runs} == {
        key: 1 for _id, key, _state, _restarts in runs
    }

    scores = Counter(run for (run,) in stack.rows("SELECT run_id FROM evaluations_score"))
    assert Counter(scores.values()) == {2: RUNS}
    attempts = stack.rows("SELECT run_id, is_measured FROM evaluations_attempt")
    assert Counter(run for run, _measured in attempts) == {run: 1 for run, *_rest in runs}
    assert all(measured for _run, measured in attempts)

    changes: dict[int, list[tuple[str, str]]] = {}
    for run, before, after in stack.rows(
        "SELECT run_id, before, after FROM evaluations_statechange ORDER BY id"
    ):
        changes.setdefault(run, []).append((before, after))
    for steps in changes.values():
        assert steps[0][0] == ""
        assert steps[-1] == ("collecting", "succeeded")
        assert all(earlier[1] == later[0] for earlier, later in pairwise(steps))
