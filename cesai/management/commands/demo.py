"""Loads the demo: invented people and firms, and as much work on the thread as makes every page worth a look."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.module_loading import import_string

from accounts import demo
from accounts.models import Membership
from accounts.roles import Role


class Command(BaseCommand):
    help = "Loads the demo data, or lists the demo accounts; refuses unless DEMO is on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accounts", action="store_true", help="only list the accounts, one per role")

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
        emails = [f"{key}@demo.example.org" for key in demo.PEOPLE]
        rows = (
            Membership.objects.active().filter(user__email__in=emails).select_related("user", "organisation")
        )
        seen: set[str] = set()
        with translation.override("de"):
            for row in rows.order_by("pk"):
                if row.role in seen:
                    continue
                seen.add(row.role)
                label = str(Role(row.role).label)
                self.stdout.write(f"  {row.user.email:<28} {label:<34} {row.organisation}")
            self.stdout.write(f"  {'gast@demo.example.org':<28} {Role.GUEST.label}")
