"""How long a fresh clone takes to its first page, how long a second start takes, and what all processes weigh.

Clones the last commit into a temporary folder with package caches of its own, so the first figure includes the
download and the others do not. Prints a Markdown table.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SET_BY_AN_OUTER_RUN = (
    "DATABASE_URL",
    "BROKER_URL",
    "SECRET_KEY",
    "SITE_URL",
    "CESAI_VAR",
    "DEMO",
    "VIRTUAL_ENV",
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family(pid: int) -> Iterator[int]:
    """The process and everything below it."""
    yield pid
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text().split():
            yield from family(int(child))


def memory_of(pid: int) -> dict[str, int]:
    """Proportional set size of the whole family in kB, by program."""
    sizes: dict[str, int] = {}
    for member in family(pid):
        lines = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
        arguments = Path(f"/proc/{member}/cmdline").read_text().split("\0")
        name = next(
            (
                known
                for known in ("granian", "worker", "beat", "postgres", "valkey")
                if known in " ".join(arguments)
            ),
            "supervisor",
        )
        sizes[name] = sizes.get(name, 0) + next(
            int(line.split()[1]) for line in lines if line.startswith("Pss:")
        )
    return sizes


class Clone:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "portal"
        subprocess.run(["git", "clone", "--quiet", ROOT, self.folder], check=True)
        self.environment = {
            name: value for name, value in os.environ.items() if name not in SET_BY_AN_OUTER_RUN
        } | {
            "UV_CACHE_DIR": str(folder / "uv"),
            "PIP_CACHE_DIR": str(folder / "pip"),
        }

    def install(self) -> None:
        subprocess.run(
            ["./run", "manage", "version"],
            cwd=self.folder,
            env=self.environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    @contextmanager
    def started(self) -> Iterator[subprocess.Popen[str]]:
        """The running portal, after its ready line."""
        with subprocess.Popen(
            ["./run", "start", "--port", str(free_port())],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        ) as portal:
            try:
                assert portal.stdout
                if not portal.stdout.readline().startswith("ready "):
                    raise SystemExit("the portal does not start")
                yield portal
            finally:
                portal.send_signal(signal.SIGINT)
                portal.wait()


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run bench start", description=__doc__)
    parser.add_argument(
        "--settle", type=float, default=20, help="seconds between the ready line and the weighing"
    )
    settle = parser.parse_args(argv).settle
    rows: list[tuple[str, str]] = []

    @contextmanager
    def timed(what: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        rows.append((what, f"{time.monotonic() - began:.1f} s"))

    with tempfile.TemporaryDirectory(prefix="cesai-bench-") as folder:
        clone = Clone(Path(folder))
        with timed("packages, empty cache (with the download)"):
            clone.install()
        for name in (".venv", "var"):
            shutil.rmtree(clone.folder / name, ignore_errors=True)
        began = time.monotonic()
        with clone.started():
            rows.append(
                ("fresh clone to the first page (packages in the cache)", f"{time.monotonic() - began:.1f} s")
            )
        began = time.monotonic()
        with clone.started() as portal:
            rows.append(("second start to the first page", f"{time.monotonic() - began:.1f} s"))
            # The worker goes on loading after the first page; what it weighs then is what it weighs for good.
            time.sleep(settle)
            sizes = memory_of(portal.pid)
            began = time.monotonic()
        rows.append(("stop", f"{time.monotonic() - began:.1f} s"))
        total = sum(sizes.values()) / 1024
        parts = ", ".join(
            f"{name} {size / 1024:.0f}" for name, size in sorted(sizes.items(), key=lambda item: -item[1])
        )
        rows.append(("memory of all processes (PSS)", f"{total:.0f} MB ({parts})"))

    load = os.getloadavg()[0]
    sys.stdout.write(f"| `./run bench start`, {os.cpu_count()} cores, load {load:.1f} | |\n| --- | --- |\n")
    for what, figure in rows:
        sys.stdout.write(f"| {what} | {figure} |\n")
    return 0
