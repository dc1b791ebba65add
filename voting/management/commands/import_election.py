"""Makes a counted round of a Pabulib file."""

import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from cesai.lib.refusals import Refused
from voting import pabulib
from voting.actions.imports import import_election
from voting.pabulib_sentences import sentence
from voting.tally import RULES


class Command(BaseCommand):
    help = "Imports an election from a Pabulib file as a counted round; the same file is imported once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--rule", choices=RULES, default=RULES[0])

    def handle(self, *, file: str, rule: str, **options: Any) -> None:
        path = Path(file)
        try:
            election = pabulib.read(path)
        except pabulib.PabulibError as error:
            raise CommandError(sentence(error, file)) from error
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        try:
            made, is_new = import_election(
                by=None, file=election, file_name=path.name, sha256=sha256, rule=rule
            )
        except Refused as refusal:
            raise CommandError(f"{file}: {refusal}") from refusal
        text = (
            _("%(title)s: imported as %(address)s")
            if is_new
            else _("%(title)s: known already as %(address)s")
        )
        self.stdout.write(text % {"title": made.title, "address": made.get_absolute_url()})
