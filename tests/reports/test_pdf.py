import pytest

from reports import json as canonical
from reports import pdf
from reports.formats import MISSING, written

from .pdf_reader import TaggedPdf
from .samples import HOSTILE, LONG_WORD, empty_report, report


def expected_rows(table, language):
    def row(values, missing):
        pairs = zip(table.columns, values, strict=True)
        return [
            missing if value is None else written(column.kind, value, language) for column, value in pairs
        ]

    rows = [row(values, MISSING) for values in table.rows]
    return [[column.label for column in table.columns], *rows, row(table.totals, "")]


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_number_equals_the_structure(language):
    sample = report(["x"] * 500, language)
    rows = TaggedPdf(pdf.render(sample)).rows()
    wanted = expected_rows(sample.table("budget"), language)
    heading = wanted[0]
    # The heading is repeated on every page as decoration; the structure holds it once.
    start = rows.index(heading)
    assert rows[start : start + len(wanted)] == wanted


def test_the_facts_of_the_cover_are_there():
    rows = TaggedPdf(pdf.render(report())).rows()
    assert ["Aktenzeichen", "37.01-2026/0815"] in rows
    assert ["Höchstbetrag", "135.000.000,00\u00a0€"] in rows
    assert ["Förderquote", "90,00\u00a0%"] in rows


def test_hostile_text_stays_text():
    sample = report(HOSTILE, title='#read("/etc/passwd") *x*')
    document = TaggedPdf(pdf.render(sample))
    labels = [row[1] for row in document.rows()]
    assert all(text in labels for text in HOSTILE)
    assert '#read("/etc/passwd") *x*' in document.text()
    assert "root:" not in document.text()


def test_the_file_declares_its_standards_and_is_tagged():
    document = TaggedPdf(pdf.render(report()))
    with document.pdf.open_metadata() as metadata:
        assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
        assert metadata["{http://www.aiim.org/pdfa/ns/id/}part"] == "3"
        assert metadata["{http://www.aiim.org/pdfa/ns/id/}conformance"] == "A"
        assert metadata["dc:title"] == "Bericht über die Zuwendung"
    assert document.pdf.Root.MarkInfo.Marked
    assert str(document.pdf.Root.Lang) == "de"
    assert [str(figure.Alt) for figure in document.elements("/Figure")] == [
        "Je Position ein Balken",
        "Ein Projekt mit einem Meilenstein",
    ]


def test_the_file_carries_its_own_data():
    document = TaggedPdf(pdf.render(report()))
    attached = document.pdf.attachments["award-2026-10-31.json"]
    assert attached.get_file().read_bytes() == canonical.render(report())


def test_equal_reports_give_equal_bytes():
    assert pdf.render(report()) == pdf.render(report())


def test_a_character_without_a_glyph_is_named_not_lost():
    labels = [row[1] for row in TaggedPdf(pdf.render(report(["Grüße 😀 東", "a\tb\x07"]))).rows()]
    assert "Grüße [U+1F600] [U+6771]" in labels
    assert "a b[U+0007]" in labels


def test_long_words_and_long_runs_without_a_break_are_whole():
    run = "https://example.org/" + "x" * 300
    labels = [row[1].replace("-", "") for row in TaggedPdf(pdf.render(report([LONG_WORD, run]))).rows()]
    assert LONG_WORD in labels
    assert run in labels


def test_an_empty_report_is_a_page():
    document = TaggedPdf(pdf.render(empty_report("en")))
    assert "Leerer Bericht" in document.text()
    assert document.rows() == []
