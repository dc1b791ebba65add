"""How a raw value of a report is written for people, per language."""

import datetime
from decimal import Decimal

from reports.structure import Kind, Value

MISSING = "–"
# A screen reader says "minus" for the sign and often nothing for the hyphen.
MINUS = "\u2212"
NBSP = "\u00a0"

_ENGLISH_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def written(kind: Kind, value: Value, language: str) -> str:
    """``value`` as a person reads it: 1.234,56 € in German, €1,234.56 in English.

    Exact for any size of number: no float is involved.
    """
    if value is None:
        return MISSING
    german = language == "de"
    match kind, value:
        case Kind.EURO_CENTS, int():
            amount = _grouped(abs(value), 2, german)
            sign = MINUS if value < 0 else ""
            return f"{sign}{amount}{NBSP}€" if german else f"{sign}€{amount}"
        case Kind.PERCENT, int():
            return _signed(value, 2, german) + (f"{NBSP}%" if german else "%")
        case Kind.INTEGER, int():
            return _signed(value, 0, german)
        case Kind.DECIMAL, Decimal():
            places = max(0, -int(value.as_tuple().exponent))
            return _signed(int(value.scaleb(places)), places, german)
        case Kind.DATE, datetime.date():
            if german:
                return f"{value.day:02}.{value.month:02}.{value.year}"
            return f"{value.day} {_ENGLISH_MONTHS[value.month - 1]} {value.year}"
    return str(value)


def plain(kind: Kind, value: Value, decimal_mark: str) -> str:
    """``value`` for a file that a program reads: no grouping, no unit, ISO days, "" for not known.

    Money is in euro and a percentage in percent, both with exactly two decimals.
    """
    match kind, value:
        case _, None:
            return ""
        case ((Kind.EURO_CENTS | Kind.PERCENT), int()):
            sign = "-" if value < 0 else ""
            return f"{sign}{abs(value) // 100}{decimal_mark}{abs(value) % 100:02}"
        case Kind.DATE, datetime.date():
            return value.isoformat()
        case Kind.DECIMAL, Decimal():
            return f"{value:f}".replace(".", decimal_mark)
    return str(value)


def _signed(scaled: int, places: int, german: bool) -> str:
    return (MINUS if scaled < 0 else "") + _grouped(abs(scaled), places, german)


def _grouped(scaled: int, places: int, german: bool) -> str:
    whole, fraction = divmod(scaled, 10**places)
    text = f"{whole:,}"
    if places:
        text += f".{fraction:0{places}}"
    return text.translate(str.maketrans(",.", ".,")) if german else text
