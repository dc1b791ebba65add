"""Who used what in which month, for people, files and the API alike."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from cesai.templatetags.figures import euro
from evaluations.accounting import Mark, Usage, grouped
from evaluations.models import Attempt

COLUMNS = (
    "month",
    "run__project__code",
    "run__project__title",
    "run__gpu_class__code",
    "run__gpu_class__title",
)


def attempts_for(user: User) -> QuerySet[Attempt]:
    """All attempts for readers of money; for a project's lead those charged to the projects it leads."""
    attempts = Attempt.objects.all()
    if user.is_superuser or user.has_role(Role.PROGRAMME_MANAGER, Role.FINANCE, Role.AUDITOR):
        return attempts
    return attempts.filter(run__project__lead=user)


@dataclass(frozen=True, slots=True)
class Line:
    """One month of one project on one class; `project` empty is CESAI itself."""

    month: date
    project: str
    project_title: str
    gpu_class: str
    class_title: str
    usage: Usage


def lines(attempts: QuerySet[Attempt]) -> list[Line]:
    """Newest month first. One statement."""
    found = [
        Line(month, project or "", title or "", code or "", name or "", usage)
        for (month, project, title, code, name), usage in grouped(attempts, *COLUMNS)
    ]
    return sorted(found, key=lambda line: (-line.month.toordinal(), line.project, line.gpu_class))


def mark_label(mark: Mark) -> str:
    return {Mark.MEASURED: _("measured"), Mark.ESTIMATED: _("estimated"), Mark.UNKNOWN: _("unknown")}[mark]


MARK_TONES = {Mark.MEASURED: "success", Mark.ESTIMATED: "info", Mark.UNKNOWN: "warning"}


def months_figure(found: list[Line]) -> dict[str, Any]:
    """Euro per month and project: `figure` for plotly, `columns` and `rows` for its table. Only known cost is drawn."""
    months = sorted({line.month for line in found})
    names = sorted({line.project for line in found})
    known = {
        (month, name): sum(line.usage.cents for line in found if (line.month, line.project) == (month, name))
        for month in months
        for name in names
    }
    labels = [date_format(month, "M Y") for month in months]
    return {
        "figure": {
            "data": [
                {
                    "type": "bar",
                    "name": name or "CESAI",
                    "x": labels,
                    "y": [known[month, name] / 100 for month in months],
                    "text": [euro(known[month, name]) for month in months],
                    "textposition": "none",
                    "hovertemplate": "%{x}: %{text}<extra>%{fullData.name}</extra>",
                }
                for name in names
            ],
            "layout": {
                "barmode": "stack",
                "xaxis": {"type": "category"},
                "yaxis": {"ticksuffix": " €", "rangemode": "tozero", "separatethousands": True},
            },
        },
        "columns": [_("Month"), *(name or "CESAI" for name in names)],
        "rows": [
            [label, *(euro(known[month, name]) for name in names)]
            for month, label in zip(months, labels, strict=True)
        ],
    }


HEADINGS = [
    *("month", "project", "gpu_class", "attempts", "gpu_seconds", "device_seconds", "time"),
    *("cost_cents", "cost", "energy_kwh", "energy", "attempts_without_price", "attempts_without_energy"),
]


def as_rows(found: list[Line]) -> Iterator[dict[str, Any]]:
    """Plain values under `HEADINGS`; what is unknown is None. `time`, `cost` and `energy` say how well each is known."""
    for line in found:
        usage = line.usage
        yield {
            "month": line.month.strftime("%Y-%m"),
            "project": line.project,
            "gpu_class": line.gpu_class,
            "attempts": usage.attempts,
            "gpu_seconds": round(usage.gpu_seconds, 1),
            "device_seconds": round(usage.device_seconds, 1),
            "time": str(usage.time_mark),
            "cost_cents": usage.known_cents,
            "cost": str(usage.cost_mark),
            "energy_kwh": None if usage.kwh is None else round(usage.kwh, 6),
            "energy": str(usage.energy_mark),
            "attempts_without_price": usage.unpriced,
            "attempts_without_energy": usage.without_energy,
        }


def as_csv(found: list[Line]) -> str:
    """UTF-8 text with a heading line; an unknown value is an empty cell, never 0."""
    out = StringIO()
    writer = csv.DictWriter(out, HEADINGS)
    writer.writeheader()
    writer.writerows(as_rows(found))
    return out.getvalue()
