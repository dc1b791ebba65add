"""Throw-away PostgreSQL and Valkey: for the tests, and for commands that need a database for a moment.

As a program, ``python -m cesai.embedded.testing COMMAND …`` runs a command with all that the settings need.
"""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from .folders import throwaway_folder
from .postgres import CARELESS, Postgres
from .processes import ServiceError
from .spawn import Identity, unprivileged_identity
from .valkey import Valkey


@contextmanager
def throwaway_postgres(identity: Identity | None = None) -> Iterator[str]:
    """A fresh PostgreSQL server; yields the ``DATABASE_URL`` of an empty database whose role may create others.

    Nothing is written to a disk where shared memory has room, and nothing is left at the end. Servers of
    different runs never meet: each has its own folder and listens on no port.
    """
    with throwaway_folder() as folder:
        server = Postgres(
            folder / "data",
            folder,
            folder / "postgresql.log",
            CARELESS,
            identity=identity or unprivileged_identity(),
        )
        process = server.begin()
        try:
            server.wait_ready()
            yield server.url
        finally:
            process.stop()


@contextmanager
def throwaway_valkey() -> Iterator[str]:
    """A fresh Valkey server; yields its ``BROKER_URL``."""
    with throwaway_folder() as folder:
        server = Valkey(folder / "data", folder, folder / "valkey.log", durable=False)
        process = server.begin()
        try:
            server.wait_ready()
            yield server.url
        finally:
            process.stop()


def main(argv: list[str]) -> int:
    if not argv:
        sys.stderr.write("usage: python -m cesai.embedded.testing COMMAND [ARGUMENT …]\n")
        return 2
    try:
        with throwaway_postgres() as database, throwaway_valkey() as broker, throwaway_folder() as var:
            surroundings = {
                "DATABASE_URL": database,
                "BROKER_URL": broker,
                "CESAI_VAR": str(var),
                "SECRET_KEY": secrets.token_urlsafe(),
            }
            return subprocess.run(argv, env=os.environ | surroundings, check=False).returncode
    except ServiceError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
