"""A report as one PDF file that declares PDF/UA-1 and PDF/A-3a and carries its own data.

The file is tagged, made without system fonts or network, and has the canonical JSON of the same
report attached, so it stays readable for people and for programs. Nothing in the report can become
markup or read a file: the template gets data only, and its root is its own folder.
"""

import datetime
import json
from pathlib import Path
from typing import Any

from django.utils.translation import gettext, override

from cesai.lib.print import clean, compiled, covered
from reports import json as canonical
from reports import svg
from reports.formats import written
from reports.structure import Chart, Kind, Report, Table, Value

FOLDER = Path(__file__).parent / "typst"
AUTHOR = "CESAI"
# More columns than this do not fit beside each other on an upright page in a size that people can read.
MOST_COLUMNS_UPRIGHT = 7


def render(report: Report) -> bytes:
    """Equal reports give equal bytes: the file carries the report's own day, not the clock."""
    with override(report.language):
        inputs = {
            "report": json.dumps(_document(report), ensure_ascii=False),
            "attachment": canonical.render(report).decode(),
        }
    moment = datetime.datetime.combine(report.as_of, datetime.time(), datetime.UTC)
    return compiled(FOLDER / "report.typ", inputs, moment, ["ua-1", "a-3a"])


def _document(report: Report) -> dict[str, Any]:
    language = report.language
    as_of = written(Kind.DATE, report.as_of, language)
    return {
        "language": language,
        "author": AUTHOR,
        "title": clean(report.title),
        "subtitle": clean(report.subtitle),
        "landscape": any(len(table.columns) > MOST_COLUMNS_UPRIGHT for table in report.tables),
        "as_of": [report.as_of.year, report.as_of.month, report.as_of.day],
        "as_of_text": gettext("As of %(day)s") % {"day": as_of},
        "page_of": gettext("Page {page} of {pages}"),
        "table_word": gettext("Table"),
        "chart_word": gettext("Figure"),
        "attachment_name": f"{report.key}-{report.as_of.isoformat()}.json",
        "attachment_description": gettext("The figures of this report as data"),
        "fact_header": [gettext("Particular"), gettext("Value")],
        "facts": [
            {
                "label": clean(fact.label),
                "kind": fact.kind.value,
                "value": _cell(fact.kind, fact.value, language),
            }
            for fact in report.facts
        ],
        "sections": [
            {
                "title": clean(section.title),
                "intro": clean(section.intro),
                "paragraphs": [clean(text) for text in section.paragraphs],
                "tables": [_table(table, language) for table in section.tables],
                "charts": [_chart(chart, language) for chart in section.charts],
            }
            for section in report.sections
        ],
    }


def _table(table: Table, language: str) -> dict[str, Any]:
    kinds = [column.kind for column in table.columns]
    return {
        "caption": clean(table.caption),
        "columns": [
            {
                "label": clean(column.label),
                "kind": column.kind.value,
                "number": column.kind.is_number,
                "weight": _weight(table, number),
            }
            for number, column in enumerate(table.columns)
        ],
        "rows": [
            [_cell(kind, value, language) for kind, value in zip(kinds, row, strict=True)]
            for row in table.rows
        ],
        # A column without a sum stays empty: a dash would say that the sum is not known.
        "totals": [
            {"text": "", "url": None} if value is None else _cell(kind, value, language)
            for kind, value in zip(kinds, table.totals, strict=False)
        ],
    }


def _weight(table: Table, number: int) -> int:
    """The column's share of the free width; 0 for one that is as wide as what it holds."""
    if table.columns[number].kind not in (Kind.TEXT, Kind.LINK):
        return 0
    longest = max((len(str(row[number] or "")) for row in table.rows), default=0)
    return min(longest, 60) if longest > 12 else 0


def _cell(kind: Kind, value: Value, language: str) -> dict[str, str | None]:
    url = value if kind is Kind.LINK and isinstance(value, str) else None
    text = written(kind, value, language)
    return {"text": text if kind.is_number else clean(text), "url": url}


def _chart(chart: Chart, language: str) -> dict[str, Any]:
    return {
        "title": clean(chart.title),
        "alt": clean(chart.alt),
        "svg": svg.render(chart, language, clean=covered),
    }
