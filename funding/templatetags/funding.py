"""Shares and alarms of a budget, as people read them."""

from typing import Any

from django import template
from django.utils.translation import get_language

from cesai.templatetags.figures import euro
from funding.budget import Position
from funding.sentences import ALARM_TONES, alarm_label, alarm_sentence

register = template.Library()


@register.filter
def percent(basis_points: int | None) -> str:
    """9050 → `90,50 %` in German, `90.50%` in English; a dash for None."""
    if basis_points is None:
        return "–"
    sign = "−" if basis_points < 0 else ""
    whole, rest = divmod(abs(basis_points), 100)
    return f"{sign}{whole}.{rest:02}%" if get_language() == "en" else f"{sign}{whole},{rest:02}\u00a0%"


@register.filter
def millions(cents: int) -> str:
    """Large amounts at a glance: 14187109846 → `141,87 Mio. €`, `€141.87 million`; exact below a million."""
    if abs(cents) < 100_000_000:
        return euro(cents)
    # Rounded half up to ten thousand euro, in whole numbers.
    sign = "−" if cents < 0 else ""
    whole, rest = divmod((abs(cents) + 500_000) // 1_000_000, 100)
    return (
        f"{sign}€{whole}.{rest:02} million"
        if get_language() == "en"
        else f"{sign}{whole},{rest:02} Mio.\u00a0€"
    )


@register.simple_tag
def alarm_text(position: Position, tolerance_bp: int) -> str:
    """What follows from the alarm, as a sentence."""
    return alarm_sentence(position, tolerance_bp)


@register.inclusion_tag("components/badge.html")
def alarm_badge(position: Position, tolerance_bp: int) -> dict[str, Any]:
    """A badge whose text says how far the position is beyond its amount."""
    return {"label": alarm_label(position.alarm, tolerance_bp), "tone": ALARM_TONES[position.alarm]}
