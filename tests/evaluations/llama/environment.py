"""The environment with torch: made under `var/llama` by whoever needs it first (1.8 GB, minutes without uv), then kept.

Needs a Python 3.11, for later ones of which there is no wheel of torch 2.13.0 for the CPU, and a package index with that
wheel. Only this wheel will do: the label `+cpu` keeps the installer from taking the one for CUDA, which is ten times as large.
Called as a program it says what it did: `python -m tests.evaluations.llama.environment`.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from evaluations.harness.environment import find_uv

PLACE = Path(__file__).resolve().parents[3] / "var" / "llama"
PYTHON = PLACE / "bin" / "python"
PACKAGES = ["torch==2.13.0+cpu", "lm-eval[hf,api]==0.4.13"]
# Written last: an environment without it is half of one.
COMPLETE = PLACE / "complete"
PATIENCE_SECONDS = 480.0
LEAST_FREE_BYTES = 4 << 30


class NotToBeHad(Exception):
    """This machine cannot have the environment; the text says what is missing."""


def ensure() -> Path:
    """The interpreter, made first if it is missing. Several processes may call this: one builds, the others wait."""
    PLACE.parent.mkdir(parents=True, exist_ok=True)
    with PLACE.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if COMPLETE.exists() and COMPLETE.read_text().split() == PACKAGES:
            return PYTHON
        base = _python()
        if shutil.disk_usage(PLACE.parent).free < LEAST_FREE_BYTES:
            raise NotToBeHad(f"less than {LEAST_FREE_BYTES >> 30} GB are free for torch")
        shutil.rmtree(PLACE, ignore_errors=True)
        try:
            _build(base)
        except BaseException:
            shutil.rmtree(PLACE, ignore_errors=True)
            raise
        COMPLETE.write_text("\n".join(PACKAGES))
    return PYTHON


def _python() -> str:
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for candidate in ("python3.11", *sorted(str(each) for each in versions.glob("3.11*/bin/python"))):
        question = "import ensurepip, ssl, sys; print(sys.version_info[:2] == (3, 11))"
        try:
            told = subprocess.run([candidate, "-c", question], capture_output=True, text=True, check=False)
        except OSError:
            continue
        # A name on the PATH may be a shim that cannot run.
        if told.stdout.strip() == "True":
            return candidate
    raise NotToBeHad(
        "there is no Python 3.11, the last for which there is a wheel of torch 2.13.0 for the CPU"
    )


def _build(base: str) -> None:
    """By uv, which links 1.8 GB from its cache where pip writes and compiles them; by pip where uv cannot."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    if uv := find_uv():
        # A folder of wheels that pip is told of, uv should know too.
        told = {"UV_FIND_LINKS": wheels} if (wheels := os.environ.get("PIP_FIND_LINKS")) else {}
        try:
            _call([uv, "venv", "--quiet", "--python", base, str(PLACE)], deadline)
            _install([uv, "pip", "install", "--python", str(PYTHON)], deadline, told | os.environ)
            return
        except NotToBeHad:
            shutil.rmtree(PLACE, ignore_errors=True)
    _call([base, "-m", "venv", str(PLACE)], deadline)
    _install([str(PYTHON), "-m", "pip", "install"], deadline, os.environ)


def _install(installer: list[str], deadline: float, surroundings: Mapping[str, str]) -> None:
    # torch first and alone: with it in place, nothing else asks for another one.
    for packages in (PACKAGES[:1], PACKAGES):
        _call([*installer, "--quiet", "--only-binary", "torch", *packages], deadline, surroundings)


def _call(command: list[str], deadline: float, surroundings: Mapping[str, str] = os.environ) -> None:
    try:
        told = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            env=surroundings,
            timeout=max(1.0, deadline - time.monotonic()),
        )
    except subprocess.TimeoutExpired as late:
        raise NotToBeHad(f"the packages were not installed within {PATIENCE_SECONDS:.0f} s") from late
    if told.returncode:
        words = [line for line in told.stderr.splitlines() if line.startswith("ERROR")] or [
            told.stderr[-300:]
        ]
        raise NotToBeHad(f"{', '.join(PACKAGES)} could not be installed: {words[0].strip()}")


if __name__ == "__main__":
    try:
        print(ensure())  # noqa: T201
    except NotToBeHad as reason:
        sys.exit(str(reason))
