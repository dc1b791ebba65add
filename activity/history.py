"""The audit history of one object, as people read it: who changed which field from what to what, when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from pghistory.models import Events

from accounts.models import User


@dataclass(frozen=True)
class Change:
    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    when: datetime
    who: str
    what: str
    changes: list[Change]


def _shown(field: models.Field, value: Any) -> str:
    if value in (None, ""):
        return "–"
    labels = {str(key): label for key, label in field.flatchoices}
    text = str(labels.get(str(value), value))
    return text if len(text) <= 200 else text[:200] + "…"


def history_of(target: models.Model, limit: int = 30) -> list[Entry]:
    """The newest `limit` changes of `target`, newest first; two statements. Written by database triggers."""
    rows = list(
        Events.objects.tracks(target)
        .order_by("-pgh_created_at", "-pgh_id")
        .values("pgh_created_at", "pgh_label", "pgh_diff", "pgh_context")[:limit]
    )
    ids = {(row["pgh_context"] or {}).get("user") for row in rows} - {None}
    names = dict(User.objects.filter(pk__in=ids).values_list("pk", "full_name"))
    fields = {field.attname: field for field in target._meta.concrete_fields}
    entries = []
    for row in rows:
        context = row["pgh_context"] or {}
        changes = [
            Change(str(fields[name].verbose_name), _shown(fields[name], old), _shown(fields[name], new))
            for name, (old, new) in (row["pgh_diff"] or {}).items()
            if name in fields
        ]
        created = row["pgh_label"] == "insert"
        if created or changes:
            actor = names.get(context.get("user")) or _("The portal")
            what = _("Created") if created else _("Changed")
            entries.append(Entry(row["pgh_created_at"], actor, what, changes))
    return entries
