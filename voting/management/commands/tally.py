"""Tallies a Pabulib file without a database."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from voting import pabulib
from voting.pabulib_sentences import sentence
from voting.tally import RULES, Result, TallyError, Utility, reference, tally


class Command(BaseCommand):
    help = "Tallies an election in a Pabulib file; needs no database."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--pb", required=True, metavar="FILE", help="the election")
        parser.add_argument("--rule", choices=RULES, default=RULES[0])
        parser.add_argument(
            "--utility",
            choices=[str(each) for each in Utility],
            help="what a funded item is worth to its supporters; default: points for ballots with points, else cost",
        )
        parser.add_argument("--json", action="store_true", help="the whole result as JSON")
        parser.add_argument(
            "--confirm", action="store_true", help="recompute with the second engine (slow for large files)"
        )

    def handle(self, *, pb: str, rule: str, utility: str | None, confirm: bool, **options: Any) -> None:
        try:
            file = pabulib.read(pb)
        except pabulib.PabulibError as error:
            raise CommandError(sentence(error, pb)) from error
        election = file.election()
        try:
            result = tally(election, rule, utility or file.default_utility)
            if confirm:
                reference.confirm(election, result)
        except (TallyError, ValueError) as error:
            raise CommandError(f"{pb}: {error}") from error
        if options["json"]:
            shown = result.as_dict() | {"official": _official(file, result)}
            self.stdout.write(json.dumps(shown, ensure_ascii=False, indent=2))
        else:
            self._describe(file, result)

    def _describe(self, file: pabulib.PabulibFile, result: Result) -> None:
        names = {project.id: project.name for project in file.projects}
        unit = file.meta.get("currency", "")
        count = len(result.winners)
        self.stdout.write(
            ngettext("%(n)s winner of %(all)s", "%(n)s winners of %(all)s", count)
            % {"n": count, "all": len(file.projects)}
        )
        for place, id in enumerate(result.winners, start=1):
            self.stdout.write(f"{place:>4}  {id:<12} {names[id]}")
        self.stdout.write(
            _("%(spent)s of %(budget)s %(unit)s spent, %(voters)s ballots")
            % {
                "spent": result.spent,
                "budget": result.budget,
                "unit": unit,
                "voters": result.voters,
            }
        )
        official = _official(file, result)
        if official == "same":
            self.stdout.write(_("These are the winners that the file names."))
        elif official == "different":
            self.stdout.write(_("The file names other winners; they may come from another rule."))


def _official(file: pabulib.PabulibFile, result: Result) -> str | None:
    """Whether these are the winners of the file's column `selected`; None where it has none."""
    if file.selected is None:
        return None
    return "same" if file.selected == set(result.winners) else "different"
