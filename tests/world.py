"""The demo as a world for tests that visit every page: loaded once, rolled back at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import transaction
from django.test import override_settings


@contextmanager
def demo_world() -> Iterator[None]:
    """Everything that `manage.py demo` loads, inside a transaction that is rolled back."""
    with transaction.atomic():
        with override_settings(DEMO=True):
            call_command("demo", verbosity=0)
        yield
        transaction.set_rollback(True)
