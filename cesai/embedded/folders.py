"""Where the embedded services keep their sockets and throw-away data."""

import fcntl
import hashlib
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# A unix socket's address holds 107 bytes; "/.s.PGSQL.5432" is the longest name put into the folder.
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432")
# Socket paths travel inside URLs and inside PostgreSQL's comma-separated lists.
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - the folders below it are made by mkdtemp
ENOUGH_SHARED_MEMORY = 512 * 1024 * 1024
PREFIX = "cesai-throwaway-"
# A younger folder may belong to a process that has not taken its lock yet.
ABANDONED_AFTER_SECONDS = 60


def socket_folder(wanted: Path) -> Path:
    """``wanted``, or a short folder derived from its name when a socket's address would not fit into it.

    The same ``wanted`` always gives the same folder, so a second process finds the sockets of the first.
    """
    wanted = wanted.absolute()
    if len(os.fsencode(wanted)) <= LONGEST_SOCKET_FOLDER and PLAIN_PATH.fullmatch(str(wanted)):
        wanted.mkdir(mode=0o700, parents=True, exist_ok=True)
        return wanted
    digest = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:16]
    folder = Path("/tmp", f"cesai-{os.geteuid()}-{digest}")  # noqa: S108 - owner and mode are checked below
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise PermissionError(f"{folder} belongs to somebody else; remove it, sockets are kept there")
    return folder


def _memory_root() -> Path:
    """Shared memory where there is room for a test database, the temporary folder otherwise."""
    try:
        free = shutil.disk_usage(SHARED_MEMORY).free
    except OSError:
        free = 0
    if free >= ENOUGH_SHARED_MEMORY and os.access(SHARED_MEMORY, os.W_OK):
        return SHARED_MEMORY
    temporary = Path(tempfile.gettempdir())
    # A long TMPDIR leaves no room for a socket's name.
    fits = len(os.fsencode(temporary)) + len(PREFIX) + 16 <= LONGEST_SOCKET_FOLDER
    return temporary if fits and PLAIN_PATH.fullmatch(str(temporary)) else Path("/tmp")  # noqa: S108


def _sweep(root: Path) -> None:
    """Remove the folders whose makers were killed before they could do it themselves."""
    for folder in root.glob(f"{PREFIX}*"):
        try:
            if (
                folder.stat().st_uid != os.geteuid()
                or time.time() - folder.stat().st_mtime < ABANDONED_AFTER_SECONDS
            ):
                continue
            with (folder / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue


@contextmanager
def throwaway_folder() -> Iterator[Path]:
    """A folder with a short name, on shared memory where that has room, gone at the end.

    A folder left behind by a killed process is removed by the next one that asks.
    """
    root = _memory_root()
    _sweep(root)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
