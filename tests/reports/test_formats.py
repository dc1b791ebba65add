import datetime
from decimal import Decimal

import pytest

from reports.formats import plain, written
from reports.structure import Kind

CASES = [
    (Kind.EURO_CENTS, 123_456, "1.234,56\u00a0€", "€1,234.56", "1234,56"),
    (Kind.EURO_CENTS, -5, "\u22120,05\u00a0€", "\u2212€0.05", "-0,05"),
    (
        Kind.EURO_CENTS,
        10**17 + 1,
        "1.000.000.000.000.000,01\u00a0€",
        "€1,000,000,000,000,000.01",
        "1000000000000000,01",
    ),
    (Kind.PERCENT, 9_000, "90,00\u00a0%", "90.00%", "90,00"),
    (Kind.PERCENT, -1, "\u22120,01\u00a0%", "\u22120.01%", "-0,01"),
    (Kind.INTEGER, 1_234_567, "1.234.567", "1,234,567", "1234567"),
    (Kind.DECIMAL, Decimal("0.3120"), "0,3120", "0.3120", "0,3120"),
    (Kind.DECIMAL, Decimal("1E+3"), "1.000", "1,000", "1000"),
    (Kind.DATE, datetime.date(2026, 7, 1), "01.07.2026", "1 Jul 2026", "2026-07-01"),
    (Kind.TEXT, "1.5", "1.5", "1.5", "1.5"),
    (Kind.INTEGER, None, "–", "–", ""),
]


@pytest.mark.parametrize(("kind", "value", "german", "english", "bare"), CASES)
def test_a_value_is_written_as_its_reader_expects(kind, value, german, english, bare):
    assert written(kind, value, "de") == german
    assert written(kind, value, "en") == english
    assert plain(kind, value, ",") == bare
