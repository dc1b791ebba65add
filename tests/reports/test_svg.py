import xml.etree.ElementTree as ElementTree
from decimal import Decimal

import pytest

from reports import svg
from reports.structure import Chart, ChartKind, Kind, Series

from .samples import HOSTILE, report


def texts(drawing: str) -> list[str]:
    return [
        node.text or "" for node in ElementTree.fromstring(drawing).iter("{http://www.w3.org/2000/svg}text")
    ]


def chart(kind, *series, value_kind=Kind.EURO_CENTS):
    categories = tuple(f"Q{n}" for n in range(len(series[0].values)))
    return Chart("c", kind, "C", "alt", "t", value_kind, categories, series)


def test_every_bar_says_its_figure_and_a_missing_one_says_so():
    written = texts(svg.render(chart(ChartKind.BAR, Series("Plan", (100, -250, None))), "de"))
    assert written == ["Plan", "Q0", "1,00\u00a0€", "Q1", "\u22122,50\u00a0€", "Q2", "–"]


def test_bars_are_as_long_as_their_values():
    drawing = ElementTree.fromstring(svg.render(chart(ChartKind.BAR, Series("Plan", (100, 50, 0))), "de"))
    widths = [float(node.get("width")) for node in drawing.iter("{http://www.w3.org/2000/svg}rect")][1:]
    assert widths[0] == pytest.approx(2 * widths[1], abs=0.02)
    assert widths[2] == 0


@pytest.mark.parametrize("values", [(0, 0), (None, None), (5,), (-1, -2)])
@pytest.mark.parametrize("kind", [ChartKind.BAR, ChartKind.LINE])
def test_flat_missing_and_negative_values_can_be_drawn(kind, values):
    assert ElementTree.fromstring(svg.render(chart(kind, Series("S", values)), "en")) is not None


def test_the_axis_of_a_line_names_its_ends_and_zero():
    drawn = chart(ChartKind.LINE, Series("S", (Decimal("-0.5"), Decimal("1.25"))), value_kind=Kind.DECIMAL)
    assert texts(svg.render(drawn, "de"))[1:4] == ["\u22120,5", "0", "1,25"]


def test_a_gap_breaks_the_line():
    drawing = svg.render(chart(ChartKind.LINE, Series("S", (1, None, 2, 3))), "de")
    assert drawing.count("<polyline") == 2


def test_a_milestone_is_a_diamond_with_its_day_and_state():
    drawing = svg.render(report().sections[1].charts[0], "de")
    assert drawing.count("<polygon") == 1
    assert {"SB-1", "M1", "10.01.2027", "01.03.2026 erreicht", "2027"} == set(texts(drawing))


def test_hostile_labels_are_text():
    drawn = Chart(
        "c", ChartKind.BAR, "C", "alt", "t", categories=HOSTILE, series=(Series("<b>", (1,) * len(HOSTILE)),)
    )
    assert "<script>alert(1)</script>" in texts(svg.render(drawn, "de"))
