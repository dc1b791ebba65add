from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from cesai.lib.refusals import Refused
from evaluations.actions.pinning import pin_suite
from evaluations.models import Suite


class Command(BaseCommand):
    help = "Make a version of a suite that is pinned to the data sets on this disk; says what to fetch if one is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("suite", help="short name of the suite, such as de-core")
        parser.add_argument("--by", required=True, help="e-mail address of who pins it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            suite = Suite.objects.get(slug=options["suite"])
            version = pin_suite(by=User.objects.get(email=options["by"]), suite=suite)
        except (Suite.DoesNotExist, User.DoesNotExist, Refused) as problem:
            raise CommandError(str(problem)) from problem
        for task in version.tasks.order_by("name"):
            self.stdout.write(
                f"{task.name}: {task.questions} questions, {task.dataset} @ {task.revision[:12]}"
            )
        self.stdout.write(str(version))
