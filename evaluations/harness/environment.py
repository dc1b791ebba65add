"""Create the harness environment: `python environment.py ROOT` prints the interpreter's path.

Standard library only. The folder is named after the lock file's SHA-256, so a new pin is a new environment and
a finished one is never changed. It is built aside and renamed: what has the final name is complete.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
VERSION = "0.4.13"
# Exit status for the caller that wants to tell the two apart.
FAILED = 66
INDEX_UNREACHABLE = 67
# What uv and pip say when nothing answered, as opposed to a wrong pin or a full disk.
NETWORK_WORDS = (
    "error sending request",
    "dns error",
    "failed to fetch",
    "connection refused",
    "tunnel error",
    "timed out",
    "newconnectionerror",
    "max retries exceeded",
    "name resolution",
    "network is unreachable",
    "operation timed out",
    "connecttimeout",
    "(from versions: none)",
)


class EnvironmentFailed(Exception):
    """The environment could not be made; the text says what the installer said."""

    status = FAILED


class IndexUnreachable(EnvironmentFailed):
    """The package index did not answer."""

    status = INDEX_UNREACHABLE


def lock_hash() -> str:
    """First 16 hexadecimal digits of the SHA-256 of the hashed requirements."""
    return hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:16]


def python_of(root: Path) -> Path:
    """Where the interpreter is, or will be, under `root`; needs no environment to exist."""
    return root / lock_hash() / "bin" / "python"


def ensure(root: Path) -> Path:
    """The interpreter of the environment under `root`, made first if it is missing.

    Safe to call from several processes: one builds, the others wait for it.
    """
    python = python_of(root)
    if python.exists():
        return python
    root.mkdir(parents=True, exist_ok=True)
    with open(root / f"{lock_hash()}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if python.exists():
            return python
        building = root / f".{lock_hash()}.building"
        # Whoever left it is gone: the lock is ours.
        shutil.rmtree(building, ignore_errors=True)
        try:
            _build(building)
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise
        os.replace(building, python.parent.parent)
    return python


def find_uv() -> str | None:
    """A uv that runs: the one in UV, on the PATH, or beside the portal's own packages."""
    beside = Path(sys.prefix) / "uv" / "bin" / "uv"
    for candidate in (os.environ.get("UV"), shutil.which("uv"), str(beside)):
        if candidate and _works([candidate, "--version"]):
            return candidate
    return None


def _build(folder: Path) -> None:
    uv = find_uv()
    python = folder / "bin" / "python"
    if uv is not None:
        _run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)])
        _run(
            [
                *(uv, "pip", "install", "--python", str(python)),
                *("--require-hashes", "-r", str(REQUIREMENTS)),
            ]
        )
    else:
        _run([sys.executable, "-m", "venv", str(folder)])
        _run(
            [
                *(
                    str(python),
                    "-m",
                    "pip",
                    "install",
                    "--progress-bar",
                    "off",
                    "--disable-pip-version-check",
                ),
                *("--require-hashes", "-r", str(REQUIREMENTS)),
            ]
        )
    found = _run([str(python), "-c", "import lm_eval.evaluator; print(lm_eval.__version__)"]).split()[-1:]
    if found != [VERSION]:
        raise EnvironmentFailed(f"lm-eval {VERSION} was asked for, {' '.join(found)} was installed")


def _works(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _run(command: list[str]) -> str:
    """Run an installer; its output goes to stderr line by line and is returned."""
    print("$", *command, file=sys.stderr, flush=True)  # noqa: T201
    output: list[str] = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line.rstrip(), file=sys.stderr, flush=True)  # noqa: T201
            output.append(line)
    said = "".join(output)
    if process.returncode == 0:
        return said
    last = " ".join(said.split())[-600:]
    if any(word in said.lower() for word in NETWORK_WORDS):
        raise IndexUnreachable(f"the package index could not be reached: {last}")
    raise EnvironmentFailed(f"{Path(command[0]).name} ended with {process.returncode}: {last}")


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python environment.py ROOT", file=sys.stderr)  # noqa: T201
        return FAILED
    try:
        print(ensure(Path(arguments[0])))  # noqa: T201
    except EnvironmentFailed as problem:
        print(problem, file=sys.stderr)  # noqa: T201
        return problem.status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
