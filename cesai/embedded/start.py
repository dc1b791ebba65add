"""``./run start``: the whole portal on this machine, from PostgreSQL to the beat, until Ctrl-C."""

import argparse
import errno
import os
import signal
import socket
import sys
from pathlib import Path

from .environment import ROOT, environment, hub_double, var_folder
from .lock import owning
from .postgres import Postgres
from .prepared import Preparation
from .processes import ServiceError
from .services import embedded_services
from .supervisor import Program, Supervisor, exit_status

HOST = "127.0.0.1"
WEB_ANSWERS_WITHIN_SECONDS = 120.0
GRANIAN_OPTIONS = (
    "--interface=wsgi",
    "--workers=2",
    "--blocking-threads=4",
    "--no-ws",
    "--workers-kill-timeout=5",
)
# One worker on one machine has no others to talk to.
WORKER_OPTIONS = (
    "--concurrency=2",
    "--loglevel=INFO",
    "--without-gossip",
    "--without-mingle",
    "--without-heartbeat",
)
BEAT_OPTIONS = ("--loglevel=WARNING", "--pidfile=")


def hub_program(port: int, var: Path) -> Program:
    """The Hub double of the demo; it makes its certificate and its token when it starts for the first time."""
    return Program("hub", [sys.executable, "-m", "hub.double", f"--root={var / 'hub'}", f"--port={port}"])


def programs(port: int, var: Path) -> tuple[Program, Program, Program]:
    """Web server, worker and beat, in the order of their start."""
    granian = [sys.executable, "-m", "granian", *GRANIAN_OPTIONS, f"--host={HOST}", f"--port={port}"]
    # The checks load every view, 25 MB for each process; the web server has run them by now.
    celery = [sys.executable, "-m", "celery", "--skip-checks"]
    return (
        Program("web", [*granian, "cesai.wsgi:application"]),
        # A worker whose supervisor was killed has nobody to report to: it drops its tasks, which are delivered again.
        Program(
            "worker", [*celery, "--app=cesai.celery", "worker", *WORKER_OPTIONS], death_signal=signal.SIGQUIT
        ),
        Program(
            "beat",
            [*celery, "--app=cesai.beat", "beat", *BEAT_OPTIONS, f"--schedule={var / 'run' / 'beat'}"],
        ),
    )


def check_port(port: int) -> None:
    """Raise ServiceError when nothing can listen on ``port``."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise ServiceError(
                    f"Port {port} is taken by another program. Choose a free one: ./run start --port {port + 1}"
                ) from None
            raise ServiceError(f"Port {port} cannot be used: {error.strerror}.") from None


def free_port(preferred: int) -> int:
    """`preferred`, or another one when something else listens there."""
    for port in (preferred, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except (OSError, OverflowError):
                continue
            return int(probe.getsockname()[1])
    raise ServiceError("This machine has no free port.")


def listens(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=5):
            return True
    except OSError:
        return False


def answers(port: int) -> bool:
    """Whether the start page answers; ServiceError when it answers with a server error."""
    try:
        with socket.create_connection((HOST, port), timeout=30) as connection:
            connection.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}:{port}\r\nConnection: close\r\n\r\n".encode())
            status_line = connection.recv(64).split(b"\r\n")[0].split()
    except OSError:
        return False
    if len(status_line) < 2 or not status_line[1].isdigit():
        return False
    if int(status_line[1]) >= 500:
        raise ServiceError(f"The start page answers with {status_line[1].decode()}. See web.log.")
    return True


def say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def start(port: int) -> None:
    var = var_folder()
    logs = var / "log"
    with owning(var, "./run start"):
        check_port(port)
        accounts = var / "accounts.txt"
        preparation = Preparation(var)
        hub_port = free_port(port + 1)
        hub = hub_double(var, hub_port)
        # Runs of the local engine live in sessions of their own; they end with the process that this names.
        own = {"CESAI_SUPERVISOR": str(os.getpid())}
        with Supervisor(logs, environment(port) | hub | own) as supervisor:
            services = embedded_services(var)
            if services:
                say("Starting the database and the broker …")
                supervisor.start_services(services)
            if hub:
                # Before the long preparation, in which another program could take the port that was free.
                supervisor.start(hub_program(hub_port, var))
            # Nobody but the portal writes into its own database; into another one anybody may.
            own_database = any(isinstance(service, Postgres) for service in services)
            if not (own_database and preparation.holds()):
                say("Preparing the database and the static files …")
                preparation.begin()
                accounts.parent.mkdir(parents=True, exist_ok=True)
                supervisor.finish(
                    Program(
                        "prepare",
                        [
                            sys.executable,
                            str(ROOT / "manage.py"),
                            "prepare",
                            "--accounts-file",
                            str(accounts),
                        ],
                    )
                )
                preparation.finish()
            web, worker, beat = programs(port, var)
            supervisor.start(web)
            supervisor.wait_until(
                lambda: answers(port),
                what="The start page does not answer",
                within=WEB_ANSWERS_WITHIN_SECONDS,
            )
            if hub:
                # The worker may find a plan to prepare at once.
                supervisor.wait_until(
                    lambda: listens(hub_port), what="The Hub double does not answer", within=30.0
                )
            supervisor.start(worker)
            supervisor.start(beat)
            sys.stdout.write(f"ready http://{HOST}:{port}\n{accounts.read_text()}")
            sys.stdout.flush()
            supervisor.watch()


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run start", description="Runs the whole portal on this machine.")
    parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1 (default: 8000)")
    port = parser.parse_args(argv).port
    if not 0 < port < 65536:
        parser.error("the port lies between 1 and 65535")
    return exit_status(lambda: start(port))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
