"""Charts as SVG for print: pure functions from a ``Chart`` to the text of one drawing.

Series differ by lightness as well as by colour and every bar carries its figure, so the drawing
also reads in greyscale.
"""

import datetime
from collections.abc import Callable
from decimal import Decimal
from xml.sax.saxutils import escape

from reports.formats import written
from reports.structure import Chart, ChartKind, Kind, Series, Value

WIDTH = 720
LABEL_WIDTH = 210
VALUE_WIDTH = 110
NOTE_WIDTH = 180
COLOURS = ("#1f3b73", "#7fa8d9", "#c8642b", "#d9c27f", "#4a7a4a", "#b8bdcf")
INK = "#171a2b"
GRID = "#b8bdcf"
BAR = 15

# Fira Sans at 11 px is about 6.4 px per character; labels are cut, the table twin has them whole.
LABEL_CHARACTERS = LABEL_WIDTH * 10 // 64


def render(chart: Chart, language: str, clean: Callable[[str], str] = str) -> str:
    """The drawing; ``clean`` is applied to every text before it is set (see ``reports.pdf``)."""
    canvas = _Canvas(clean)
    match chart.kind:
        case ChartKind.BAR:
            _bars(canvas, chart, language)
        case ChartKind.LINE:
            _lines(canvas, chart, language)
        case ChartKind.GANTT:
            _gantt(canvas, chart, language)
    return canvas.text()


class _Canvas:
    def __init__(self, clean: Callable[[str], str]) -> None:
        self.parts: list[str] = []
        self.height = 0.0
        self.clean = clean

    def rect(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        self.parts.append(
            f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" fill="{fill}"/>'
        )

    def line(
        self, x1: float, y1: float, x2: float, y2: float, colour: str = GRID, dashed: bool = False
    ) -> None:
        dash = ' stroke-dasharray="3 3"' if dashed else ""
        self.parts.append(
            f'<line x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}" stroke="{colour}"{dash}/>'
        )

    def polyline(self, points: list[tuple[float, float]], colour: str) -> None:
        path = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')

    def diamond(self, x: float, y: float, fill: str, size: float = 6) -> None:
        path = f"{x:.2f},{y - size:.2f} {x + size:.2f},{y:.2f} {x:.2f},{y + size:.2f} {x - size:.2f},{y:.2f}"
        self.parts.append(f'<polygon points="{path}" fill="{fill}"/>')

    def write(self, x: float, y: float, text: str, anchor: str = "start") -> None:
        self.parts.append(
            f'<text x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}" font-family="Fira Sans" font-size="11" '
            f'fill="{INK}">{escape(self.clean(text))}</text>'
        )

    def text(self) -> str:
        body = "".join(self.parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height:.0f}" '
            f'width="{WIDTH}" height="{self.height:.0f}">{body}</svg>'
        )


def _legend(canvas: _Canvas, series: tuple[Series, ...]) -> None:
    x = 0.0
    for number, entry in enumerate(series):
        label = _cut(entry.label, 28)
        if x + 30 + len(label) * 6 > WIDTH:
            x, canvas.height = 0.0, canvas.height + 18
        canvas.rect(x, canvas.height + 2, 12, 12, _colour(number))
        canvas.write(x + 17, canvas.height + 12, label)
        x += 40 + len(label) * 6
    canvas.height += 26


