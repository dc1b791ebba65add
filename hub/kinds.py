"""Kinds of failure as the database keeps them; the words for people stand in `hub/sentences.py`."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ErrorKind(models.TextChoices):
    AUTH = "auth", _("Access refused")
    FORBIDDEN = "forbidden", _("Right missing")
    QUOTA = "quota", _("Storage full")
    RATE_LIMITED = "rate_limited", _("Too many requests")
    CONFLICT = "conflict", _("Changed on the Hub")
    NOT_FOUND = "not_found", _("Not found")
    REJECTED = "rejected", _("Rejected by the Hub")
    UNREACHABLE = "unreachable", _("Hub not reachable")
    UNKNOWN = "unknown", _("Answer lost")
    TOKEN = "token", _("Token not found")
    FILES = "files", _("Files changed")


# Settled by trying again a little later; everything else needs a person.
PASSING = frozenset({ErrorKind.RATE_LIMITED, ErrorKind.UNREACHABLE, ErrorKind.UNKNOWN})
# The plan no longer fits; another attempt with the same plan would end the same way.
NEEDS_NEW_PLAN = frozenset({ErrorKind.CONFLICT, ErrorKind.REJECTED, ErrorKind.FILES})
