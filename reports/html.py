"""A report prepared for its page: every value written once, charts as plotly figures with their figures in words."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from reports.formats import written
from reports.structure import Chart, ChartKind, Kind, Report, Section, Series, Table, Value

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Cell:
    label: str
    text: str
    url: str
    numeric: bool


@dataclass(frozen=True, slots=True)
class ShownTable:
    key: str
    caption: str
    columns: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class ShownChart:
    """`figure` is plotly's; `rows` say the same in words, for readers without JavaScript or sight."""

    key: str
    title: str
    alt: str
    twin: str
    figure: dict[str, Any]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    height: str


@dataclass(frozen=True, slots=True)
class ShownSection:
    key: str
    title: str
    intro: str
    paragraphs: tuple[str, ...]
    tables: tuple[ShownTable, ...]
    charts: tuple[ShownChart, ...]


def sections(report: Report) -> list[ShownSection]:
    """Every chapter, in the language of the report."""
    with override(report.language):
        return [_section(section, report.language) for section in report.sections]


def facts(report: Report) -> list[dict[str, str]]:
    """Rows of `components/description_list.html`."""
    return [
        {"label": fact.label, "value": written(fact.kind, fact.value, report.language)}
        for fact in report.facts
    ]


def _section(section: Section, language: str) -> ShownSection:
    return ShownSection(
        section.key,
        section.title,
        section.intro,
        section.paragraphs,
        tuple(_table(table, language) for table in section.tables),
        tuple(_chart(chart, language) for chart in section.charts),
    )


def _table(table: Table, language: str) -> ShownTable:
    def row(values: tuple[Value, ...], missing: str | None = None) -> tuple[Cell, ...]:
        return tuple(
            Cell(
                column.label,
                missing if value is None and missing is not None else written(column.kind, value, language),
                str(value) if column.kind is Kind.LINK and value else "",
                column.kind.is_number,
            )
            for column, value in zip(table.columns, values, strict=True)
        )

    return ShownTable(
        table.key,
        table.caption,
        tuple(Cell(column.label, column.label, "", column.kind.is_number) for column in table.columns),
        tuple(row(values) for values in table.rows),
        row(table.totals, missing="") if table.totals else (),
    )


def _chart(chart: Chart, language: str) -> ShownChart:
    if chart.kind is ChartKind.GANTT:
        figure, columns, rows = _gantt(chart, language)
    else:
        figure, columns, rows = _series(chart, language)
    lines = len(chart.spans) or len(chart.categories) * max(1, len(chart.series))
    height = "tall" if lines > 16 else "small" if lines < 9 else ""
    return ShownChart(chart.key, chart.title, chart.alt, chart.twin, figure, columns, rows, height)


def _series(
    chart: Chart, language: str
) -> tuple[dict[str, Any], tuple[str, ...], tuple[tuple[str, ...], ...]]:
    data = [_trace(chart, series, language) for series in chart.series]
    bars = chart.kind is ChartKind.BAR
    layout: dict[str, Any] = {"barmode": "group"}
    layout["yaxis" if bars else "xaxis"] = {"type": "category", **({"autorange": "reversed"} if bars else {})}
    layout["xaxis" if bars else "yaxis"] = {
        "rangemode": "tozero",
        "ticksuffix": _unit(chart.value_kind),
        "exponentformat": "none",
        "separatethousands": True,
    }
    rows = tuple(
        (category, *(written(chart.value_kind, series.values[place], language) for series in chart.series))
        for place, category in enumerate(chart.categories)
    )
    return {"data": data, "layout": layout}, (_("Part"), *(series.label for series in chart.series)), rows


def _trace(chart: Chart, series: Series, language: str) -> dict[str, Any]:
    numbers = [None if value is None else _scaled(chart.value_kind, value) for value in series.values]
    text = [written(chart.value_kind, value, language) for value in series.values]
    common = {"name": series.label, "text": text, "hovertemplate": "%{text}<extra>%{fullData.name}</extra>"}
    if chart.kind is ChartKind.LINE:
        return {
            "type": "scatter",
            "mode": "lines+markers",
            "x": list(chart.categories),
            "y": numbers,
            **common,
        }
    return {
        "type": "bar",
        "orientation": "h",
        "y": list(chart.categories),
        "x": numbers,
        "textposition": "none",
        **common,
    }


def _gantt(
    chart: Chart, language: str
) -> tuple[dict[str, Any], tuple[str, ...], tuple[tuple[str, ...], ...]]:
    places = [f"{number}. {span.label}" for number, span in enumerate(chart.spans, start=1)]
    bars = [(place, span) for place, span in zip(places, chart.spans, strict=True) if span.start != span.end]
    points = [
        (place, span) for place, span in zip(places, chart.spans, strict=True) if span.start == span.end
    ]
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "y": [place for place, _span in bars],
            "base": [span.start.isoformat() for _place, span in bars],
            "x": [(span.end - span.start).days * DAY_MS for _place, span in bars],
            "hovertemplate": "%{y}<extra></extra>",
            "showlegend": False,
        },
        {
            "type": "scatter",
            "mode": "markers",
            "marker": {"symbol": "diamond", "size": 11},
            "y": [place for place, _span in points],
            "x": [span.end.isoformat() for _place, span in points],
            "text": [span.note for _place, span in points],
            "hovertemplate": "%{y}: %{x} %{text}<extra></extra>",
            "showlegend": False,
        },
    ]
    layout = {
        "xaxis": {"type": "date"},
        "yaxis": {"autorange": "reversed", "categoryorder": "array", "categoryarray": places},
    }
    rows = tuple(
        (
            span.label,
            written(Kind.DATE, span.start, language),
            written(Kind.DATE, span.end, language),
            span.note,
        )
        for span in chart.spans
    )
    columns = (_("Step"), _("From"), _("Until"), _("Status"))
    return {"data": data, "layout": layout}, columns, rows


def _scaled(kind: Kind, value: Any) -> float:
    return float(value) / 100 if kind in (Kind.EURO_CENTS, Kind.PERCENT) else float(value)


def _unit(kind: Kind) -> str:
    return {Kind.EURO_CENTS: " €", Kind.PERCENT: " %"}.get(kind, "")
