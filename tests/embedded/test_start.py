"""The whole portal as ``./run start`` runs it."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from cesai.embedded.environment import ROOT
from cesai.embedded.postgres import database_url
from cesai.embedded.testing import throwaway_postgres, throwaway_valkey

from .test_manage import manage
from .waiting import kill, offspring, runs, until

SET_BY_THE_TEST_RUN = ("DATABASE_URL", "BROKER_URL", "SECRET_KEY", "SITE_URL", "CESAI_VAR")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Portal:
    """``./run start`` over a ``var`` folder of its own."""

    def __init__(self, var: Path, *, port: int | None = None, **environment: str) -> None:
        self.var = var
        self.port = port or free_port()
        surroundings = {name: value for name, value in os.environ.items() if name not in SET_BY_THE_TEST_RUN}
        self.output, self.errors = var / f"output-{self.port}", var / f"errors-{self.port}"
        with self.output.open("w") as output, self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cesai.embedded.start", "--port", str(self.port)],
                cwd=ROOT,
                env=surroundings | {"CESAI_VAR": str(var)} | environment,
                stdout=output,
                stderr=errors,
            )

    def expect_ready(self) -> str:
        """Wait for the ready line; what follows it."""
        until(
            lambda: "\n" in self.output.read_text() or self.process.poll() is not None, "the portal is ready"
        )
        ready, _, rest = self.output.read_text().partition("\n")
        assert ready == f"ready http://127.0.0.1:{self.port}", self.said()
        return rest

    def said(self) -> str:
        return self.errors.read_text()

    def page(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=60) as answer:
            return answer.read().decode()

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.outcome()

    def outcome(self) -> int:
        return self.process.wait(timeout=300)


@pytest.fixture
def portals() -> Iterator[list[Portal]]:
    """Portals named here are ended after the test, whatever became of it."""
    begun: list[Portal] = []
    yield begun
    for portal in begun:
        if portal.process.poll() is None:
            portal.stop(signal.SIGTERM)


def test_a_taken_port_is_named_before_anything_starts(folder: Path, portals: list[Portal]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        portals.append(portal := Portal(folder, port=port))
        assert portal.outcome() == 1
    assert f"Port {port} is taken" in portal.said()
    assert not (folder / "postgresql").exists()


def test_a_port_that_is_none_is_refused(folder: Path, portals: list[Portal]) -> None:
    portals.append(portal := Portal(folder, port=70000))
    assert portal.outcome() == 2
    assert "between 1 and 65535" in portal.said()


@pytest.mark.slow
def test_the_portal_starts_serves_refuses_a_twin_and_survives_kills(
    folder: Path, portals: list[Portal]
) -> None:
    portals.append(first := Portal(folder))
    assert "@demo." in first.expect_ready(), "the demo accounts follow the ready line"
    assert "CESAI" in first.page()
    assert (folder / "secret_key").stat().st_mode & 0o777 == 0o600

    portals.append(twin := Portal(folder))
    assert twin.outcome() == 1
    assert f"process {first.process.pid}" in twin.said()

    assert "[X] 0001_initial" in manage(folder, "showmigrations", "accounts").stdout, (
        "commands use its database"
    )
    with psycopg.connect(database_url(folder / "run")) as connection:
        people = connection.execute("SELECT count(*) FROM accounts_user").fetchone()
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
    assert people
    assert people[0] > 0

    server = int((folder / "postgresql" / "postmaster.pid").read_text().split()[0])
    processes = offspring(first.process.pid)
    kill(server)
    assert first.outcome() == 1
    assert re.search(r"^(PostgreSQL was killed by SIGKILL|web|worker|beat)", first.said(), re.MULTILINE)
    until(lambda: not any(runs(pid) for pid in processes), "every process ends with the database")

    portals.append(second := Portal(folder))
    second.expect_ready()
    assert "Preparing" not in second.said(), "nothing changed, so nothing is prepared again"
    with psycopg.connect(database_url(folder / "run")) as connection:
        assert connection.execute("SELECT count(*) FROM accounts_user").fetchone() == people
        assert connection.execute("SELECT number FROM kept").fetchone() == (1,)
    processes = offspring(second.process.pid)
    assert len(processes) >= 7
    second.process.kill()
    second.outcome()
    until(lambda: not any(runs(pid) for pid in processes), "nothing is left of a killed supervisor")


@pytest.mark.slow
def test_services_named_from_outside_are_used_instead_of_own_ones(
    folder: Path, portals: list[Portal]
) -> None:
    with throwaway_postgres() as database, throwaway_valkey() as broker:
        portals.append(portal := Portal(folder, DATABASE_URL=database, BROKER_URL=broker))
        portal.expect_ready()
        with psycopg.connect(database) as connection:
            assert connection.execute("SELECT count(*) > 0 FROM accounts_user").fetchone() == (True,)
        assert not (folder / "postgresql").exists()
        assert not (folder / "valkey").exists()
        processes = offspring(portal.process.pid)
        assert portal.stop() == 0
        assert not any(runs(pid) for pid in processes)
