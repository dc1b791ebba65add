"""The test database, migrated once in a test run and copied for every further process of it."""

import fcntl
import os
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases

TEMPLATE = "cesai_migrated"


def make_database() -> None:
    """Point the connection at this process's own database, filled as the migrations leave it.

    Nothing is taken down: the whole server is thrown away, with any connection that a live server left behind.
    """
    with Path(os.environ["CESAI_TEST_FOLDER"], "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
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


def _is_there(name: str) -> bool:
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [name])
        return bool(cursor.rowcount)


def _copy(source: str, target: str) -> None:
    # A database with a connection to it cannot be copied.
    connection.close()
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
