"""Collects each app's answer to "what needs me now?"."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.models import User
from activity.models import Event
from cesai.lib.dashboard import Dashboard


def tasks_for(user: User) -> dict[str, Any]:
    """Context of the dashboard: tasks and figures of every app in `DASHBOARD_APPS`, and the newest events.

    Each app's `dashboard.py` has `dashboard(user) -> Dashboard`.
    """
    parts: list[Dashboard] = [
        import_string(f"{name}.dashboard.dashboard")(user) for name in settings.DASHBOARD_APPS
    ]
    return {
        "tasks": [task for part in parts for task in part.tasks],
        "figures": [figure for part in parts for figure in part.figures],
        "events": _told(Event.objects.visible_to(user).select_related("actor").order_by("-at", "-id")[:100]),
    }


def _told(events: Iterable[Event], most: int = 8) -> list[Event]:
    """The newest events, each once: a day of forty bookings is one line."""
    told: dict[tuple[str, str, int], Event] = {}
    for event in events:
        told.setdefault((event.verb, event.target_type, event.target_id), event)
    return list(told.values())[:most]
