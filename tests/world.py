"""The demo as a world for tests that visit every page."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from django.core.management import call_command
from django.test import override_settings

from accounts import demo
from accounts.models import Membership, Organisation, StaticPage, User
from accounts.roles import Role
from evaluations.actions.runs import request_run
from evaluations.models import Engine, SuiteVersion
from portfolio.models import ModelRelease
from tests.database import filled_database


def write_legal_pages() -> None:
    """What the migration of the legal pages writes, where it is missing."""
    for slug, texts in import_module("accounts.migrations.0002_legal_pages").PAGES.items():
        fields = dict(zip(["title_de", "title_en", "body_de", "body_en"], texts, strict=True))
        StaticPage.objects.get_or_create(slug=slug, defaults=fields)


def _load_demo() -> None:
    """What `manage.py demo` loads, the roles that the demo has nobody for, and a run that waits for its engine."""
    with override_settings(DEMO=True):
        call_command("demo", verbosity=0)
    for name, role in (("gero", Role.GATE_PANEL), ("dienst", Role.SERVICE)):
        user = User.objects.create_user(f"{name}@demo.example.org", full_name=name.capitalize())
        cesai = Organisation.objects.get(slug="cesai")
        Membership.objects.create(user=user, organisation=cesai, role=role, starts_on=demo.SINCE)
    request_run(
        by=User.objects.get(email="mira@demo.example.org"),
        release=ModelRelease.objects.order_by("pk")[0],
        suite_version=SuiteVersion.objects.get(suite__slug="smoke-de"),
        engine=Engine.objects.get(slug="local"),
    )


@contextmanager
def demo_world() -> Iterator[None]:
    """The loaded demo, in a database that is gone afterwards; it is loaded once in a test run."""
    with filled_database(_load_demo):
        yield
