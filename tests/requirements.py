"""Programs that a test needs and a machine may lack: such a test is skipped with a reason, or fails where all must run."""

import os
import shutil
from typing import NoReturn

import pytest

PROGRAMS = {
    # The first is Debian's Chromium without the parts that only a screen needs: a quarter less work for each page.
    "chromium": (
        "/usr/lib/chromium/chromium-headless-shell",
        "chromium",
        "chromium-browser",
        "google-chrome",
    ),
    "msgfmt": ("msgfmt",),
}


def require_or_skip(what: str) -> str:
    """The path of the program; skips the test without it, or fails it when CESAI_REQUIRE_ALL is set."""
    for name in PROGRAMS.get(what, (what,)):
        # Daemons lie where only root's PATH leads.
        if path := shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin"):
            return path
    return _without(f"{what} is not installed (deploy/debian-test-packages.txt names its Debian package)")


def require_root_or_skip(what: str) -> None:
    """Skips the test, or fails it when CESAI_REQUIRE_ALL is set, unless it runs as root on Linux."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        _without(f"{what} can only be started by root")


def _without(reason: str) -> NoReturn:
    if os.environ.get("CESAI_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def chromium_path() -> str:
    """The browser of the browser tests."""
    return require_or_skip("chromium")
