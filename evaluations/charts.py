"""Figures of the evaluations, as plotly's JSON and as tables."""

import textwrap
from collections.abc import Sequence
from html import escape
from typing import Any

from django.utils.translation import gettext as _

from evaluations.comparing import Row
from evaluations.leaderboard import Entry
from evaluations.models import Score
from evaluations.presenting import metric_label, percent
from evaluations.wording import interval_text, is_share, signed

# More rows than this cannot be read in a chart; the table has all of them.
MOST_ROWS = 40
ROW_HEIGHT, LABEL_LINE_HEIGHT = 34, 18
LABEL_WIDTH, MOST_LABEL_LINES = 24, 4


def difference_chart(rows: Sequence[Row]) -> dict[str, Any]:
    """Difference of two releases per task with its 95 % interval around the line of no difference."""
    shown = [row for row in rows if is_share(row.second)][:MOST_ROWS]
    labels = [str(row.second.task) for row in shown]
    differences = [100 * row.comparison.difference for row in shown]
    figure = _intervals(
        labels,
        differences,
        [100 * row.comparison.interval.low for row in shown],
        [100 * row.comparison.interval.high for row in shown],
        [
            f"{signed(row.comparison.difference, True)} ({interval_text(row.comparison.interval, True)})"
            for row in shown
        ],
        _("Percentage points"),
    )
    figure["layout"]["xaxis"] |= {"zeroline": True, "zerolinewidth": 2}
    return {
        "figure": figure,
        "columns": [_("Task"), _("Difference"), _("95 percent interval")],
        "rows": [
            [
                str(row.second.task),
                signed(row.comparison.difference, is_share(row.second)),
                interval_text(row.comparison.interval, is_share(row.second)),
            ]
            for row in rows
        ],
    }


def rank_chart(entries: Sequence[Entry]) -> dict[str, Any]:
    """Ranks that each release may have, best on top."""
    shown = entries[:MOST_ROWS]
    figure = _intervals(
        [str(entry.run.release) for entry in shown],
        [(entry.standing.best_rank + entry.standing.worst_rank) / 2 for entry in shown],
        [entry.standing.best_rank for entry in shown],
        [entry.standing.worst_rank for entry in shown],
        [entry.ranks for entry in shown],
        _("Rank"),
    )
    # A point between two possible ranks would look like an estimate.
    figure["data"][0]["marker"]["opacity"] = [
        float(entry.standing.best_rank == entry.standing.worst_rank) for entry in shown
    ]
    figure["layout"]["xaxis"] |= {"dtick": max(1, len(shown) // 10), "range": [0.5, len(shown) + 0.5]}
    return {
        "figure": figure,
        "columns": [_("Release"), _("Possible ranks"), _("Mean of the tasks")],
        "rows": [[str(entry.run.release), entry.ranks, entry.mean] for entry in entries],
    }


def score_chart(scores: Sequence[Score]) -> dict[str, Any] | None:
    """Scores of one run with their 95 % intervals; None when none of them is a share with an interval."""
    found = [
        (f"{score.task}, {metric_label(score.metric)}", score, interval)
        for score in scores
        if is_share(score) and (interval := score.interval)
    ]
    if not found:
        return None
    shown = found[:MOST_ROWS]
    texts = [
        _("%(low)s to %(high)s") % {"low": percent(interval.low), "high": percent(interval.high)}
        for _label, _score, interval in found
    ]
    return {
        "figure": _intervals(
            [label for label, _score, _interval in shown],
            [100 * score.value for _label, score, _interval in shown],
            [100 * interval.low for _label, _score, interval in shown],
            [100 * interval.high for _label, _score, interval in shown],
            texts[: len(shown)],
            _("Percent"),
        ),
        "columns": [_("Task"), _("Score"), _("95 percent interval")],
        "rows": [
            [label, percent(score.value), text]
            for (label, score, _interval), text in zip(found, texts, strict=True)
        ],
    }


def _intervals(
    labels: list[str], values: list[float], low: list[float], high: list[float], texts: list[str], title: str
) -> dict[str, Any]:
    """A point with its interval per row, the first on top."""
    places = list(range(len(labels)))
    told = [_lines(label) for label in labels]
    row_height = max([ROW_HEIGHT, *(10 + LABEL_LINE_HEIGHT * len(lines) for lines in told)])
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "markers",
                "x": values,
                "y": places,
                "text": [
                    f"{escape(label)}<br>{escape(text)}" for label, text in zip(labels, texts, strict=True)
                ],
                "hovertemplate": "%{text}<extra></extra>",
                "marker": {"size": 10},
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": [end - value for end, value in zip(high, values, strict=True)],
                    "arrayminus": [value - start for start, value in zip(low, values, strict=True)],
                    "thickness": 2,
                },
            }
        ],
        "layout": {
            "showlegend": False,
            "xaxis": {"title": {"text": title}, "zeroline": False},
            "yaxis": {
                "range": [len(labels) - 0.4, -0.6],
                "tickvals": places,
                "ticktext": ["<br>".join(escape(line) for line in lines) for lines in told],
                "automargin": True,
                "zeroline": False,
                "showgrid": False,
            },
            "height": 96 + row_height * max(1, len(labels)),
            "margin": {"l": 10, "r": 16, "t": 8, "b": 48},
        },
    }


def _lines(label: str) -> list[str]:
    """Short lines, few enough to be read, which leave room for the plot on a phone."""
    return textwrap.wrap(label, LABEL_WIDTH, max_lines=MOST_LABEL_LINES, placeholder=" …") or [""]
