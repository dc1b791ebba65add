"""Programs that a test needs and a machine may lack: such a test is skipped with a reason, or fails where all must run."""

import os
import shutil

import pytest

PROGRAMS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "msgfmt": ("msgfmt",),
}


def require_or_skip(what: str) -> str:
    """The path of the program; skips the test without it, or fails it when CESAI_REQUIRE_ALL is set."""
    for name in PROGRAMS.get(what, (what,)):
        if path := shutil.which(name):
            return path
    reason = f"{what} is not installed (deploy/debian-test-packages.txt names its Debian package)"
    if os.environ.get("CESAI_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def chromium_path() -> str:
    """The browser of the browser tests."""
    return require_or_skip("chromium")
