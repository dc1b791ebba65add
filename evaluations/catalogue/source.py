"""How the shipped suites are written down."""

from dataclasses import dataclass, field
from pathlib import Path

TASKS = Path(__file__).with_name("tasks")


@dataclass(frozen=True)
class TaskSource:
    """One task under its name in the harness. Its questions are own files, or `configuration` of `dataset` on the Hub.

    `revision` is the commit of that data set; empty is not pinned, and `questions` None not counted: both are
    known only to somebody who has the data.
    """

    name: str
    title_de: str
    title_en: str
    metrics: tuple[str, ...]
    questions: int | None
    language: str
    licence: str
    files: tuple[str, ...] = ()
    dataset: str = ""
    configuration: str = ""
    revision: str = ""
    chance: float | None = None
    shots: int = 0
    non_commercial: bool = False


@dataclass(frozen=True)
class SuiteSource:
    """A version of a suite under its number."""

    slug: str
    number: int
    title_de: str
    title_en: str
    summary_de: str
    summary_en: str
    tasks: tuple[TaskSource, ...] = field(default_factory=tuple)
    seed: int = 42
    applies_chat_template: bool = False
