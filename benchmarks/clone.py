"""A fresh clone of this checkout's HEAD, and the portal that runs in it."""

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.machine import ROOT

READY_WITHIN_SECONDS = 900.0
# What a test run or an activated environment sets, and a newcomer's shell does not.
NOT_A_NEWCOMERS = (
    *("DATABASE_URL", "BROKER_URL", "CACHE_URL", "SECRET_KEY", "SITE_URL", "CESAI_VAR", "DEBUG", "DEMO"),
    *("CESAI_TEST_SERVICES", "CESAI_PROCESS", "DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE"),
    *("VIRTUAL_ENV", "PYTHONPATH", "PYTEST_CURRENT_TEST", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER"),
)


class StartFailed(Exception):
    """The command ended before the portal was ready; the text is what it said."""


def newcomers_environment(**changes: str) -> dict[str, str]:
    """This process' environment without what the portal or its tests put into it."""
    kept = {name: value for name, value in os.environ.items() if name not in NOT_A_NEWCOMERS}
    return kept | changes


def clone(folder: Path) -> None:
    """Clone HEAD into `folder`, with objects of its own, as from a server."""
    subprocess.run(["git", "clone", "--quiet", "--no-local", str(ROOT), str(folder)], check=True)
    head = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()
    subprocess.run(["git", "-C", str(folder), "checkout", "--quiet", "--detach", head], check=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def page(url: str) -> str:
    """The start page; raises OSError when it does not answer with success."""
    with urllib.request.urlopen(url, timeout=60) as response:  # noqa: S310 - the portal's own address
        return response.read().decode()


class Portal:
    """A running `./run start`."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path, errors: Path) -> None:
        self.process = process
        self._output = output
        self._errors = errors
        self.url = ""
        self.accounts = ""

    def said(self) -> str:
        return self._errors.read_text() + self._output.read_text()

    def wait_ready(self) -> None:
        """Return when the line `ready URL` is there; StartFailed when the command ends first or never gets there."""
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while True:
            ended = self.process.poll() is not None
            line, newline, rest = self._output.read_text().partition("\n")
            if newline and line.startswith("ready http://"):
                self.url, self.accounts = line.removeprefix("ready "), rest
                return
            if ended or time.monotonic() > deadline:
                raise StartFailed(self.said())
            time.sleep(0.02)

    def interrupt(self) -> int:
        """Press Ctrl-C; the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=120)


@contextmanager
def portal(folder: Path, command: Sequence[str], environment: Mapping[str, str]) -> Iterator[Portal]:
    """Run `command` in `folder`; yields when it is ready, and ends it with everything below it."""
    output, errors = folder.with_name(f"{folder.name}.out"), folder.with_name(f"{folder.name}.err")
    with output.open("wb") as out, errors.open("wb") as err:
        process = subprocess.Popen(
            command, cwd=folder, env=dict(environment), stdout=out, stderr=err, start_new_session=True
        )
    running = Portal(process, output, errors)
    try:
        running.wait_ready()
        yield running
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