def _bars(canvas: _Canvas, chart: Chart, language: str) -> None:
    """Horizontal bars, one group per category, from zero; negative values go to the left of zero."""
    _legend(canvas, chart.series)
    low, high = _range(chart)
    scale = (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / (high - low)
    zero = LABEL_WIDTH - low * scale
    top = canvas.height
    for position, category in enumerate(chart.categories):
        group = BAR * len(chart.series)
        canvas.write(LABEL_WIDTH - 8, canvas.height + group / 2 + 4, _cut(category), "end")
        for number, series in enumerate(chart.series):
            value = series.values[position]
            end = zero if value is None else zero + _number(value) * scale
            y = canvas.height + BAR * number
            canvas.rect(min(zero, end), y + 1, abs(end - zero), BAR - 2, _colour(number))
            canvas.write(max(zero, end) + 5, y + BAR - 3, written(chart.value_kind, value, language))
        canvas.height += group + 10
    canvas.line(zero, top, zero, canvas.height)


def _lines(canvas: _Canvas, chart: Chart, language: str) -> None:
    """One line per series over evenly spaced categories; a missing value breaks the line."""
    _legend(canvas, chart.series)
    low, high = _range(chart)
    top, tall, left = canvas.height + 8, 220, VALUE_WIDTH
    step = (WIDTH - left - 30) / max(1, len(chart.categories) - 1)

    def at(position: int, value: float) -> tuple[float, float]:
        return left + step * position, top + tall - (value - low) / (high - low) * tall

    for edge in _edges(chart):
        y = at(0, _number(edge))[1]
        canvas.line(left, y, WIDTH - 30, y)
        canvas.write(left - 8, y + 4, written(chart.value_kind, edge, language), "end")
    every = max(1, -(-len(chart.categories) // 8))
    for position, category in enumerate(chart.categories):
        if position % every == 0:
            canvas.write(at(position, 0)[0], top + tall + 18, _cut(category, 12), "middle")
    for number, series in enumerate(chart.series):
        run: list[tuple[float, float]] = []
        for position, value in enumerate(series.values):
            if value is None:
                canvas.polyline(run, _colour(number))
                run = []
            else:
                run.append(at(position, _number(value)))
                canvas.rect(run[-1][0] - 2.5, run[-1][1] - 2.5, 5, 5, _colour(number))
        canvas.polyline(run, _colour(number))
    canvas.height = top + tall + 30


def _gantt(canvas: _Canvas, chart: Chart, language: str) -> None:
    """Bars and diamonds over time; a dashed line leads to the day that was promised."""
    days = [day for span in chart.spans for day in (span.start, span.end, span.baseline) if day]
    first, last = min(days), max(days)
    scale = (WIDTH - LABEL_WIDTH - NOTE_WIDTH) / max(1, (last - first).days)

    def at(day: datetime.date) -> float:
        return LABEL_WIDTH + (day - first).days * scale

    row, top = 22, 20
    for year in range(first.year + 1, last.year + 1):
        x = at(datetime.date(year, 1, 1))
        canvas.line(x, top - 6, x, top + row * len(chart.spans))
        canvas.write(x, 10, str(year), "middle")
    for number, span in enumerate(chart.spans):
        middle = top + row * number + row / 2
        canvas.write(LABEL_WIDTH - 12, middle + 4, _cut(span.label), "end")
        if span.start == span.end:
            canvas.diamond(at(span.end), middle, COLOURS[0])
        else:
            canvas.rect(at(span.start), middle - 6, at(span.end) - at(span.start), 12, COLOURS[1])
        if span.baseline and span.baseline != span.end:
            canvas.line(at(span.end), middle, at(span.baseline), middle, INK, dashed=True)
            canvas.line(at(span.baseline), middle - 6, at(span.baseline), middle + 6, INK)
        note = f"{written(Kind.DATE, span.end, language)} {span.note}".strip()
        canvas.write(WIDTH - NOTE_WIDTH + 12, middle + 4, _cut(note, NOTE_WIDTH * 10 // 64))
    canvas.height = top + row * len(chart.spans) + 6


def _edges(chart: Chart) -> list[Value]:
    """The lowest value, zero and the highest value: what the axis names, each once."""
    zero: Value = Decimal(0) if chart.value_kind is Kind.DECIMAL else 0
    values = [value for series in chart.series for value in series.values if value is not None]
    low, high = min([zero, *values], key=_number), max([zero, *values], key=_number)
    return list(dict.fromkeys((low, zero, high)))


def _range(chart: Chart) -> tuple[float, float]:
    edges = [_number(edge) for edge in _edges(chart)]
    return min(edges), max(edges) if max(edges) > min(edges) else min(edges) + 1


def _number(value: Value) -> float:
    if not isinstance(value, int | Decimal):
        raise TypeError(f"not a number: {value!r}")
    return float(value)


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _cut(text: str, characters: int = LABEL_CHARACTERS) -> str:
    return text if len(text) <= characters else text[: characters - 1].rstrip() + "…"
