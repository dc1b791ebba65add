"""Loads the demo: invented people and firms, and as much work on the thread as makes every page worth a look."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.module_loading import import_string

from accounts import demo
from accounts.roles import Role


class Command(BaseCommand):
    help = "Loads the demo data, or lists the demo accounts; refuses unless DEMO is on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--accounts", action="store_true", help="only list the accounts, at least one per role"
        )

    def handle(self, *, accounts: bool, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("DEMO is off: demo accounts have a known password and do not belong here.")
        if accounts:
            self._list()
            return
        with translation.override("de"):
            cast = demo.load()
            for name in settings.DEMO_APPS:
                import_string(f"{name}.demo.load")(cast)
        self.stdout.write("The demo data is loaded.")

    def _list(self) -> None:
        self.stdout.write(f"Demo accounts, password {demo.PASSWORD}")
        with translation.override("de"):
            for key, (name, roles) in demo.PEOPLE.items():
                label = ", ".join(str(role.label) for _slug, role in roles) or str(Role.GUEST.label)
                organisation = demo.ORGANISATIONS[roles[0][0]][0] if roles else "–"
                self.stdout.write(f"  {key + '@demo.example.org':<26} {name:<16} {label} · {organisation}")
