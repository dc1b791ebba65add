"""What a tick of the evaluations asks a real Slurm and the database, from 1 to 500 live runs. Needs root and Slurm."""

import os
import resource
import sys
import tempfile
import time
from collections import Counter
from typing import Any

from benchmarks.machine import description, progress, say, table
from cesai.embedded.testing import throwaway_postgres, throwaway_valkey

LIVE = (1, 10, 100, 500)
TICKS = 5
# What the machine has to have; the tests of the cluster need the same.
PROGRAMS = ("squeue", "sacct", "sbatch", "scancel")


def main(argv: list[str]) -> int:
    # Only the benchmark needs the fixture of the tests, and only here is it certain that they are installed.
    from tests.slurm.cluster import Cluster

    say(description())
    say()
    with throwaway_postgres() as database, throwaway_valkey() as broker, tempfile.TemporaryDirectory() as var:
        os.environ |= {
            "DATABASE_URL": database,
            "BROKER_URL": broker,
            "CESAI_VAR": var,
            "SECRET_KEY": "only-for-this-measurement",
            "LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "cesai.settings",
        }
        progress("bringing up a cluster")
        cluster = Cluster()
        try:
            cluster.up()
            os.environ["SLURM_CONF"] = cluster.environment["SLURM_CONF"]
            # Jobs are to wait for as long as the measurement takes.
            cluster.ask("scontrol", "update", "PartitionName=low", "State=DOWN")
            rows = measure(lambda: cluster.ask("scancel", "--user=root"))
        finally:
            cluster.down()
    table(["tick with", "commands", "SQL statements", "ms on the wall", "ms of processor"], rows)
    return 0


def measure(end_all_jobs: Any) -> list[list[str]]:
    import django

    django.setup()
    from evaluations.models import Engine, Run
    from evaluations.models.run import State
    from evaluations.reconcile import tick
    from tests.slurm.populate import populate

    progress(f"a database with {LIVE[-1]} runs")
    populate(LIVE[-1], "http://127.0.0.1:9/v1", 1)
    commands: Counter[str] = Counter()

    def listen(event: str, details: tuple[Any, ...]) -> None:
        if event == "subprocess.Popen":
            commands[os.path.basename(details[1][0])] += 1

    sys.addaudithook(listen)
    rows = []
    for live in LIVE:
        progress(f"{live} live runs")
        Engine.objects.filter(slug="cluster").update(most_at_once=live)
        while Run.objects.filter(state=State.SUBMITTED).count() < live:
            tick()
        rows.append([f"{live} waiting", *figures(tick, commands, TICKS)])
    end_all_jobs()
    # The accounts are a moment behind the queue.
    while commands["sacct"] == 0:
        time.sleep(1)
        commands.clear()
        ended = figures(tick, commands, 1)
    rows.append([f"{LIVE[-1]} ended since the last one", *ended])
    return rows


def figures(tick: Any, commands: Counter[str], times: int) -> list[str]:
    """Commands, statements and milliseconds of one tick, the mean of `times`."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    commands.clear()
    before = processor_seconds()
    began = time.monotonic()
    with CaptureQueriesContext(connection) as asked:
        for _ in range(times):
            tick()
    wall = time.monotonic() - began
    used = processor_seconds() - before
    told = ", ".join(
        f"{number / times:g} {name}" for name, number in sorted(commands.items()) if name in PROGRAMS
    )
    return [told, f"{len(asked) / times:g}", f"{1000 * wall / times:.0f}", f"{1000 * used / times:.0f}"]


def processor_seconds() -> float:
    """Of this process and of the commands that it waited for."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)
