"""A report as one PDF file that declares PDF/UA-1 and PDF/A-3a and carries its own data.

The file is tagged, made without system fonts or network, and has the canonical JSON of the same
report attached, so it stays readable for people and for programs. Nothing in the report can become
markup or read a file: the template gets data only, and its root is its own folder.
"""

import datetime
import json
import re
import struct
from functools import cache
from pathlib import Path
from typing import Any, cast

import typst
from django.utils.translation import gettext, override

from reports import json as canonical
from reports import svg
from reports.formats import written
from reports.structure import Chart, Kind, Report, Table, Value

FOLDER = Path(__file__).parent / "typst"
AUTHOR = "CESAI"
# More columns than this do not fit beside each other on an upright page in a size that people can read.
MOST_COLUMNS_UPRIGHT = 7

# A run longer than this without a place to break would leave its table cell.
_UNBREAKABLE = re.compile(r"[^\s\u200b]{25,}")
_ZERO_WIDTH_SPACE = "\u200b"


def render(report: Report) -> bytes:
    """Equal reports give equal bytes: the file carries the report's own day, not the clock."""
    with override(report.language):
        inputs = {
            "report": json.dumps(_document(report), ensure_ascii=False),
            "attachment": canonical.render(report).decode(),
        }
    moment = datetime.datetime.combine(report.as_of, datetime.time(), datetime.UTC)
    compiler = typst.Compiler(
        FOLDER / "report.typ",
        root=FOLDER,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs=inputs,
    )
    # One document is asked for, so one bytes object comes back.
    return cast(bytes, compiler.compile(format="pdf", pdf_standards=["ua-1", "a-3a"], timestamp=moment))


def _document(report: Report) -> dict[str, Any]:
    language = report.language
    as_of = written(Kind.DATE, report.as_of, language)
    return {
        "language": language,
        "author": AUTHOR,
        "title": _clean(report.title),
        "subtitle": _clean(report.subtitle),
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
                "label": _clean(fact.label),
                "kind": fact.kind.value,
                "value": _cell(fact.kind, fact.value, language),
            }
            for fact in report.facts
        ],
        "sections": [
            {
                "title": _clean(section.title),
                "intro": _clean(section.intro),
                "paragraphs": [_clean(text) for text in section.paragraphs],
                "tables": [_table(table, language) for table in section.tables],
                "charts": [_chart(chart, language) for chart in section.charts],
            }
            for section in report.sections
        ],
    }


def _table(table: Table, language: str) -> dict[str, Any]:
    kinds = [column.kind for column in table.columns]
    return {
        "caption": _clean(table.caption),
        "columns": [
            {
                "label": _clean(column.label),
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
    return {"text": text if kind.is_number else _clean(text), "url": url}


def _chart(chart: Chart, language: str) -> dict[str, Any]:
    return {
        "title": _clean(chart.title),
        "alt": _clean(chart.alt),
        "svg": svg.render(chart, language, clean=_covered),
    }


def _clean(text: str) -> str:
    """``text`` as the fonts can set it: long runs get places to break, foreign characters a code."""
    return _UNBREAKABLE.sub(_breakable, _covered(text))


def _breakable(run: re.Match[str]) -> str:
    text = run.group()
    # A German compound breaks by hyphenation; only what is no word needs help.
    if text.isalpha() and len(text) <= 60:
        return text
    return _ZERO_WIDTH_SPACE.join(text[start : start + 12] for start in range(0, len(text), 12))


def _covered(text: str) -> str:
    """Archive PDFs must not hold a character without a glyph, so such a one is named: [U+1F600]."""
    glyphs = _glyphs()
    return "".join(
        char if ord(char) in glyphs or char == "\n" else " " if char.isspace() else f"[U+{ord(char):04X}]"
        for char in text
    )


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[FOLDER / "fonts"]
    )


@cache
def _glyphs() -> frozenset[int]:
    """The code points that every font of the report can set."""
    return frozenset.intersection(*(_code_points(path) for path in sorted((FOLDER / "fonts").glob("*.ttf"))))


def _code_points(path: Path) -> frozenset[int]:
    """Read the character map (subtable format 12, OpenType specification "cmap") of a TrueType font."""
    font = path.read_bytes()
    tables = struct.unpack_from(">H", font, 4)[0]
    offset = next(
        start
        for tag, _, start, _ in (struct.unpack_from(">4sIII", font, 12 + 16 * n) for n in range(tables))
        if tag == b"cmap"
    )
    for number in range(struct.unpack_from(">H", font, offset + 2)[0]):
        start = offset + struct.unpack_from(">HHI", font, offset + 4 + 8 * number)[2]
        if struct.unpack_from(">H", font, start)[0] == 12:
            groups = struct.unpack_from(">I", font, start + 12)[0]
            return frozenset(
                code
                for first, last, _ in struct.iter_unpack(">III", font[start + 16 : start + 16 + 12 * groups])
                for code in range(first, last + 1)
            )
    raise ValueError(f"{path.name} has no character map of format 12")
