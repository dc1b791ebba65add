"""Worlds that many tests begin with, made once: the demo, and whatever a file of tests names."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import fields, is_dataclass
from importlib import import_module
from itertools import groupby, takewhile
from typing import Any, ClassVar, Self

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Model
from django.test import override_settings
from django.utils import translation

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


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def read_anew(value: Any) -> Any:
    """The same from the database: on an instance relations and memberships are cached, so tests share none."""
    if isinstance(value, Model):
        return type(value)._base_manager.get(pk=value.pk)
    if isinstance(value, list | tuple):
        return type(value)(read_anew(each) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
        kinds = {type(part) for part in parts.values()}
        found = {
            kind: kind._base_manager.in_bulk([part.pk for part in parts.values() if type(part) is kind])
            for kind in kinds
        }
        return type(value)(**{name: found[type(part)][part.pk] for name, part in parts.items()})
    return value


class World:
    """What many tests begin with. It is made once for all of a file that begin with it, in a transaction below theirs.

    Worlds stand upon each other, and only those that a test asked for: before a test that begins with something else,
    the others are rolled back. So no test sees a row that it would not see if it ran alone.
    """

    standing: ClassVar[list[tuple[Self, Any, ExitStack]]] = []

    def __init__(self, make: Callable[..., Any], upon: "World | None" = None) -> None:
        """`make` is called with what the worlds below have made, the lowest first."""
        self.make = make
        self.below: tuple[World, ...] = (*upon.below, upon) if upon else ()

    def fixture(self) -> Any:
        def found(db: None) -> Any:
            return self.found()

        found.world = self  # type: ignore[attr-defined]
        return pytest.fixture(found)

    def found(self) -> Any:
        for world, made, _ in World.standing:
            if world is self:
                return read_anew(made)
        # Tests with the mark of the database begin their transaction before anything can stand below it.
        assert not self.below, "Worlds upon others are not for tests that are marked with django_db."
        return self.make()

    def rise(self) -> None:
        with ExitStack() as stack:
            stack.enter_context(rolled_back())
            with override_settings(LANGUAGE_CODE="en"), translation.override("en"):
                made = self.make(*(world.found() for world in self.below))
            # Otherwise every test would check at its end what waits for the end of this transaction.
            connection.check_constraints()
            World.standing.append((self, made, stack.pop_all()))


def worlds_of(item: pytest.Item) -> list[World]:
    """What a test begins with: named by its fixtures, or among its parameters."""
    assert isinstance(item, pytest.Function)
    named = item._fixtureinfo.name2fixturedefs
    asked = [getattr(named[name][-1].func, "world", None) for name in item.fixturenames if name in named]
    asked += item.callspec.params.values() if hasattr(item, "callspec") else []
    chains = ((*world.below, world) for world in asked if isinstance(world, World))
    return list(dict.fromkeys(world for chain in chains for world in chain))


def together(items: list[pytest.Item]) -> None:
    """Within a file, tests that begin alike follow one another: no world is made twice."""
    places: dict[World, int] = {}

    def key(item: pytest.Item) -> list[int]:
        return [places.setdefault(world, len(places)) for world in worlds_of(item)]

    files = [list(each) for _, each in groupby(items, key=lambda item: item.path)]
    items[:] = [item for file in files for item in sorted(file, key=key)]


def stand_on(wanted: Sequence[World]) -> None:
    """Lets these worlds stand, and no others."""
    standing = [world for world, _, _ in World.standing]
    same = len(list(takewhile(lambda pair: pair[0] is pair[1], zip(standing, wanted, strict=False))))
    if len(connection.atomic_blocks) != len(standing):
        # Somebody else's world, or a test that is marked with django_db: it makes for itself what it begins with.
        assert not standing, "A transaction was begun before the worlds below it were in order."
        return
    while len(World.standing) > same:
        World.standing.pop()[2].close()
    for world in wanted[same:]:
        world.rise()
    if wanted[same:]:
        cache.clear()
