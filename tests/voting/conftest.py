"""Where published elections lie, and a loud skip where they do not."""

import os
from pathlib import Path

import pytest

from tests.voting.factories import make_open_round


@pytest.fixture(scope="session")
def pabulib_dir() -> Path:
    """The folder named by PABULIB_DIR; without it the test is skipped, or fails under CESAI_REQUIRE_ALL=1."""
    folder = Path(os.environ.get("PABULIB_DIR", "")) if os.environ.get("PABULIB_DIR") else None
    if folder is not None and (folder / "expected.json").is_file():
        return folder
    reason = "PABULIB_DIR does not name a folder with expected.json: published elections are NOT compared"
    if os.environ.get("CESAI_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def open_round(cast):
    return make_open_round(cast)
