"""From a fresh clone to the first page, the second start, and the memory of all processes together.

The packages are fetched beforehand and their time is not counted; everything else is done as `./run start` does it
on a machine that has no uv, no package cache and no compiled file: clone, environment, database, demo, first page.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from benchmarks.clone import Portal, clone, free_port, newcomers_environment, page, portal
from benchmarks.machine import ROOT, description, progress, say, table
from benchmarks.processes import command_line, processor_seconds, proportional_memory, tree

GOAL_FIRST_SECONDS = 30
GOAL_SECOND_SECONDS = 5
GOAL_MEMORY_MEGABYTES = 600
REQUIREMENTS = ("requirements/uv.txt", "requirements/runtime.txt")
QUIET = ("-qq", "--disable-pip-version-check", "--root-user-action=ignore")
# Word on the command line, and the program it gives away; the first one counts.
PROGRAMS = (
    ("granian", "web server"),
    (" beat", "beat"),
    (" worker", "worker"),
    ("hub.double", "Hub double"),
    ("valkey", "Valkey"),
    ("postgres", "PostgreSQL"),
)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run bench start", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the folder of the measurement behind")
    keep = parser.parse_args(argv).keep
    say(description())
    say()
    folder = Path(tempfile.mkdtemp(prefix="cesai-bench-"))
    try:
        measure(folder)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def measure(folder: Path) -> None:
    base = getattr(sys, "_base_executable", sys.executable)
    wheels, checkout = folder / "wheels", folder / "portal"
    progress("fetching the packages (not counted)")
    for name in REQUIREMENTS:
        fetch = [base, "-m", "pip", "download", *QUIET[:2], "--require-hashes"]
        run([*fetch, "--dest", wheels, "-r", ROOT / name])

    environment = newcomers_environment(
        PATH=path_without_uv(),
        UV_CACHE_DIR=str(folder / "uv-cache"),
        PIP_CACHE_DIR=str(folder / "pip-cache"),
        PIP_NO_INDEX="1",
        UV_OFFLINE="1",
    )
    progress("fresh clone")
    cloning = effort_of(lambda: clone(checkout))
    progress("environment")
    installing = effort_of(lambda: install(base, wheels, checkout, environment))
    command = ["./run", "start", "--port", str(free_port())]
    progress("first start")
    with started(checkout, command, environment) as (running, first):
        running.interrupt()
    progress("second start")
    with started(checkout, command, environment) as (running, second):
        for _ in range(20):
            page(running.url)
        # The worker and the beat come up after the web server answers, and go on loading for a while.
        wait_until_settled(running.process.pid)
        memory = memory_by_program(running.process.pid)
        stopping = effort_of(lambda: running.interrupt())

    total = cloning + installing + first
    megabytes = sum(memory.values()) / 1e6
    table(
        ["figure", "on the wall", "of processor", "goal"],
        [
            ["fresh clone to first page, without download", *total.cells(), f"≤ {GOAL_FIRST_SECONDS} s"],
            ["– clone", *cloning.cells(), ""],
            ["– uv and environment from wheels on the disk", *installing.cells(), ""],
            ["– `./run start`: database, demo, static files, first page", *first.cells(), ""],
            ["second start to first page", *second.cells(), f"≤ {GOAL_SECOND_SECONDS} s"],
            ["Ctrl-C to the end", f"{stopping.wall:.1f} s", "", ""],
        ],
    )
    say()
    table(
        ["all processes together", "memory (PSS)", "goal"],
        [
            ["sum", f"{megabytes:.0f} MB", f"≤ {GOAL_MEMORY_MEGABYTES} MB"],
            *([name, f"{size / 1e6:.0f} MB", ""] for name, size in sorted(memory.items())),
        ],
    )


@dataclass(frozen=True)
class Effort:
    """Seconds on the wall, and of processor time, which other work on the machine hardly changes."""

    wall: float
    processor: float

    def __add__(self, other: Self) -> Self:
        return type(self)(self.wall + other.wall, self.processor + other.processor)

    def cells(self) -> tuple[str, str]:
        return f"{self.wall:.1f} s", f"{self.processor:.1f} s"


def effort_of(action: Callable[[], object]) -> Effort:
    """What the action costs, with the processes that it starts and ends."""
    began, before = time.monotonic(), os.times()
    action()
    after = os.times()
    return Effort(time.monotonic() - began, sum(after[:4]) - sum(before[:4]))


@contextmanager
def started(
    checkout: Path, command: list[str], environment: dict[str, str]
) -> Iterator[tuple[Portal, Effort]]:
    """A running portal and what it took up to its first page."""
    began = time.monotonic()
    with portal(checkout, command, environment) as running:
        page(running.url)
        yield running, Effort(time.monotonic() - began, processor_seconds(running.process.pid))


def install(base: str, wheels: Path, checkout: Path, environment: dict[str, str]) -> None:
    """What `./run` does on a machine without uv, with packages from a folder in the place of an index."""
    local: list[str | Path] = ["--no-index", "--find-links", wheels, "--require-hashes"]
    venv = checkout / ".venv"
    run([base, "-m", "venv", "--without-pip", venv], environment)
    run(
        [
            base,
            "-m",
            "pip",
            "install",
            *QUIET,
            *map(str, local),
            "--target",
            venv / "uv",
            "-r",
            checkout / REQUIREMENTS[0],
        ],
        environment,
    )
    uv = venv / "uv" / "bin" / "uv"
    run(
        [
            uv,
            "pip",
            "install",
            "--quiet",
            *map(str, local),
            "--python",
            venv / "bin" / "python",
            "-r",
            checkout / REQUIREMENTS[1],
        ],
        environment,
    )


def run(command: Sequence[str | Path], environment: dict[str, str] | None = None) -> None:
    subprocess.run([os.fspath(part) for part in command], env=environment, check=True)


def path_without_uv() -> str:
    """The search path with every folder left out that holds a uv; the interpreter's own folder stays in front."""
    kept = [each for each in os.environ["PATH"].split(os.pathsep) if not (Path(each) / "uv").exists()]
    interpreter = Path(getattr(sys, "_base_executable", sys.executable)).parent
    return os.pathsep.join(kept if (interpreter / "uv").exists() else [str(interpreter), *kept])


def wait_until_settled(pid: int) -> None:
    """Return when the memory of all processes together has stayed within one percent for five seconds."""
    settled, since = 0, time.monotonic()
    while time.monotonic() - since < 5:
        now = sum(memory_by_program(pid).values())
        if abs(now - settled) > settled / 100:
            settled, since = now, time.monotonic()
        time.sleep(0.5)


def memory_by_program(pid: int) -> dict[str, int]:
    """PSS in bytes of every process of the portal, summed by what it is."""
    sizes: dict[str, int] = defaultdict(int)
    for each in tree(pid):
        # One that ended meanwhile holds nothing any more.
        with suppress(FileNotFoundError, ProcessLookupError):
            line = command_line(each)
            name = next((name for word, name in PROGRAMS if word in line), "supervisor")
            sizes[name] += proportional_memory(each)
    return dict(sizes)
