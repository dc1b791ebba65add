"""What a figure was measured on, and tables to show figures in."""

import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def description() -> str:
    """One line: day, commit, processor, cores, memory, Python, and the load that the figures shared the cores with."""
    commit = subprocess.run(
        ["git", "-C", str(ROOT), "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    processor = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{date.today()}, commit {commit or 'unknown'}, {processor}, {os.cpu_count()} cores, {memory:.0f} GiB, "  # noqa: DTZ011
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the beginning"
    )


def say(line: str = "") -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def progress(line: str) -> None:
    sys.stderr.write(f"… {line}\n")
    sys.stderr.flush()


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """A Markdown table; every column after the first is right-aligned."""
    head = list(head)
    say("| " + " | ".join(head) + " |")
    say("| --- |" + " ---: |" * (len(head) - 1))
    for row in rows:
        say("| " + " | ".join(row) + " |")
