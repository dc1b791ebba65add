"""How long each stage of a run took, from the order of its states; inside the running one, from what the runner noted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluations.launchers.local import moment
from evaluations.models import Run, RunProgress, StateChange
from evaluations.models.run import State

LABELS = {
    State.QUEUED: gettext_lazy("Waiting in the portal"),
    State.SUBMITTED: gettext_lazy("Waiting at the engine"),
    State.RUNNING: gettext_lazy("Running"),
    State.COLLECTING: gettext_lazy("Checking the result"),
}
# Being handed over is a part of waiting for the engine; quarantine is no stage of the machine.
STAGE_OF = {
    State.QUEUED: State.QUEUED,
    State.SUBMITTING: State.SUBMITTED,
    State.SUBMITTED: State.SUBMITTED,
    State.RUNNING: State.RUNNING,
    State.COLLECTING: State.COLLECTING,
}
# Ends of the runner's work, not parts of it.
OVER = {"done", "stopped", "failed"}


@dataclass(frozen=True, slots=True)
class Stage:
    """`seconds` is everything that the run spent there, over all its attempts; `parts` are those of the newest one."""

    name: str
    label: str
    began_at: datetime
    seconds: float
    is_current: bool
    parts: tuple["Stage", ...] = ()


def elapsed(seconds: float) -> str:
    """`7 s`, `3 min 04 s`, `2 h 05 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return _("%(s)d s") % {"s": whole}
    if whole < 3600:
        return _("%(min)d min %(s)02d s") % {"min": whole // 60, "s": whole % 60}
    return _("%(h)d h %(min)02d min") % {"h": whole // 3600, "min": whole % 3600 // 60}


def stages_of(
    run: Run, changes: Iterable[StateChange], progress: dict[str, Any] | None, now: datetime
) -> list[Stage]:
    """The stages that the run came to, in the order of their first beginning.

    `changes` are all of the run, in their order; `progress` is what its runner wrote last. A stage that is not over
    counts until `now`.
    """
    began: dict[State, datetime] = {}
    spent: dict[State, timedelta] = {}
    here: tuple[State, datetime] | None = None
    for change in changes:
        if here is not None:
            spent[here[0]] = spent.get(here[0], timedelta()) + (change.at - here[1])
        stage = STAGE_OF.get(State(change.after))
        here = None if stage is None else (stage, change.at)
        if stage is not None:
            began.setdefault(stage, change.at)
    if here is not None:
        spent[here[0]] = spent.get(here[0], timedelta()) + (now - here[1])
    return [
        Stage(
            name=str(stage),
            label=str(LABELS[stage]),
            began_at=at,
            seconds=spent[stage].total_seconds(),
            is_current=here is not None and here[0] == stage,
            parts=_parts(run, progress, now) if stage == State.RUNNING else (),
        )
        for stage, at in began.items()
    ]


def _parts(run: Run, progress: dict[str, Any] | None, now: datetime) -> tuple[Stage, ...]:
    """The runner's phases, by the node's clock; none where its file is gone, or of another attempt."""
    if progress is None or progress.get("restart") != run.restarts:
        return ()
    told = progress.get("phases")
    known = [
        (str(each[0]), began)
        for each in (told if isinstance(told, list) else [])
        if isinstance(each, list) and len(each) == 2 and (began := moment(each[1])) is not None
    ]
    ends = [began for _name, began in known[1:]]
    spoken = moment(progress.get("at"))
    ends.append(now if run.state == State.RUNNING else spoken or now)
    return tuple(
        Stage(
            name=name,
            label=str(RunProgress.Phase(name).label) if name in RunProgress.Phase else name,
            began_at=began,
            seconds=max(0.0, (ended - began).total_seconds()),
            is_current=run.state == State.RUNNING and number == len(known) - 1,
        )
        for number, ((name, began), ended) in enumerate(zip(known, ends, strict=False))
        if name not in OVER
    )
