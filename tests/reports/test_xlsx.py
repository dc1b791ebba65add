import io
import zipfile
from decimal import Decimal

import openpyxl

from reports import xlsx
from reports.structure import Column, Table

from .samples import HOSTILE, LONG_WORD, empty_report, report


def book(sample):
    return openpyxl.load_workbook(io.BytesIO(xlsx.render(sample)))


def exact(value) -> Decimal:
    return Decimal(repr(value))


def test_every_number_equals_the_structure():
    sample = report(["x"] * 500)
    table = sample.table("budget")
    heading, *lines, totals = book(sample).worksheets[1].iter_rows(values_only=True)
    assert list(heading) == [column.label for column in table.columns]
    for line, row in zip(lines, table.rows, strict=True):
        assert exact(line[2]) * 100 == row[2]
        assert round(exact(line[3]) * 10_000) == row[3]
        assert line[4].date() == row[4]
        assert line[5] == row[5]
        assert exact(line[6]) == row[6]
    assert exact(totals[2]) * 100 == table.totals[2]
    assert totals[5] == table.totals[5]
    assert totals[3] is None


def test_amounts_carry_a_number_format_and_the_heading_stays_in_sight():
    sheet = book(report()).worksheets[1]
    assert "€" in sheet["C2"].number_format
    assert sheet["D2"].number_format == "0.00%"
    assert sheet["E2"].is_date
    assert sheet.freeze_panes == "A2"


def test_hostile_text_stays_text():
    workbook = book(report(HOSTILE, title="=1+1", subtitle="@x"))
    cells = [row[1] for row in workbook.worksheets[1].iter_rows(min_row=2, max_row=9)]
    assert [cell.value for cell in cells] == list(HOSTILE)
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert workbook.worksheets[0]["A1"].data_type in ("s", "inlineStr")
    archive = zipfile.ZipFile(io.BytesIO(xlsx.render(report(HOSTILE))))
    assert not any(b"<f>" in archive.read(name) for name in archive.namelist())


def test_the_cover_lists_facts_sections_and_where_each_table_is():
    workbook = book(report())
    text = [value for row in workbook.worksheets[0].iter_rows(values_only=True) for value in row if value]
    assert {"Bericht über die Zuwendung", "37.01-2026/0815", 135_000_000, 0.9} <= set(text)
    assert {"Finanzen", "Noch kein Ergebnis.", *workbook.sheetnames[1:]} <= set(text)


def test_sheets_get_names_that_excel_accepts():
    columns = (Column("c", "C"),)
    tables = tuple(Table(f"t{n}", f"[a]:*?/\\ {LONG_WORD}", columns, ()) for n in range(12))
    section = report().sections[0]
    sample = report(sections=(type(section)("s", "S", tables=tables),))
    names = book(sample).sheetnames
    assert len(set(names)) == 13
    assert all(len(name) <= 31 for name in names)


def test_a_text_longer_than_a_cell_is_cut_visibly():
    value = book(report(["x" * 40_000])).worksheets[1]["B2"].value
    assert len(value) == 32_767
    assert value.endswith("x…")


def test_equal_reports_give_equal_bytes():
    assert xlsx.render(report()) == xlsx.render(report())


def test_an_empty_report_is_a_workbook_with_a_cover():
    assert len(book(empty_report()).sheetnames) == 1
