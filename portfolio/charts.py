"""Figures of the portfolio, as plotly's JSON and as tables."""

from collections.abc import Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portfolio.models import Milestone, Project

DAY_MS = 86_400_000


def roadmap_figure(projects: Sequence[Project], milestones: Sequence[Milestone]) -> dict[str, Any]:
    """A row per project: a bar from start to results presentation, a diamond per milestone at its expected date.

    The title stands above its bar, because the diamonds would cover it inside. Texts are escaped: plotly reads a
    little HTML.
    """
    rows = {each.pk: row for row, each in enumerate(projects)}
    bars = go.Bar(
        orientation="h",
        y=list(rows.values()),
        base=[each.starts_on.isoformat() for each in projects],
        x=[(each.results_on - each.starts_on).days * DAY_MS for each in projects],
        customdata=[[escape(each.title), each.progress, each.get_light_display()] for each in projects],
        hovertemplate="%{customdata[0]}<br>%{customdata[1]} %<br>%{customdata[2]}<extra></extra>",
        width=0.36,
        name=_("Schnellboot project"),
    )
    points = go.Scatter(
        mode="markers",
        x=[(each.reached_on or each.forecast_on).isoformat() for each in milestones],
        y=[rows[each.project_id] for each in milestones],
        customdata=[[escape(each.title), each.get_status_display()] for each in milestones],
        hovertemplate="%{customdata[0]}<br>%{x|%d.%m.%Y}<br>%{customdata[1]}<extra></extra>",
        marker={"symbol": "diamond", "size": 11},
        name=_("Milestone"),
    )
    titles = go.Scatter(
        mode="text",
        x=[each.starts_on.isoformat() for each in projects],
        y=[row - 0.36 for row in rows.values()],
        text=[escape(each.title) for each in projects],
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )
    figure = go.Figure([bars, points, titles])
    figure.update_layout(
        template="none",
        barmode="overlay",
        xaxis={"type": "date", "automargin": False},
        yaxis={
            "range": [len(projects) - 0.5, -0.7],
            "automargin": False,
            "showgrid": False,
            "zeroline": False,
            "tickvals": list(rows.values()),
            "ticktext": [each.code for each in projects],
        },
        legend={"orientation": "h", "y": 1, "yanchor": "bottom"},
        # The codes beside the axis are all of one width.
        margin={"l": 112, "r": 10, "t": 36, "b": 40},
        height=96 + 64 * len(projects),
    )
    return figure.to_plotly_json()


def roadmap_table(projects: Sequence[Project]) -> dict[str, list[Any]]:
    """The same facts in words: columns and rows."""
    return {
        "columns": [
            _("Project"),
            _("Lead organisation"),
            _("Start"),
            _("Results presentation"),
            _("Progress"),
            _("Status light"),
        ],
        "rows": [
            [
                f"{each.code} {each.title}",
                str(each.organisation),
                date_format(each.starts_on, "SHORT_DATE_FORMAT"),
                date_format(each.results_on, "SHORT_DATE_FORMAT"),
                f"{each.progress} %",
                str(each.get_light_display()),
            ]
            for each in projects
        ],
    }
