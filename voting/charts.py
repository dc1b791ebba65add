"""Figures of voting, as plotly's JSON."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from cesai.templatetags.figures import grouped
from voting.models import ResultItem

# More bars than this cannot be read; the table has all rows.
MOST_BARS = 40


def result_figure(items: Sequence[ResultItem], unit: str) -> dict[str, Any]:
    """Votes per item, funded and not funded, most votes on top: `figure` for plotly, `columns` and `rows` for its table."""
    ordered = sorted(items, key=lambda each: (-each.votes, each.item.code))
    shown = ordered[:MOST_BARS]
    series = [(_("Funded"), True), (_("Not funded"), False)]
    return {
        "figure": {
            "data": [
                {
                    "type": "bar",
                    "orientation": "h",
                    "name": name,
                    "y": [each.item.code for each in shown if each.won is won],
                    "x": [each.votes for each in shown if each.won is won],
                    "text": [_short(each.item.title) for each in shown if each.won is won],
                    "customdata": [grouped(each.item.cost) for each in shown if each.won is won],
                    "textposition": "none",
                    "hovertemplate": "%{text}<br>%{x} "
                    + _("votes")
                    + " · %{customdata} "
                    + unit
                    + "<extra>%{fullData.name}</extra>",
                    **({} if won else {"marker": {"pattern": {"shape": "/"}}}),
                }
                for name, won in series
            ],
            "layout": {
                "barmode": "stack",
                "yaxis": {
                    "type": "category",
                    "categoryorder": "array",
                    "categoryarray": [each.item.code for each in reversed(shown)],
                },
                "xaxis": {"rangemode": "tozero", "title": {"text": _("Votes")}},
            },
        },
        "columns": [_("Item"), _("Votes"), _("Cost (%(unit)s)") % {"unit": unit}, _("Result")],
        "rows": [
            [
                str(each.item),
                grouped(each.votes),
                grouped(each.item.cost),
                _("Funded") if each.won else _("Not funded"),
            ]
            for each in ordered
        ],
    }


def _short(title: str) -> str:
    return title if len(title) <= 60 else title[:59] + "…"
