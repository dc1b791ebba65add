"""The cast that every test knows by name, and what makes a test run fast."""

import logging
import os
import re
from collections.abc import Iterator
from typing import Any

import pgtrigger
import pytest
from django.conf import settings
from xdist.scheduler import LoadFileScheduling

from accounts import demo
from accounts.demo import Cast
from accounts.models import Organisation, User
from tests.database import make_database
from tests.world import write_legal_pages


def pytest_configure(config: pytest.Config) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    # Emptying a cache empties its whole database: what one process counts, another must not forget.
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    cache = settings.CACHES["default"]
    cache["LOCATION"] = re.sub(r"\b1$", str(1 + worker), cache["LOCATION"])
    # A line for every request would bury what a failing test has to say.
    logging.getLogger("django_structlog").setLevel(logging.WARNING)


class FileScheduling(LoadFileScheduling):
    """A file stays with one process. Those that ask a cluster share one, except the longest, which bring up their own."""

    OWN_CLUSTER = ("tests/slurm/test_exactly_once.py", "tests/slurm/test_llama.py")

    def _split_scope(self, nodeid: str) -> str:
        shared = nodeid.startswith("tests/slurm/") and not nodeid.startswith(self.OWN_CLUSTER)
        return "tests/slurm/" if shared else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FileScheduling | None:
    return FileScheduling(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first: what takes a minute must not begin when everything else is done."""
    slow = {
        item.path for item in items if item.get_closest_marker("slow") or item.path.parent.name == "slurm"
    }
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker
) -> None:  # type: ignore[no-untyped-def]
    """The test database, always: pytest-django makes none when only module-wide worlds ask for it."""
    with django_db_blocker.unblock():
        make_database()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """A test that really commits ends with empty tables; what the migrations had written is put back."""
    marker = item.get_closest_marker("django_db")
    if not marker or not marker.kwargs.get("transaction"):
        yield
        return
    # Asked for now: after the last test of all there is no fixture any more.
    blocker = item._request.getfixturevalue("django_db_blocker")
    # The tables of the voting refuse to be emptied.
    with pgtrigger.ignore():
        yield
    with blocker.unblock():
        write_legal_pages()


@pytest.fixture
def cast(db: None) -> Cast:
    """All people and organisations of `accounts/demo.py`; nobody has a password: use `client.force_login`."""
    return demo.load(password=None)


def _person(name: str):  # type: ignore[no-untyped-def]
    @pytest.fixture(name=name)
    def person(cast: Cast) -> User:
        # Read anew: memberships are cached on the instance, and a test may change them first.
        return User.objects.get(pk=getattr(cast, name).pk)

    return person


def _organisation(name: str):  # type: ignore[no-untyped-def]
    @pytest.fixture(name=name)
    def organisation(cast: Cast) -> Organisation:
        return getattr(cast, name)

    return organisation


for _name in demo.PEOPLE:
    globals()[_name] = _person(_name)
for _name in demo.ORGANISATIONS:
    globals()[_name] = _organisation(_name)


@pytest.fixture(autouse=True)
def _german(settings) -> None:  # type: ignore[no-untyped-def]
    """Sentences in tests are the English sources unless a test asks for German."""
    settings.LANGUAGE_CODE = "en"


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    from django.core.cache import cache

    cache.clear()
