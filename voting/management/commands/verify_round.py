from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from voting.verify_round import CODES, check


class Command(BaseCommand):
    help = "Checks the proof kit of a voting round and names every check that is violated."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kit", type=Path, metavar="KIT.zip")
        parser.add_argument(
            "--closing", metavar="HASH", help="the hash that was announced when the round closed"
        )
        parser.add_argument(
            "--checksum", metavar="HASH", help="the checksum in the last record of the public board"
        )

    def handle(
        self, *arguments: object, kit: Path, closing: str | None, checksum: str | None, **options: object
    ) -> None:
        try:
            data = kit.read_bytes()
        except OSError as error:
            raise CommandError(f"{kit} cannot be read: {error.strerror}.") from error
        wrong = check(data, closing, checksum)
        if wrong:
            raise CommandError("\n".join(f"{code}: {CODES[code]} ({what})" for code, what in wrong))
        self.stdout.write("All checks hold.")
