"""Figures as people read them: money from integer cents, hours, bytes."""

from django import template
from django.utils.formats import number_format
from django.utils.translation import get_language

register = template.Library()


@register.filter
def euro(cents: int | None) -> str:
    """1234567 → `12.345,67 €` in German, `€12,345.67` in English; a dash for None."""
    if cents is None:
        return "–"
    sign = "−" if cents < 0 else ""
    whole, rest = divmod(abs(int(cents)), 100)
    grouped = number_format(whole, use_l10n=True, force_grouping=True)
    if get_language() == "en":
        return f"{sign}€{grouped}.{rest:02d}"
    return f"{sign}{grouped},{rest:02d} €"


@register.filter
def hours(value: int | None) -> str:
    """GPU-hours with thousands grouped: `12.000 h`."""
    if value is None:
        return "–"
    return f"{number_format(value, use_l10n=True, force_grouping=True)} h"


@register.filter
def grouped(value: int | None) -> str:
    """A whole number with thousands grouped."""
    return "–" if value is None else number_format(value, use_l10n=True, force_grouping=True)
