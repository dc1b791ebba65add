"""Collects each app's answer to "what needs me now?"."""

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
        "events": Event.objects.visible_to(user).select_related("actor").order_by("-at", "-id")[:8],
    }
