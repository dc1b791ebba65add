"""Which scores may stand side by side: what a measurement pins besides the model."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from evaluations.models import Task


@dataclass(frozen=True)
class Conditions:
    """Harness with version, task with the hash of its content, examples and prompt template. Scores under equal
    conditions are comparable, whichever suite version they belong to; all others are not.
    """

    harness: str
    task: str
    content_hash: str
    shots: int
    applies_chat_template: bool


def conditions_of(task: Task) -> Conditions | None:
    """None until the first accepted run has bound the content of the task. Reads `task.version`."""
    if not task.content_hash:
        return None
    version = task.version
    return Conditions(
        harness=f"{version.harness} {version.harness_version}",
        task=task.name,
        content_hash=task.content_hash,
        shots=task.shots,
        applies_chat_template=version.applies_chat_template,
    )


def what_differs(first: Conditions, second: Conditions) -> str:
    """In words, for people; empty when nothing does."""
    found = []
    if first.harness != second.harness:
        found.append(
            _("another harness (%(first)s, %(second)s)") % {"first": first.harness, "second": second.harness}
        )
    if first.content_hash != second.content_hash:
        found.append(_("other questions"))
    if first.shots != second.shots:
        found.append(
            _("another number of examples in the prompt (%(first)d, %(second)d)")
            % {"first": first.shots, "second": second.shots}
        )
    if first.applies_chat_template != second.applies_chat_template:
        found.append(_("another prompt template"))
    return ", ".join(found)
