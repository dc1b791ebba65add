"""What tests of the voting begin with; where published elections lie, and a loud skip where they do not."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.voting.worlds import CAST, COUNTED, OPEN
from tests.world import World, stand_on, together, worlds_of


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


cast, open_round, counted = CAST.fixture(), OPEN.fixture(), COUNTED.fixture()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    together(items)


@pytest.fixture(scope="module", autouse=True)
def _nothing_stands_afterwards(django_db_blocker) -> Iterator[None]:
    yield
    if World.standing:
        with django_db_blocker.unblock():
            stand_on([])


@pytest.fixture(autouse=True)
def _standing(request) -> None:
    wanted = worlds_of(request.node)
    if wanted or World.standing:
        request.getfixturevalue("django_db_setup")
        with request.getfixturevalue("django_db_blocker").unblock():
            stand_on(wanted)
