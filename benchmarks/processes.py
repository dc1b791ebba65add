"""Memory and processor time of a process with everything below it, from /proc."""

import os
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """`pid` and all processes below it, parents first."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def proportional_memory(pid: int) -> int:
    """Bytes that belong to the process: its own pages, and its share of those that it shares (PSS)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def processor_seconds(pid: int) -> float:
    """Processor time of the whole tree so far, in user and kernel mode, with the processes that have ended in it."""
    total = 0
    for each in tree(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        # Its own time, and that of the children it has waited for.
        total += sum(map(int, fields[11:15]))
    return total / TICKS_PER_SECOND


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


def processes_of(folder: Path) -> dict[int, str]:
    """Processes that work in `folder` or were started with a path in it, with their command lines."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = command_line(int(entry.name))
            place = os.readlink(entry / "cwd")
        except OSError:
            continue
        if line and (str(folder) in line or Path(place).is_relative_to(folder)):
            found[int(entry.name)] = line
    return found
