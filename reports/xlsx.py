"""A report as a workbook: a cover sheet, then one sheet per table, with numbers that add up in a cell."""

import datetime
import io
import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext, override

from reports.structure import Column, Kind, Report, Section, Table, Value

# Limits of the file format.
MAX_TEXT = 32_767
MAX_SHEET_NAME = 31

NUMBER_FORMATS = {
    Kind.EURO_CENTS: '#,##0.00\\ "€";[Red]\\-#,##0.00\\ "€"',
    Kind.PERCENT: "0.00%",
    Kind.INTEGER: "#,##0",
    Kind.DECIMAL: "#,##0.######",
    Kind.DATE: "dd.mm.yyyy",
}
WIDTHS = {
    Kind.EURO_CENTS: 18,
    Kind.PERCENT: 12,
    Kind.INTEGER: 12,
    Kind.DECIMAL: 14,
    Kind.DATE: 13,
    Kind.LINK: 50,
}


def render(report: Report) -> bytes:
    """Equal reports give equal bytes. Text is only ever text: no formula and no live link is made of it."""
    # 4 MB of every process that holds it, and few ever write a workbook.
    import xlsxwriter

    out = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with override(report.language), xlsxwriter.Workbook(out, options) as book:
        moment = datetime.datetime.combine(report.as_of, datetime.time())
        book.set_properties({"title": report.title, "subject": report.subtitle, "created": moment})
        styles = _Styles(book)
        names = _sheet_names(report)
        _write_cover(book.add_worksheet(gettext("Overview")), report, names, styles)
        for table in report.tables:
            _write_table(book.add_worksheet(names[table.key]), table, styles)
    return out.getvalue()


class _Styles:
    """The cell formats of one workbook: plain and bold, per kind of value."""

    def __init__(self, book: Any) -> None:
        self.title = book.add_format({"bold": True, "font_size": 16})
        self.heading = book.add_format({"bold": True, "font_size": 12})
        self.header = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E4E9EF", "bottom": 1}
        )
        self.label = book.add_format({"bold": True, "valign": "top"})
        self.cell = {kind: book.add_format(self._of(kind)) for kind in Kind}
        self.total = {kind: book.add_format({**self._of(kind), "bold": True, "top": 1}) for kind in Kind}

    @staticmethod
    def _of(kind: Kind) -> dict[str, Any]:
        if kind in NUMBER_FORMATS:
            return {"valign": "top", "num_format": NUMBER_FORMATS[kind], "align": "right"}
        return {"valign": "top", "text_wrap": True}


def _write_cover(sheet: Any, report: Report, names: dict[str, str], styles: _Styles) -> None:
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 90)
    sheet.hide_gridlines(2)
    _write_text(sheet, 0, 0, report.title, styles.title)
    _write_text(sheet, 1, 0, report.subtitle, None)
    line = 3
    for fact in report.facts:
        _write_text(sheet, line, 0, fact.label, styles.label)
        _write_value(sheet, line, 1, fact.kind, fact.value, styles.cell[fact.kind])
        line += 1
    for section in report.sections:
        line = _write_section(sheet, line + 1, section, names, styles)


def _write_section(sheet: Any, line: int, section: Section, names: dict[str, str], styles: _Styles) -> int:
    _write_text(sheet, line, 0, section.title, styles.heading)
    line += 1
    for text in (section.intro, *section.paragraphs):
        if text:
            _write_text(sheet, line, 1, text, styles.cell[Kind.TEXT])
            line += 1
    for table in section.tables:
        _write_text(sheet, line, 0, names[table.key], None)
        _write_text(sheet, line, 1, table.caption, styles.cell[Kind.TEXT])
        line += 1
    return line


def _write_table(sheet: Any, table: Table, styles: _Styles) -> None:
    for number, column in enumerate(table.columns):
        sheet.set_column(number, number, _width(table, number, column))
    sheet.freeze_panes(1, 0)
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    for number, column in enumerate(table.columns):
        _write_text(sheet, 0, number, column.label, styles.header)
    for line, row in enumerate(table.rows, start=1):
        for number, (column, value) in enumerate(zip(table.columns, row, strict=True)):
            _write_value(sheet, line, number, column.kind, value, styles.cell[column.kind])
    for number, (column, value) in enumerate(zip(table.columns, table.totals, strict=False)):
        _write_value(sheet, len(table.rows) + 1, number, column.kind, value, styles.total[column.kind])


def _width(table: Table, number: int, column: Column) -> int:
    if column.kind in WIDTHS:
        return WIDTHS[column.kind]
    longest = max((len(str(row[number] or "")) for row in table.rows), default=0)
    return min(60, max(12, len(column.label) + 2, longest + 2))


def _write_value(sheet: Any, line: int, column: int, kind: Kind, value: Value, style: Any) -> None:
    match kind, value:
        case _, None:
            sheet.write_blank(line, column, None, style)
        case Kind.EURO_CENTS, int():
            # A cell holds a double: exact to the cent up to 90 trillion euro.
            sheet.write_number(line, column, value / 100, style)
        case Kind.PERCENT, int():
            sheet.write_number(line, column, value / 10_000, style)
        case _, int() | Decimal():
            sheet.write_number(line, column, value, style)
        case _, datetime.date():
            sheet.write_datetime(line, column, value, style)
        case _, str():
            _write_text(sheet, line, column, value, style)


def _write_text(sheet: Any, line: int, column: int, text: str, style: Any) -> None:
    if len(text) > MAX_TEXT:
        text = text[: MAX_TEXT - 1] + "…"
    sheet.write_string(line, column, text, style)


def _sheet_names(report: Report) -> dict[str, str]:
    """A name per table that Excel accepts and that stays unique, in whatever language the caption is."""
    names: dict[str, str] = {}
    for number, table in enumerate(report.tables, start=1):
        caption = re.sub(r"[\[\]:*?/\\\x00-\x1f']", " ", table.caption).strip() or table.key
        names[table.key] = f"{number} {caption}"[:MAX_SHEET_NAME].strip()
    return names
