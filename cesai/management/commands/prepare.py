"""Brings the database and the static files up to date in one process; ``./run start`` calls it before the web server.

Each part is skipped when there is nothing to do, so a second start costs little more than loading Django.
"""

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

STAMP = ".collected"


class Command(BaseCommand):
    help = "Migrates, collects static files and, on a demo portal without people, loads the demo data."
    # The web server runs the checks; running them twice would only slow the start down.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accounts-file", type=Path, help="file that receives the list of demo accounts")

    def handle(self, *, accounts_file: Path | None, **options: Any) -> None:
        self.migrate()
        self.collect_static()
        if settings.DEMO and "demo" in get_commands():
            self.load_demo(accounts_file)
        elif accounts_file:
            accounts_file.write_text("")

    def migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Migrating the database")
            call_command("migrate", interactive=False, verbosity=0, skip_checks=True)

    def collect_static(self) -> None:
        stamp = Path(settings.STATIC_ROOT, STAMP)
        found = fingerprint()
        if stamp.exists() and stamp.read_text() == found:
            return
        self.stdout.write("Collecting static files")
        call_command("collectstatic", interactive=False, verbosity=0, clear=True, skip_checks=True)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(found)

    def load_demo(self, accounts_file: Path | None) -> None:
        if not get_user_model().objects.exists():
            self.stdout.write("Loading the demo data")
            # All or nothing: a start that is interrupted here begins again with an empty portal.
            with transaction.atomic():
                call_command("demo", verbosity=0)
        if accounts_file:
            with accounts_file.open("w") as file:
                call_command("demo", accounts=True, stdout=file)


def fingerprint() -> str:
    """Changes when a static file is added, removed or written."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in sorted(finder.list(None), key=lambda item: item[0]):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
