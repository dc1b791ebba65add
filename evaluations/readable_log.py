"""What a run's machine said, without saying where on which server its files lie."""

import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from activity.history import Entry
from evaluations.engines import launcher_of
from evaluations.models import Run

# An absolute path of two names or more that is not part of an address: `https://host/a/b` stays as it is.
PATH = re.compile(r"(?<![\w:/.~-])/(?:[\w.@+~-]+/)+(?P<last>[\w.@+~*-]*)")
HOME = re.compile(r"(?<![\w/])~/[\w.@+/-]+/(?P<last>[\w.@+-]+)")


def readable(text: str, folder: Path | None = None) -> str:
    """`text` with the run's folder as `RUN`, the portal's as `PORTAL`, and of every other path the last name only.

    For display: the files themselves keep what was written.
    """
    for place, name in _places(folder):
        text = text.replace(place, name)
    text = PATH.sub(r"…/\g<last>", text)
    return HOME.sub(r"…/\g<last>", text)


def _places(folder: Path | None) -> list[tuple[str, str]]:
    """Longest first, so that the run's folder is known before the one that it lies in."""
    known = {
        str(settings.VAR_DIR / "harness"): "HARNESS",
        str(settings.VAR_DIR): "VAR",
        str(settings.BASE_DIR): "PORTAL",
        sys.prefix: "PYTHON",
        sys.base_prefix: "PYTHON",
    }
    if folder is not None:
        known[str(folder)] = "RUN"
        known[str(folder.resolve())] = "RUN"
    return sorted(known.items(), key=lambda each: -len(each[0]))


def readable_history(entries: Sequence[Entry], run: Run) -> list[Entry]:
    """The audit trail of a run, whose details may name places as well."""
    folder = launcher_of(run.engine).folder(run.key)
    return [
        replace(
            entry,
            changes=[
                replace(change, before=readable(change.before, folder), after=readable(change.after, folder))
                for change in entry.changes
            ],
        )
        for entry in entries
    ]
