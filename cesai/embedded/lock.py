"""One owner of the folder ``var/`` at a time, named by process number and by what it does there."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Owner:
    pid: int
    role: str


class FolderInUseError(Exception):
    """Another process owns the folder; ``owner`` says which."""

    def __init__(self, folder: Path, owner: Owner | None) -> None:
        self.owner = owner
        who = f"process {owner.pid}, {owner.role}" if owner else "a process that is just starting"
        super().__init__(f"The portal in {folder.parent} is already in use ({who}). Stop it first.")


@contextmanager
def owning(folder: Path, role: str, *, wait: bool = False) -> Iterator[None]:
    """Own ``folder`` while the block runs; raises FolderInUseError, or waits for the other owner to finish.

    The kernel gives the lock back when its owner dies in whatever way, so there is no stale lock.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise FolderInUseError(folder, _read(file.name)) from None
        file.truncate(0)
        file.write(f"{os.getpid()} {role}\n")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def owner_of(folder: Path) -> Owner | None:
    """Who owns ``folder`` now; ``None`` when nobody does."""
    try:
        with (folder / "lock").open("r") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        return _read(str(folder / "lock"))
    return None


def _read(path: str) -> Owner | None:
    pid, _, role = Path(path).read_text().strip().partition(" ")
    return Owner(int(pid), role) if pid.isdigit() else None
