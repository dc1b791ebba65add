"""Shares and alarms of a budget, as people read them."""

from typing import Any

from django import template
from django.utils.translation import get_language

from funding.budget import Position
from funding.sentences import ALARM_TONES, alarm_sentence

register = template.Library()


@register.filter
def percent(basis_points: int | None) -> str:
    """9050 → `90,50 %` in German, `90.50%` in English; a dash for None."""
    if basis_points is None:
        return "–"
    sign = "−" if basis_points < 0 else ""
    whole, rest = divmod(abs(basis_points), 100)
    return f"{sign}{whole}.{rest:02}%" if get_language() == "en" else f"{sign}{whole},{rest:02}\u00a0%"


@register.inclusion_tag("components/badge.html")
def alarm_badge(position: Position, tolerance_bp: int) -> dict[str, Any]:
    """A badge whose text says how far the position is beyond its amount."""
    return {"label": alarm_sentence(position, tolerance_bp), "tone": ALARM_TONES[position.alarm]}
