"""The schema that the lean executor builds is the one that Django's own executor builds."""

import os
import subprocess
import sys

import psycopg
import pytest

from cesai.embedded.environment import ROOT
from cesai.embedded.testing import throwaway_postgres

# Up to the portfolio: tables, relations across apps, indexes, constraints, triggers and a data migration.
MIGRATE = """
import django
django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from cesai.lib.migrating import LeanExecutor
executor = {executor}(connection)
executor.migrate([key for key in executor.loader.graph.leaf_nodes() if key[0] in {{"accounts", "portfolio"}}])
"""
CATALOGUE = {
    "columns": """
        SELECT table_name, column_name, column_default, is_nullable, data_type, character_maximum_length, is_identity
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": """
        SELECT pg_get_triggerdef(pg_trigger.oid), prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
        WHERE NOT tgisinternal""",
    "migrations": "SELECT app, name FROM django_migrations",
    "legal pages": "SELECT slug, title_de FROM accounts_staticpage",
}


def schema(executor: str) -> dict[str, set[tuple[object, ...]]]:
    with throwaway_postgres() as url:
        subprocess.run(
            [sys.executable, "-c", MIGRATE.format(executor=executor)],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "cesai.settings"},
            check=True,
        )
        with psycopg.connect(url) as connection:
            return {name: set(connection.execute(query)) for name, query in CATALOGUE.items()}


@pytest.mark.slow
def test_the_lean_executor_builds_the_schema_of_djangos_own() -> None:
    lean, plain = schema("LeanExecutor"), schema("MigrationExecutor")
    for name, rows in plain.items():
        assert rows, name
        assert lean[name] == rows, name
