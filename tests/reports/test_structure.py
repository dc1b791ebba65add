import datetime
from dataclasses import replace
from decimal import Decimal

import pytest

from reports.structure import Chart, ChartKind, Column, Fact, Kind, Report, Section, Series, Span, Table

from .samples import report

DAY = datetime.date(2026, 1, 1)


def test_a_report_knows_its_tables_in_reading_order():
    sample = report()
    assert [table.key for table in sample.tables] == ["budget", "milestones"]
    assert sample.table("milestones") is sample.tables[1]
    assert sample.table("nothing") is None


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.EURO_CENTS, 1.5),
        (Kind.EURO_CENTS, True),
        (Kind.EURO_CENTS, Decimal(1)),
        (Kind.PERCENT, "90"),
        (Kind.INTEGER, Decimal(1)),
        (Kind.DECIMAL, Decimal("NaN")),
        (Kind.DECIMAL, 0.1),
        (Kind.DATE, "2026-01-01"),
        (Kind.DATE, datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)),
        (Kind.TEXT, 1),
        (Kind.LINK, "javascript:alert(1)"),
        (Kind.LINK, "https://example.org/ x"),
    ],
)
def test_a_value_of_another_kind_is_refused(kind, value):
    with pytest.raises(ValueError, match="is not of kind"):
        Table("t", "T", (Column("c", "C", kind),), ((value,),))


@pytest.mark.parametrize("kind", list(Kind))
def test_not_known_is_a_value_of_every_kind(kind):
    assert Fact("f", "F", None, kind).value is None


@pytest.mark.parametrize(
    "build",
    [
        lambda: Table("t", "T", (Column("c", "C"),), (("a", "b"),)),
        lambda: Table("t", "T", (Column("c", "C"),), (), ("a", "b")),
        lambda: Table("t", "T", (), ()),
        lambda: Table("t", "T", (Column("c", "C"), Column("c", "D")), ()),
        lambda: Column("Not a key", "C"),
        lambda: Chart("c", ChartKind.BAR, "C", " ", "t"),
        lambda: Chart("c", ChartKind.BAR, "C", "alt", "t", Kind.TEXT),
        lambda: Chart("c", ChartKind.GANTT, "C", "alt", "t"),
        lambda: Chart("c", ChartKind.BAR, "C", "alt", "t", spans=(Span("s", DAY, DAY),)),
        lambda: Chart("c", ChartKind.BAR, "C", "alt", "t", categories=("a",), series=(Series("s", ()),)),
        lambda: Chart("c", ChartKind.BAR, "C", "alt", "t", categories=("a",), series=(Series("s", (0.5,)),)),
        lambda: Span("s", DAY, DAY - datetime.timedelta(days=1)),
        lambda: Section("s", "S", charts=(Chart("c", ChartKind.BAR, "C", "alt", "t"),)),
        lambda: Report("r", "de", DAY, " "),
        lambda: replace(report(), sections=report().sections * 2),
    ],
)
def test_a_structure_that_contradicts_itself_cannot_be_built(build):
    with pytest.raises(ValueError, match=r"\w"):
        build()
