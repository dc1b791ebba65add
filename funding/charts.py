"""Figures of funding, as plotly's JSON."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cesai.templatetags.figures import euro
from funding.budget import Budget


def years_figure(budget: Budget) -> dict[str, Any]:
    """Approved and spent per calendar year: `figure` for plotly (euro), `columns` and `rows` for its table."""
    years = [str(year) for year in budget.years]
    series = [
        (pgettext("money", "Approved"), [approved for approved, _spent in budget.years.values()]),
        (_("Spent"), [spent for _approved, spent in budget.years.values()]),
    ]
    return {
        "figure": {
            "data": [
                {
                    "type": "bar",
                    "name": name,
                    "x": years,
                    "y": [cents / 100 for cents in values],
                    "text": [euro(cents) for cents in values],
                    "hovertemplate": "%{x}: %{text}<extra>%{fullData.name}</extra>",
                    "textposition": "none",
                }
                for name, values in series
            ],
            "layout": {
                "barmode": "group",
                "xaxis": {"type": "category"},
                "yaxis": {
                    "ticksuffix": " €",
                    "rangemode": "tozero",
                    "exponentformat": "none",
                    "separatethousands": True,
                },
            },
        },
        "columns": [_("Year"), *(name for name, _values in series)],
        "rows": [
            [year, *(euro(values[place]) for _name, values in series)] for place, year in enumerate(years)
        ],
    }
