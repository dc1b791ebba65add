"""Figures of the portfolio, as plotly's JSON and as tables."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portfolio.models import Milestone, Project

DAY_MS = 86_400_000


def roadmap_figure(projects: Sequence[Project], milestones: Sequence[Milestone]) -> dict[str, Any]:
    """Bars from start to results presentation (date axis), a diamond per milestone at its expected date."""
    codes = {each.pk: each.code for each in projects}
    bars = go.Bar(
        orientation="h",
        y=[each.code for each in projects],
        base=[each.starts_on.isoformat() for each in projects],
        x=[(each.results_on - each.starts_on).days * DAY_MS for each in projects],
        customdata=[[each.title, each.progress, each.get_light_display()] for each in projects],
        hovertemplate="%{customdata[0]}<br>%{customdata[1]} %<br>%{customdata[2]}<extra></extra>",
        text=[each.title for each in projects],
        textposition="inside",
        insidetextanchor="start",
        name=_("Schnellboot project"),
    )
    points = go.Scatter(
        mode="markers",
        x=[(each.reached_on or each.forecast_on).isoformat() for each in milestones],
        y=[codes[each.project_id] for each in milestones],
        customdata=[[each.title, each.get_status_display()] for each in milestones],
        hovertemplate="%{customdata[0]}<br>%{x|%d.%m.%Y}<br>%{customdata[1]}<extra></extra>",
        marker={"symbol": "diamond", "size": 11},
        name=_("Milestone"),
    )
    figure = go.Figure([bars, points])
    figure.update_layout(
        template="none",
        barmode="overlay",
        xaxis={"type": "date"},
        yaxis={"autorange": "reversed", "automargin": True},
        legend={"orientation": "h", "y": 1.12},
        margin={"l": 10, "r": 10, "t": 10, "b": 40},
        height=110 + 44 * max(len(projects), 2),
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
