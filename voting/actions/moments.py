"""How refusals name a time."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime


def moment(when: datetime) -> str:
    """A time as the reader's language writes it."""
    return date_format(localtime(when), "SHORT_DATETIME_FORMAT")
