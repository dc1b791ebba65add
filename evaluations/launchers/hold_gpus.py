"""`python hold_gpus.py ROOT COUNT COMMAND ...`: becomes COMMAND once COUNT GPUs of this machine are its own.

A GPU is a lock file under ROOT, held by the process itself and let go by the kernel when it ends, however it ends. So
jobs wait for each other without anybody who hands GPUs out. Where the machine has fewer, COMMAND begins at once with
none and says so. Standard library only.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

LOOK_SECONDS = 1.0
SMI_SECONDS = 30.0


def gpus() -> list[str]:
    """Indices of the GPUs that this process may use; none without a driver."""
    try:
        told = subprocess.run(
            ["nvidia-smi", "--query-gpu=index", "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=SMI_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    found = [line.strip() for line in told.stdout.splitlines() if line.strip().isdigit()]
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    return found if visible is None else [index for index in found if index in visible.split(",")]


def take(root: Path, known: list[str], count: int) -> list[str]:
    """`count` of the GPUs, or none of them; what was taken stays taken for as long as this process lives."""
    held: list[tuple[str, int]] = []
    for index in known:
        lock = os.open(root / f"gpu-{index}.lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        held.append((index, lock))
        if len(held) == count:
            for _index, kept in held:
                os.set_inheritable(kept, True)
            return [index for index, _lock in held]
    for _index, lock in held:
        os.close(lock)
    return []


def main(root: Path, count: int, command: list[str]) -> None:
    known = gpus()
    cancelled = Path(command[-1]).with_name("cancel.json")
    mine: list[str] = []
    while len(known) >= count and not cancelled.exists():
        # One at a time: two that each hold a part would wait for each other.
        with (root / "gpus.lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            mine = take(root, known, count)
        if mine:
            break
        time.sleep(LOOK_SECONDS)
    os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(mine)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
