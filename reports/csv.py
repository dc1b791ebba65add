"""The tables of a report as CSV: one file per table, or all of them in one ZIP file.

A German file is what a German spreadsheet opens by double click: UTF-8 with a byte order mark,
``;`` between values, a decimal comma. An English file has ``,`` and a decimal point. Numbers carry
no unit and no grouping; the unit stands in the heading. Days are ISO 8601. Totals are left out:
whoever adds up a column would count them twice.
"""

import csv
import io
import zipfile

from reports.formats import plain
from reports.structure import Column, Kind, Report, Table, Value

UNITS = {Kind.EURO_CENTS: " (EUR)", Kind.PERCENT: " (%)"}

# Spreadsheets run a cell that starts like this as a formula, even from a CSV file.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def render_table(table: Table, language: str) -> bytes:
    """The heading and the rows."""
    mark, separator = (",", ";") if language == "de" else (".", ",")
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow([_text(column.label + UNITS.get(column.kind, "")) for column in table.columns])
    for row in table.rows:
        writer.writerow(
            [_cell(column, value, mark) for column, value in zip(table.columns, row, strict=True)]
        )
    return out.getvalue().encode("utf-8-sig")


def render_all(report: Report) -> bytes:
    """A ZIP file with one CSV file per table, numbered in reading order; equal reports give equal bytes."""
    out = io.BytesIO()
    moment = (report.as_of.year, report.as_of.month, report.as_of.day, 0, 0, 0)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, table in enumerate(report.tables, start=1):
            entry = zipfile.ZipInfo(f"{number:02}-{table.key}.csv", moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, render_table(table, report.language))
    return out.getvalue()


def _cell(column: Column, value: Value, mark: str) -> str:
    text = plain(column.kind, value, mark)
    # Only text that people typed can be hostile; a number keeps its minus sign.
    return text if column.kind.is_number else _text(text)


def _text(text: str) -> str:
    return "'" + text if text.startswith(_FORMULA_STARTS) else text
