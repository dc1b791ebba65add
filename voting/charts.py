"""Figures of voting, as plotly's JSON."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Organisation
from cesai.templatetags.figures import grouped
from voting.models import Result, ResultItem
from voting.outcome import percent

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


def robustness_figure(result: Result, items: Sequence[ResultItem]) -> dict[str, Any] | None:
    """How often each item won in repeated counts, most often on top; None where nothing was repeated."""
    if not result.robustness:
        return None
    times, wins = result.robustness["resamples"], result.robustness["wins"]
    ordered = sorted(items, key=lambda each: (-wins[each.item.code], -each.votes, each.item.code))
    shown = ordered[:MOST_BARS]
    return {
        "resamples": times,
        "figure": {
            "data": [
                {
                    "type": "bar",
                    "orientation": "h",
                    "name": name,
                    "y": [each.item.code for each in shown if each.won is won],
                    "x": [wins[each.item.code] * 100 / times for each in shown if each.won is won],
                    "text": [_short(each.item.title) for each in shown if each.won is won],
                    "textposition": "none",
                    "hovertemplate": "%{text}<br>%{x:.1f} %<extra>%{fullData.name}</extra>",
                    **({} if won else {"marker": {"pattern": {"shape": "/"}}}),
                }
                for name, won in [(_("Funded"), True), (_("Not funded"), False)]
            ],
            "layout": {
                "barmode": "stack",
                "yaxis": {
                    "type": "category",
                    "categoryorder": "array",
                    "categoryarray": [each.item.code for each in reversed(shown)],
                },
                "xaxis": {"range": [0, 100], "title": {"text": _("Percent of the counts")}},
            },
        },
        "columns": [_("Item"), _("Funded in repeated counts"), _("Result")],
        "rows": [
            [
                str(each.item),
                _("%(wins)s of %(times)s") % {"wins": grouped(wins[each.item.code]), "times": grouped(times)},
                _("Funded") if each.won else _("Not funded"),
            ]
            for each in ordered
        ],
    }


def satisfaction_figure(result: Result) -> dict[str, Any] | None:
    """Organisations of each size with something funded; None where too few voted to say anything."""
    classes = (result.satisfaction or {}).get("classes")
    if not classes:
        return None
    names = [", ".join(_short_size(size) for size in each["sizes"]) for each in classes]
    return {
        "figure": {
            "data": [
                {
                    "type": "bar",
                    "orientation": "h",
                    "y": [name.replace(", ", ",<br>") for name in reversed(names)],
                    "x": [each["served"] * 100 / each["voters"] for each in reversed(classes)],
                    "hovertemplate": "%{y}<br>%{x:.0f} %<extra></extra>",
                }
            ],
            "layout": {
                "yaxis": {"type": "category", "automargin": True},
                "xaxis": {"range": [0, 100], "title": {"text": _("In percent")}},
            },
        },
        "columns": [
            _("Size"),
            _("Organisations that voted"),
            _("With a funded item"),
            _("In percent"),
        ],
        "rows": [
            [
                name,
                grouped(each["voters"]),
                grouped(each["served"]),
                f"{percent(each['served'], each['voters'])} %",
            ]
            for name, each in zip(names, classes, strict=True)
        ],
    }


def _short_size(size: str) -> str:
    """The label without the number of people in brackets."""
    if size == Organisation.SizeClass.NONE:
        return _("No size class")
    return str(Organisation.SizeClass(size).label).partition(" (")[0]


def _short(title: str) -> str:
    return title if len(title) <= 60 else title[:59] + "…"
