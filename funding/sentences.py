"""What a position beyond its approved amount means, in the reader's language."""

from django.utils.translation import gettext as _

from funding.budget import Alarm, Position

ALARM_TONES = {
    Alarm.NONE: "neutral",
    Alarm.WITHIN: "warning",
    Alarm.BEYOND: "danger",
    Alarm.UNPLANNED: "danger",
}


def alarm_label(alarm: Alarm, tolerance_bp: int) -> str:
    """Two or three words for a badge."""
    tolerance = tolerance_bp // 100
    match alarm:
        case Alarm.WITHIN:
            return _("Up to %(tolerance)s %% over") % {"tolerance": tolerance}
        case Alarm.BEYOND:
            return _("More than %(tolerance)s %% over") % {"tolerance": tolerance}
        case Alarm.UNPLANNED:
            return _("Not planned")
    return ""


def alarm_sentence(position: Position, tolerance_bp: int) -> str:
    """Empty where the position keeps to its amount."""
    tolerance = f"{tolerance_bp // 100}"
    match position.alarm:
        case Alarm.WITHIN:
            return _("Exceeded within %(tolerance)s %%: save elsewhere") % {"tolerance": tolerance}
        case Alarm.BEYOND:
            return _("Exceeded by more than %(tolerance)s %%: needs approval") % {"tolerance": tolerance}
        case Alarm.UNPLANNED:
            return _("Not in the approved plan: needs approval")
    return ""
