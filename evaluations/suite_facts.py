"""A version of a suite in a few facts."""

from dataclasses import dataclass

from evaluations.jobs import is_runnable
from evaluations.models import SuiteVersion, Task


@dataclass(frozen=True, slots=True)
class SuiteFacts:
    """`questions` is None while one task's are not counted."""

    version: SuiteVersion
    tasks: list[Task]
    questions: int | None
    languages: list[str]
    licences: list[str]
    is_non_commercial: bool
    is_pinned: bool
    is_runnable: bool


def facts_of(version: SuiteVersion) -> SuiteFacts:
    """Facts of a version whose tasks are fetched."""
    tasks = sorted(version.tasks.all(), key=lambda task: task.name)
    counts = [task.questions for task in tasks]
    return SuiteFacts(
        version=version,
        tasks=tasks,
        questions=None if None in counts else sum(count or 0 for count in counts),
        languages=sorted({task.language for task in tasks}),
        licences=sorted({task.licence for task in tasks}),
        is_non_commercial=any(task.non_commercial for task in tasks),
        is_pinned=all(task.is_pinned for task in tasks),
        is_runnable=is_runnable(version),
    )
