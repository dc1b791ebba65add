"""The whole portal as ``./run start`` runs it."""

import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from cesai.embedded.postgres import database_url
from cesai.embedded.testing import throwaway_postgres, throwaway_valkey

from .portal import Portal, first_start
from .test_manage import manage
from .waiting import kill, offspring, runs, until


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
    original = first_start(folder)
    assert "@demo." in (original / "ready").read_text(), "the demo accounts follow the ready line"
    assert "CESAI" in (original / "page").read_text()
    assert (original / "secret_key").stat().st_mode & 0o777 == 0o600

    portals.append(first := Portal(folder))
    first.expect_ready()
    assert "Preparing" not in first.said(), "nothing changed, so nothing is prepared again"
    assert "CESAI" in first.page()
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
