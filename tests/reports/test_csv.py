import csv
import io
import zipfile
from decimal import Decimal

import pytest

from reports import csv as tables

from .samples import HOSTILE, empty_report, report


def read(content: bytes, separator: str) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=separator))


@pytest.mark.parametrize(("language", "separator", "mark"), [("de", ";", ","), ("en", ",", ".")])
def test_every_number_equals_the_structure(language, separator, mark):
    table = report(["x"] * 500).table("budget")
    heading, *lines = read(tables.render_table(table, language), separator)
    assert heading == [
        "Position", "Bezeichnung", "Plan (EUR)", "Anteil (%)", "Bezahlt am", "GPU-Stunden", "Wert"
    ]  # fmt: skip
    assert len(lines) == 500
    for line, row in zip(lines, table.rows, strict=True):
        numbers = [Decimal(text.replace(mark, ".")) for text in (line[2], line[3], line[5], line[6])]
        assert numbers == [Decimal(row[2]) / 100, Decimal(row[3]) / 100, row[5], row[6]]
        assert line[4] == row[4].isoformat()


def test_text_that_a_spreadsheet_would_run_is_disarmed_and_the_rest_is_untouched():
    lines = read(tables.render_table(report(HOSTILE).table("budget"), "de"), ";")[1:]
    for line, text in zip(lines, HOSTILE, strict=True):
        assert line[1] == ("'" + text if text[0] in "=+-@" else text)


def test_a_negative_amount_stays_a_number():
    assert read(tables.render_table(report(["a", "b"]).table("budget"), "de"), ";")[2][2] == "-314159,27"


def test_the_archive_holds_every_table_and_equal_reports_give_equal_bytes():
    archive = zipfile.ZipFile(io.BytesIO(tables.render_all(report())))
    assert archive.namelist() == ["01-budget.csv", "02-milestones.csv"]
    assert archive.read("01-budget.csv") == tables.render_table(report().table("budget"), "de")
    assert tables.render_all(report()) == tables.render_all(report())


def test_an_empty_report_is_an_empty_archive():
    assert zipfile.ZipFile(io.BytesIO(tables.render_all(empty_report()))).namelist() == []
