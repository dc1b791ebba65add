from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from cesai.lib.refusals import Refused
from evaluations.actions.imports import import_scores
from portfolio.models import ModelRelease


class Command(BaseCommand):
    help = "Import a result file of lm-eval or EuroEval for a release; it is shown as measured elsewhere."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("model", help="short name of the model")
        parser.add_argument("version", help="version of its release")
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True, help="where the result is from")
        parser.add_argument("--by", required=True, help="e-mail address of who imports it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            release = ModelRelease.objects.get(model__slug=options["model"], version=options["version"])
            by = User.objects.get(email=options["by"])
            report = import_scores(by=by, release=release, path=options["file"], source=options["source"])
        except (ModelRelease.DoesNotExist, User.DoesNotExist, OSError, Refused) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{report}: {report.scores.count()}")
