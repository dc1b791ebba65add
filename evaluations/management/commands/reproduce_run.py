"""Does a finished evaluation run again and says whether the answers are the same."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from evaluations.models import Run
from evaluations.models.run import State
from evaluations.reproducing import NotReproducible, reproduce


class Command(BaseCommand):
    help = "Runs a finished evaluation once more from its record; exit status 0 only when every answer is the same."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="code of the run, such as EL-2026-0001")
        parser.add_argument(
            "--folder", type=Path, help="where to work; a new folder under the portal's data by default"
        )

    def handle(self, *, code: str, folder: Path | None, **options: Any) -> None:
        runs = Run.objects.select_related("release__model", "suite_version", "engine")
        run = runs.filter(code=code, state=State.SUCCEEDED).first()
        if run is None:
            raise CommandError(f"There is no finished run {code}.")
        place = (
            folder or settings.VAR_DIR / "reproductions" / f"{run.code}-{timezone.now():%Y%m%dT%H%M%S%f}"
        ).resolve()
        try:
            place.mkdir(parents=True)
        except FileExistsError as problem:
            raise CommandError(f"{place} exists already; please name a new folder.") from problem
        try:
            outcome = reproduce(run, place)
        except NotReproducible as refusal:
            place.rmdir()
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{outcome.same_answers} of {outcome.answers} answers are the same.")
        self.stdout.write(
            f"{outcome.same_files} of {outcome.files} files of answers are the same to the byte."
            if outcome.files
            else "The first run's files are no longer there to be compared."
        )
        if not outcome.is_same:
            raise CommandError(f"{run.code} was not reproduced; {outcome.log} says what happened.")
        self.stdout.write(self.style.SUCCESS(f"{run.code} is reproduced."))
