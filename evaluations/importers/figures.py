"""What all importers give."""

import math
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cesai.lib.refusals import Refused


class NotReadable(Refused):
    """The file is not what it should be; the text says what is wrong with it."""


@dataclass(frozen=True)
class Imported:
    """One figure. `value` and `stderr`, one standard error of it, are on the metric's own scale, shares from 0 to 1."""

    task: str
    metric: str
    value: float
    stderr: float | None
    questions: int | None
    higher_is_better: bool = True


@dataclass(frozen=True)
class Report:
    """All figures of one file about one model."""

    harness: str
    harness_version: str
    model: str
    figures: list[Imported]


def number(value: Any, where: str) -> float:
    """A finite number; NotReadable for everything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise NotReadable(
            _("%(where)s is %(value)r, not a number.") % {"where": where, "value": str(value)[:60]}
        )
    return float(value)


def error_of(value: Any, where: str) -> float | None:
    """A standard error, not negative; None where there is none."""
    if value is None or value == "N/A" or (isinstance(value, float) and math.isnan(value)):
        return None
    found = number(value, where)
    if found < 0:
        raise NotReadable(_("%(where)s is negative.") % {"where": where})
    return found
