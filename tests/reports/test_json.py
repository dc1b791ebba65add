import json
from dataclasses import replace

from reports import json as canonical

from .samples import HOSTILE, empty_report, report


def test_every_number_is_in_the_document_as_it_is():
    sample = report(["x"] * 500)
    table = json.loads(canonical.render(sample))["sections"][0]["tables"][0]
    for row, expected in zip(table["rows"], sample.table("budget").rows, strict=True):
        assert row[2:4] + row[5:6] == [expected[2], expected[3], expected[5]]
        assert row[4] == expected[4].isoformat()
        assert row[6] == f"{expected[6]:f}"
    assert table["totals"][2] == sum(row[2] for row in sample.table("budget").rows)


def test_equal_reports_give_equal_bytes_and_different_ones_do_not():
    assert canonical.render(report()) == canonical.render(report())
    assert canonical.render(report()) != canonical.render(replace(report(), subtitle="Anders"))


def test_the_document_names_its_schema_and_keeps_hostile_text_as_text():
    document = json.loads(canonical.render(report(HOSTILE)))
    assert document["schema"] == "cesai-report/1"
    assert [row[1] for row in document["sections"][0]["tables"][0]["rows"]] == list(HOSTILE)


def test_an_empty_report_is_a_document_too():
    assert json.loads(canonical.render(empty_report()))["sections"] == []
