from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class EvaluationsConfig(AppConfig):
    name = "evaluations"
    verbose_name = _("Evaluation")

    def ready(self) -> None:
        from activity.sentences import register
        from evaluations.sentences import SENTENCES

        register(SENTENCES)
        # The shipped suites belong to the code, as permissions do: they are there as soon as their tables are.
        post_migrate.connect(_sync_catalogue, sender=self)


def _sync_catalogue(**kwargs: Any) -> None:
    from django.db import connection

    from evaluations.actions.catalogue import sync_catalogue
    from evaluations.models import Task

    # A migration to a state before this app leaves nothing to fill.
    if Task._meta.db_table in connection.introspection.table_names():
        sync_catalogue()
