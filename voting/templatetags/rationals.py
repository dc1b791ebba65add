"""Exact rationals as people read them."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def rational(value: Fraction | str | None, places: int = 1) -> str:
    """`1250/3` with `places` decimals → `416,7` in German; whole numbers stay whole; a dash for nothing.

    What is more than nothing and would be rounded to it reads `< 0,1`.
    """
    if value in (None, ""):
        return "–"
    exact = Fraction(value)
    if exact.denominator == 1:
        return number_format(exact.numerator, use_l10n=True, force_grouping=True)
    rounded = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(
        Decimal(1).scaleb(-int(places)), ROUND_HALF_UP
    )
    if exact > 0 and not rounded:
        return f"< {number_format(Decimal(1).scaleb(-int(places)), use_l10n=True)}"
    return number_format(rounded, decimal_pos=int(places), use_l10n=True, force_grouping=True)
