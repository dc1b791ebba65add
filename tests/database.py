"""The test database, migrated once in a test run and copied for every further process of it; the same with the demo."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases

TEMPLATE = "cesai_migrated"
FILLED = "cesai_filled"
# Where releases keep their files, which belong to the rows.
FILES = "releases"


def make_database() -> None:
    """Point the connection at this process's own database, filled as the migrations leave it.

    Nothing is taken down: the whole server is thrown away, with any connection that a live server left behind.
    """
    with _one_process_at_a_time():
        if _is_there(TEMPLATE):
            name = connection.creation._get_test_db_name()
            _copy(TEMPLATE, name)
            settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
        else:
            setup_databases(verbosity=0, interactive=False, aliases={"default"})
            _copy(connection.settings_dict["NAME"], TEMPLATE)


def migrated_url() -> str:
    """The address of the database that is only migrated, for programs that copy it."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{TEMPLATE}"))


@contextmanager
def filled_database(fill: Callable[[], None]) -> Iterator[None]:
    """The connection leads to a database of its own as `fill` left it, which runs once in a test run; dropped afterwards."""
    files = Path(os.environ["CESAI_TEST_FOLDER"], "filled")
    ours = connection.settings_dict["NAME"]
    name = f"{ours}_filled"
    with _one_process_at_a_time():
        if not _is_there(FILLED):
            _copy(TEMPLATE, name)
            _lead_to(name)
            try:
                fill()
            finally:
                _lead_to(ours)
            shutil.copytree(settings.VAR_DIR / FILES, files)
            _rename(name, FILLED)
        _copy(FILLED, name)
    shutil.copytree(files, settings.VAR_DIR / FILES, dirs_exist_ok=True)
    _lead_to(name)
    try:
        yield
    finally:
        _lead_to(ours)
        _drop(name)


@contextmanager
def _one_process_at_a_time() -> Iterator[None]:
    with Path(os.environ["CESAI_TEST_FOLDER"], "databases.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _lead_to(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def _rename(source: str, target: str) -> None:
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f'ALTER DATABASE "{source}" RENAME TO "{target}"')


def _drop(name: str) -> None:
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        # A live server may have left a connection behind.
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _is_there(name: str) -> bool:
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [name])
        return bool(cursor.rowcount)


def _copy(source: str, target: str) -> None:
    # A database with a connection to it cannot be copied.
    connection.close()
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
