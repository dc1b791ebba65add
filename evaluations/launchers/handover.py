"""What every launcher does before a runner starts: the run's folder, and an environment without secrets."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .protocol import Job, Refused, Unreachable

RUNNER = Path(__file__).resolve().parents[1] / "runner"
MARKER = ".launcher"
CLAIM_PATIENCE_SECONDS = 10.0
# A runner gets no secret of the portal: only what these name is handed on.
ENVIRONMENT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "UV",
    "CUDA_VISIBLE_DEVICES",
)
ENVIRONMENT_PREFIXES = (
    "PIP_",
    "UV_",
    "XDG_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
)


def environment_of(job: Job) -> dict[str, str]:
    """What a runner may know of this process's environment, and the one key that its endpoint asks for."""
    token = (job.spec.get("endpoint") or {}).get("token_variable")
    return {
        name: value
        for name, value in os.environ.items()
        if name in ENVIRONMENT or name == token or name.startswith(ENVIRONMENT_PREFIXES)
    }


def lay_out(folder: Path, job: Job, spec: dict[str, Any]) -> None:
    """The job's files, then `spec` as `spec.json`. Refused when a file would lie outside the folder."""
    for name, content in job.files.items():
        target = (folder / name).resolve()
        if not target.is_relative_to(folder.resolve()):
            raise Refused(f"{name} is outside the run's folder")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    put(folder / "spec.json", spec)


def put(path: Path, content: dict[str, Any]) -> None:
    """Replace a JSON document in one step."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    temporary.replace(path)


@contextmanager
def claimed(folder: Path) -> Iterator[int]:
    """One submission of a key at a time; the descriptor that says so. Unreachable while another one is not over.

    The lock lasts as long as anybody holds the descriptor, so a submission that outlived its worker counts too.
    """
    with (folder / "submit.lock").open("w") as lock:
        deadline = time.monotonic() + CLAIM_PATIENCE_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Unreachable(f"an earlier submission of {folder.name} is still on its way") from None
                time.sleep(0.02)
        yield lock.fileno()


def is_reachable(root: Path, keys: Iterable[str] = ()) -> bool:
    """False for an empty root that was never used: nothing is known there. Unreachable when it is not there.

    A file system that is not mounted leaves an empty folder or none; the marker, or a folder of one of `keys`, tells
    it from ours.
    """
    if (root / MARKER).exists() or any((root / key).is_dir() for key in keys):
        return True
    if root.is_dir() and os.access(root, os.R_OK | os.X_OK) and not any(root.iterdir()):
        return False
    raise Unreachable(f"{root} is not there or not a folder of this launcher")
