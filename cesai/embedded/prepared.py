"""Whether the last preparation of a folder's database and static files still holds.

Loading Django only to learn that nothing is to be done would take half of a second start.
"""

import hashlib
from pathlib import Path

from .environment import ROOT

WHAT_PREPARATION_READS = (
    "*/migrations/*.py",
    "static/**/*",
    "uv.lock",
    "cesai/settings.py",
    "cesai/management/commands/prepare.py",
)


def fingerprint() -> str:
    """Changes with every migration, static file, locked version and setting of this checkout."""
    digest = hashlib.sha256(str(ROOT).encode())
    for pattern in WHAT_PREPARATION_READS:
        for path in sorted(ROOT.glob(pattern)):
            status = path.stat()
            digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


class Preparation:
    """The stamp of one ``var/`` folder. It is removed before a preparation and written after it."""

    def __init__(self, var: Path) -> None:
        self.stamp = var / "prepared"
        self.static = var / "static"

    def holds(self) -> bool:
        try:
            return self.stamp.read_text() == fingerprint() and self.static.is_dir()
        except FileNotFoundError:
            return False

    def begin(self) -> None:
        self.stamp.unlink(missing_ok=True)

    def finish(self) -> None:
        self.stamp.write_text(fingerprint())
