"""How many statements a page may cost: `tests/query_budgets.json` keeps one number per name.

`CESAI_WRITE_BUDGETS=1` writes what the tests measure; read the difference before you commit it.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

FILE = Path(__file__).with_name("query_budgets.json")
# Signing in costs every page the same: the session, the person and the memberships behind the roles.
SIGN_IN = ('FROM "django_session"', 'FROM "accounts_user" WHERE "accounts_user"."id" = ')
BOUNDARIES = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


class Statements(list[str]):
    """The SQL that ran inside `counting`, without sign-in and without transaction boundaries."""


@contextmanager
def counting() -> Iterator[Statements]:
    found = Statements()
    with CaptureQueriesContext(connection) as captured:
        yield found
    found.extend(
        query["sql"]
        for query in captured.captured_queries
        if not query["sql"].startswith(BOUNDARIES) and not any(part in query["sql"] for part in SIGN_IN)
    )


@contextmanager
def budget(name: str) -> Iterator[Statements]:
    """Fails when the block runs more statements than the file grants `name`, and lists them."""
    with counting() as found:
        yield found
    budgets = json.loads(FILE.read_text())
    if os.environ.get("CESAI_WRITE_BUDGETS"):
        FILE.write_text(json.dumps(budgets | {name: len(found)}, indent=2, sort_keys=True) + "\n")
        return
    if name not in budgets:
        pytest.fail(f"{name} has no budget in {FILE.name}; it ran {len(found)} statements.")
    if len(found) > budgets[name]:
        listed = "\n".join(f"  {number}. {sql[:300]}" for number, sql in enumerate(found, 1))
        pytest.fail(f"{name} may run {budgets[name]} statements and ran {len(found)}:\n{listed}")
