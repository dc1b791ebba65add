"""How far a Schnellboot is, by one written definition."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portfolio.models import Milestone

DONE = frozenset({Milestone.Status.ACCEPTED})


def progress_of(milestones: Iterable[Milestone]) -> int:
    """Accepted milestones as a share of all, in whole percent, rounded down; 0 without any."""
    statuses = [each.status for each in milestones]
    return 100 * sum(status in DONE for status in statuses) // len(statuses) if statuses else 0


def milestone_items(milestones: Iterable[Milestone], today: date) -> list[dict[str, Any]]:
    """The milestones as `components/timeline.html` shows them: promise first, then what became of it."""
    items = []
    for each in milestones:
        late = each.reached_on is None and each.forecast_on < today
        text = _("promised for %(date)s") % {"date": _short(each.baseline_on)}
        if each.days_late:
            text += " · " + (
                ngettext(
                    "%(days)d day later than promised", "%(days)d days later than promised", each.days_late
                )
                % {"days": each.days_late}
                if each.days_late > 0
                else ngettext(
                    "%(days)d day earlier than promised",
                    "%(days)d days earlier than promised",
                    -each.days_late,
                )
                % {"days": -each.days_late}
            )
        items.append(
            {
                "date": each.reached_on or each.forecast_on,
                "title": each.title,
                "text": text,
                "state": "done" if each.status in DONE else "late" if late else "open",
                "badge_label": each.get_status_display(),
                "badge_tone": each.tone,
                "milestone": each,
            }
        )
    return items


def _short(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")
