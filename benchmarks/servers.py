"""Processor time per request under WSGI and under ASGI: the same server, the same pages, one worker process."""

import http.client
import os
import subprocess
import sys
import tempfile
import threading
import time

from benchmarks.clone import free_port
from benchmarks.machine import ROOT, description, progress, say, table
from benchmarks.processes import processor_seconds
from cesai.embedded.testing import throwaway_postgres, throwaway_valkey

PAGES = {"/health/live/": "a line of text", "/": "the start page"}
INTERFACES = {
    "WSGI": ("--interface=wsgi", "--blocking-threads=4", "cesai.wsgi:application"),
    "ASGI": ("--interface=asgi", "benchmarks.asgi:application"),
}
CLIENTS = 4
WARM_UP_REQUESTS = 80
REQUESTS = 1200


def main(argv: list[str]) -> int:
    say(description())
    say()
    with throwaway_postgres() as database, throwaway_valkey() as broker, tempfile.TemporaryDirectory() as var:
        environment = os.environ | {
            "DATABASE_URL": database,
            "BROKER_URL": broker,
            "CESAI_VAR": var,
            "SECRET_KEY": "only-for-this-measurement",
            "CESAI_PROCESS": "web",
            "LOG_LEVEL": "ERROR",
            # Static files as they are: compressing them takes longer than the measurement.
            "DEMO": "true",
        }
        progress("preparing a database")
        manage = [sys.executable, "manage.py"]
        subprocess.run([*manage, "migrate", "--verbosity=0"], cwd=ROOT, env=environment, check=True)
        subprocess.run(
            [*manage, "collectstatic", "--noinput", "--verbosity=0"], cwd=ROOT, env=environment, check=True
        )
        results = {name: measure(name, arguments, environment) for name, arguments in INTERFACES.items()}
    table(
        ["page", *(f"{name}, ms of processor" for name in results), "ASGI / WSGI"],
        [
            [
                f"{title} (`{path}`)",
                *(f"{results[name][path]:.2f}" for name in results),
                f"{results['ASGI'][path] / results['WSGI'][path]:.1f}",
            ]
            for path, title in PAGES.items()
        ],
    )
    return 0


def measure(name: str, arguments: tuple[str, ...], environment: dict[str, str]) -> dict[str, float]:
    """Milliseconds of processor time per request, by page."""
    port = free_port()
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "granian",
            "--workers=1",
            "--no-ws",
            "--host=127.0.0.1",
            f"--port={port}",
            *arguments,
        ],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, server)
        costs = {}
        for path in PAGES:
            progress(f"{name} {path}")
            request(port, path, WARM_UP_REQUESTS)
            before = processor_seconds(server.pid)
            request(port, path, REQUESTS)
            costs[path] = (processor_seconds(server.pid) - before) / REQUESTS * 1000
        return costs
    finally:
        server.terminate()
        server.wait()


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    while server.poll() is None:
        try:
            request(port, "/health/live/", CLIENTS)
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"The server ended with status {server.returncode}.")


def request(port: int, path: str, number: int) -> None:
    """`number` requests over persistent connections, shared by all clients. Raises OSError when one fails."""
    failures: list[Exception] = []

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            for _ in range(number // CLIENTS):
                connection.request("GET", path)
                response = connection.getresponse()
                response.read()
                if response.status != 200:
                    raise OSError(f"{path} answers with {response.status}")
        except (OSError, http.client.HTTPException) as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise OSError(str(failures[0]))
