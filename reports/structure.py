"""One prepared report, from which HTML, PDF, XLSX, CSV and JSON are made.

Values are raw and exact: money is whole euro cents, a percentage is whole basis points
(12.5 % is 1250), a day is a ``datetime.date``. How a value looks is decided once, in
``reports.formats``; a renderer neither computes nor reads the database. Everything a person reads
(title, labels, captions) is already in the language of the report; everything a machine relies on
is a ``key`` and stays the same in every language.

A structure that contradicts itself cannot be built: the constructors raise ``ValueError``.
"""

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

type Value = str | int | Decimal | datetime.date | None

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_URL = re.compile(r"https?://[^\s\x00-\x1f\x7f]+")


class Kind(StrEnum):
    """What a value is, and so how every format writes it. ``None`` (not known) is a value of any kind."""

    TEXT = "text"
    LINK = "link"
    EURO_CENTS = "euro_cents"
    PERCENT = "percent"
    DATE = "date"
    INTEGER = "integer"
    DECIMAL = "decimal"

    @property
    def is_number(self) -> bool:
        return self in (Kind.EURO_CENTS, Kind.PERCENT, Kind.INTEGER, Kind.DECIMAL)

    def accepts(self, value: Value) -> bool:
        """Whether ``value`` is one of this kind; a bool or a float never is."""
        match self:
            case Kind.TEXT:
                return isinstance(value, str)
            case Kind.LINK:
                return isinstance(value, str) and bool(_URL.fullmatch(value))
            case Kind.DATE:
                return isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)
            case Kind.DECIMAL:
                return isinstance(value, Decimal) and value.is_finite()
            case _:
                return isinstance(value, int) and not isinstance(value, bool)


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a key: {key!r}")


def _check_unique(keys: Sequence[str], where: str) -> None:
    if len(set(keys)) != len(keys):
        raise ValueError(f"a key is used twice in {where}: {', '.join(keys)}")


def _check_value(kind: Kind, value: Value, where: str) -> None:
    if value is not None and not kind.accepts(value):
        raise ValueError(f"{where}: {value!r} is not of kind {kind}")


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the cover: a label and one value."""

    key: str
    label: str
    value: Value
    kind: Kind = Kind.TEXT

    def __post_init__(self) -> None:
        _check_key(self.key)
        _check_value(self.kind, self.value, f"fact {self.key}")


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    label: str
    kind: Kind = Kind.TEXT

    def __post_init__(self) -> None:
        _check_key(self.key)


@dataclass(frozen=True, slots=True)
class Table:
    """``rows`` and ``totals`` hold one value per column; ``totals`` is empty or one more row.

    Sums are made where the figures are made, never by a renderer.
    """

    key: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    totals: tuple[Value, ...] = ()

    def __post_init__(self) -> None:
        _check_key(self.key)
        _check_unique([column.key for column in self.columns], f"table {self.key}")
        if not self.columns:
            raise ValueError(f"table {self.key} has no columns")
        for row in (*self.rows, *([self.totals] if self.totals else [])):
            if len(row) != len(self.columns):
                raise ValueError(f"table {self.key}: {len(row)} values for {len(self.columns)} columns")
            for column, value in zip(self.columns, row, strict=True):
                _check_value(column.kind, value, f"table {self.key}, column {column.key}")


class ChartKind(StrEnum):
    BAR = "bar"
    LINE = "line"
    GANTT = "gantt"


@dataclass(frozen=True, slots=True)
class Series:
    """``values`` holds one value (or ``None``, a gap) per category of the chart."""

    label: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """One line of a Gantt chart; a single day (``start == end``) is a milestone.

    ``baseline`` is the day that was promised for ``end``; ``note`` says the state in words, so that
    nothing is told by colour alone.
    """

    label: str
    start: datetime.date
    end: datetime.date
    baseline: datetime.date | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"span {self.label!r} ends before it starts")


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of figures that ``twin``, the key of a table in the same section, also holds.

    BAR and LINE use ``categories`` and ``series`` (values of ``value_kind``); GANTT uses ``spans``.
    ``alt`` says what the drawing shows to someone who does not see it and is compulsory.
    """

    key: str
    kind: ChartKind
    title: str
    alt: str
    twin: str
    value_kind: Kind = Kind.EURO_CENTS
    categories: tuple[str, ...] = ()
    series: tuple[Series, ...] = ()
    spans: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        _check_key(self.key)
        if not self.alt.strip():
            raise ValueError(f"chart {self.key} has no alternative text")
        if not self.value_kind.is_number:
            raise ValueError(f"chart {self.key} cannot draw values of kind {self.value_kind}")
        if (self.kind is ChartKind.GANTT) != bool(self.spans):
            raise ValueError(f"chart {self.key}: spans belong to a Gantt chart, and only there")
        for series in self.series:
            if len(series.values) != len(self.categories):
                raise ValueError(f"chart {self.key}: series {series.label!r} does not fit the categories")
            for value in series.values:
                _check_value(self.value_kind, value, f"chart {self.key}, series {series.label!r}")


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter. An empty ``tables`` with a sentence in ``paragraphs`` is how "nothing yet" is said."""

    key: str
    title: str
    intro: str = ""
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    paragraphs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_key(self.key)
        _check_unique([chart.key for chart in self.charts], f"section {self.key}")
        tables = {table.key for table in self.tables}
        for chart in self.charts:
            if chart.twin not in tables:
                raise ValueError(f"chart {chart.key} has no table twin {chart.twin!r} in its section")


@dataclass(frozen=True, slots=True)
class Report:
    """``key`` names the kind of report, ``language`` is "de" or "en", ``as_of`` is its last day.

    ``as_of`` is also the date that the files carry, so equal reports give equal bytes.
    """

    key: str
    language: str
    as_of: datetime.date
    title: str
    subtitle: str = ""
    facts: tuple[Fact, ...] = ()
    sections: tuple[Section, ...] = ()

    def __post_init__(self) -> None:
        _check_key(self.key)
        if not self.title.strip():
            raise ValueError("a report needs a title")
        _check_unique([fact.key for fact in self.facts], "the facts")
        _check_unique([section.key for section in self.sections], "the report")
        _check_unique([table.key for table in self.tables], "the tables of the report")

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table of the report, in reading order."""
        return tuple(table for section in self.sections for table in section.tables)

    def table(self, key: str) -> Table | None:
        return next((table for table in self.tables if table.key == key), None)


def parts[Item](items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """`items` in groups of at most `size`: a drawing must fit on one printed page."""
    return (items[start : start + size] for start in range(0, len(items), size))
