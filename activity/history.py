"""The audit history of one object, as people read it: who changed which field from what to what, when."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from pghistory.models import Events

from accounts.models import User
from cesai.templatetags.figures import euro


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
    """The value as the rest of the portal writes it; audit rows hold it as JSON."""
    if value in (None, "", [], {}):
        return "–"
    labels = {str(key): label for key, label in field.flatchoices}
    if str(value) in labels:
        return str(labels[str(value)])
    with suppress(ValidationError, TypeError):
        value = field.to_python(value)
    match value:
        case bool():
            return _("Yes") if value else _("No")
        case int() if field.attname.endswith("_cents"):
            return euro(value)
        case datetime():
            return date_format(localtime(value), "SHORT_DATETIME_FORMAT")
        case date():
            return date_format(value, "SHORT_DATE_FORMAT")
        case list():
            return ", ".join(map(str, value))
    text = str(value)
    return text if len(text) <= 200 else text[:200] + "…"


def history_of(target: models.Model, limit: int = 30) -> list[Entry]:
    """The newest `limit` changes of `target`, newest first; two statements. Written by database triggers."""
    rows = list(
        Events.objects.tracks(target)
        .order_by("-pgh_created_at", "-pgh_id")
        .values("pgh_created_at", "pgh_label", "pgh_diff", "pgh_context")[:limit]
    )
    ids = {user for row in rows if (user := (row["pgh_context"] or {}).get("user")) is not None}
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
            actor = names.get(context.get("user", 0)) or _("The portal")
            what = _("Created") if created else _("Changed")
            entries.append(Entry(row["pgh_created_at"], actor, what, changes))
    return entries
