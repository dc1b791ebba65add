import os
import signal
import socket
from pathlib import Path

from redis import Redis

from cesai.embedded.testing import throwaway_valkey
from cesai.embedded.valkey import Valkey

from .waiting import runs, until


def client(server: Valkey) -> Redis:
    return Redis(unix_socket_path=str(server.socket))


def started(folder: Path, **changes: bool) -> Valkey:
    server = Valkey(folder / "data", folder, folder / "log", **changes)
    server.begin()
    server.wait_ready()
    return server


def test_waiting_messages_outlive_a_restart(folder: Path) -> None:
    server = started(folder)
    with client(server) as redis:
        redis.lpush("celery", "task")
    server.process.stop()
    server = started(folder)
    with client(server) as redis:
        assert redis.lrange("celery", 0, -1) == [b"task"]
    server.process.stop()


def test_the_socket_of_a_killed_server_is_no_obstacle(folder: Path) -> None:
    server = started(folder)
    os.kill(server.process.pid, signal.SIGKILL)
    until(lambda: not server.process.running, "the server ends")
    server.process.stop()
    assert server.socket.exists()
    server = started(folder)
    with client(server) as redis:
        assert redis.ping()
    server.process.stop()


def test_a_throwaway_server_answers_and_leaves_nothing() -> None:
    with throwaway_valkey() as url:
        path = Path(url.partition("://")[2])
        with Redis(unix_socket_path=str(path)) as redis:
            pid = redis.info("server")["process_id"]
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path))
    assert not path.parent.exists()
    assert not runs(pid)
