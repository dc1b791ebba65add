"""Creating the schema of an empty database in seconds.

Django renders a model's whole neighbourhood anew after every operation of a migration, because an operation may need
the relations of any neighbour. With a hundred tracked models that takes most of a minute. The operations by which a
first migration builds its tables look at one model only, so here only that one is rendered.
"""

from typing import Any

from django.db import migrations
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger, RemoveTrigger

# What these do to the database is said by the operation and by its own model.
LOOKS_AT_ONE_MODEL = (
    migrations.CreateModel,
    migrations.AddField,
    migrations.AddIndex,
    migrations.RemoveIndex,
    migrations.AddConstraint,
    migrations.RemoveConstraint,
    migrations.AlterModelOptions,
    AddTrigger,
    RemoveTrigger,
)


class LeanState(ProjectState):
    """A project state that can leave the neighbours of a changed model as they were."""

    lean = False

    def reload_model(self, app_label: str, model_name: str, delay: bool = False) -> None:
        if not self.lean:
            super().reload_model(app_label, model_name, delay)
        elif "apps" in self.__dict__:
            self._reload({(app_label, model_name)})  # type: ignore[attr-defined]

    def become(self, *, lean: bool) -> None:
        if self.lean and not lean:
            # The neighbours are stale; the next look at them renders all models.
            self.__dict__.pop("apps", None)
        self.lean = lean


def _looks_at_one_model(operation: Operation) -> bool:
    if isinstance(operation, migrations.AlterField):
        # A changed key would change those of the neighbours, too.
        return not operation.field.is_relation and not operation.field.primary_key
    return type(operation) in LOOKS_AT_ONE_MODEL


class LeanExecutor(MigrationExecutor):
    """Django's executor, lean while it fills a database that nobody has migrated before."""

    def _migrate_all_forwards(self, state: ProjectState, *args: Any, **options: Any) -> ProjectState:
        if not self.loader.applied_migrations:
            state = LeanState(models=state.models, real_apps=state.real_apps)
        return super()._migrate_all_forwards(state, *args, **options)  # type: ignore[misc]

    def apply_migration(
        self, state: ProjectState, migration: Migration, *args: Any, **options: Any
    ) -> ProjectState:
        if isinstance(state, LeanState):
            state.become(lean=all(_looks_at_one_model(operation) for operation in migration.operations))
        return super().apply_migration(state, migration, *args, **options)
