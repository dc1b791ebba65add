"""The portal's worker with a database and a broker of its own, each of which may be killed at any moment.

Who kills is the worker itself, at a step of a tick for which a token lies in `kills`: `sitecustomize.py`, which only
this worker's Python finds, listens to the steps. Nothing of the portal is replaced.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from celery import Celery
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from cesai.embedded.postgres import CARELESS, Postgres
from cesai.embedded.processes import Process
from cesai.embedded.spawn import unprivileged_identity
from cesai.embedded.valkey import Valkey

WORKER = (
    *(sys.executable, "-m", "celery", "--app=cesai.celery", "--skip-checks", "worker", "--concurrency=2"),
    *("--loglevel=WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"),
)
KILLER = """
import os, random, signal, sys, time
from pathlib import Path

KILLS = Path(os.environ["TEST_KILLS"])


def listen(event, details):
    if event != "evaluations.step":
        return
    for token in KILLS.glob(details[0] + "~*"):
        if random.random() < 0.5:
            try:
                token.unlink()
            except FileNotFoundError:
                continue
            victim = token.name.split("~")[1]
            with (KILLS.parent / "killed.txt").open("a") as told:
                told.write(f"{time.time()} {token.name}\\n")
            if victim in ("database", "broker"):
                os.kill(int((KILLS.parent / f"{victim}.pid").read_text()), signal.SIGKILL)
                return
            if victim == "worker":
                os.kill(os.getppid(), signal.SIGKILL)
            os.kill(os.getpid(), signal.SIGKILL)


sys.addaudithook(listen)
"""


class Stack:
    """`folder` must be one of `throwaway_folder()`: its path is short, and the database's user gets through."""

    def __init__(self, folder: Path, slurm_conf: str) -> None:
        self.folder = folder
        self.kills = folder / "kills"
        self.kills.mkdir()
        (folder / "hook").mkdir()
        (folder / "hook" / "sitecustomize.py").write_text(KILLER)
        self._database = Postgres(
            folder / "data", folder, folder / "postgresql.log", CARELESS, identity=unprivileged_identity()
        )
        self._broker = Valkey(folder / "valkey", folder, folder / "valkey.log", durable=False)
        self.environment = {
            **os.environ,
            "DATABASE_URL": self._database.url,
            "BROKER_URL": self._broker.url,
            "CESAI_VAR": str(folder / "var"),
            "SLURM_CONF": slurm_conf,
        }
        # Not the current application: tasks that later tests delay would go to this broker, which is gone by then.
        self._celery = Celery(broker=self._broker.url, set_as_current=False)
        self._processes: dict[str, Process] = {}

    def up(self) -> None:
        """Database and broker; the worker comes with the first `keep_up()`."""
        for name, service in (("database", self._database), ("broker", self._broker)):
            if name not in self._processes:
                self._processes[name] = service.begin()
                service.wait_ready()
                (self.folder / f"{name}.pid").write_text(str(self._processes[name].pid))

    def keep_up(self) -> None:
        """Start again what was killed, as systemd would."""
        for name, process in list(self._processes.items()):
            if not process.running:
                # Also ends what is left of its group.
                self._processes.pop(name).stop()
        self.up()
        if "worker" not in self._processes:
            paths = os.pathsep.join((str(self.folder / "hook"), str(settings.BASE_DIR)))
            self._processes["worker"] = Process.start(
                "worker",
                WORKER,
                log=self.folder / "worker.log",
                environment=self.environment | {"PYTHONPATH": paths, "TEST_KILLS": str(self.kills)},
            )

    def copy(self, database_url: str) -> None:
        """Everything of a database of the test run; migrating takes half a minute, copying a moment."""
        programs = self._database.binaries.folder
        if not all((programs / name).exists() for name in ("pg_dump", "psql")):
            return
        dump = subprocess.run(
            [programs / "pg_dump", "--no-owner", database_url], check=True, stdout=subprocess.PIPE
        ).stdout
        subprocess.run(
            [programs / "psql", "--quiet", "--set=ON_ERROR_STOP=1", self._database.url],
            input=dump,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def python(self, *arguments: str) -> str:
        """What a Python program of this checkout prints, with the stack's services as its own."""
        return subprocess.run(
            [sys.executable, *arguments],
            env=self.environment,
            cwd=settings.BASE_DIR,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def deliver(self, times: int) -> None:
        """The same message, so many times; lost while there is no broker, as messages are."""
        # A connection of its own: one that was lost with its broker would stay lost.
        with (
            suppress(OperationalError, OSError, RedisError),
            self._celery.connection_for_write() as connection,
        ):
            for _ in range(times):
                self._celery.send_task("evaluations.tasks.reconcile", connection=connection, retry=False)

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """The database's answer; none while it is down."""
        try:
            with psycopg.connect(self._database.url) as connection:
                return connection.execute(query, values).fetchall()
        except psycopg.OperationalError:
            return []

    def killed(self) -> list[tuple[float, str]]:
        """When, and by which token."""
        with suppress(FileNotFoundError):
            lines = (self.folder / "killed.txt").read_text().splitlines()
            return [(float(line.split()[0]), line.split()[1]) for line in lines]
        return []

    def told(self) -> str:
        """The last words of the worker."""
        return (self.folder / "worker.log").read_text()[-4000:]

    def pause(self) -> None:
        time.sleep(0.8)

    def down(self) -> None:
        self._celery.close()
        for name in ("worker", "broker", "database"):
            if name in self._processes:
                self._processes[name].stop()
