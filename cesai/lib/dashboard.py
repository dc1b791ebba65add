"""What a dashboard shows; apps fill it, the site draws it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Task:
    """Something that waits for the reader. `due` is a date or None; `tone` as in `components/badge.html`."""

    label: Any
    url: str
    note: Any = ""
    due: Any = None
    tone: str = "info"


@dataclass(frozen=True)
class Figure:
    """A number worth a glance, with the page behind it."""

    label: Any
    value: Any
    url: str
    note: Any = ""


@dataclass
class Dashboard:
    """One app's part of a reader's dashboard; `tasks` in order of urgency."""

    tasks: list[Task] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
