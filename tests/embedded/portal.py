"""``./run start`` as the tests run it: over a folder of its own, prepared once for the whole test run."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from cesai.embedded.environment import ROOT

from .waiting import until

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


def first_start(var: Path) -> Path:
    """Copy into `var` what a first start leaves behind, and return the folder of the copy's original.

    The first start itself happens once in a test run, whichever worker comes first; its output is in `ready`.
    """
    original = Path(os.environ["CESAI_TEST_FOLDER"], "first-start")
    original.mkdir(mode=0o700, exist_ok=True)
    with original.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (original / "ready").exists():
            portal = Portal(original)
            try:
                accounts = portal.expect_ready()
                page = portal.page()
            finally:
                status = portal.stop()
            assert status == 0, portal.said()
            (original / "page").write_text(page)
            (original / "ready").write_text(accounts)
    subprocess.run(["cp", "-a", f"{original}/.", str(var)], check=True)
    return original
