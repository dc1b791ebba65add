"""What waits, why, and how long it will probably take."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from evaluations.models import Engine, Run
from evaluations.models.run import AT_ENGINE, State


@dataclass(frozen=True, slots=True)
class Waiting:
    """`expected_at` None: nobody can say, because the engine takes nothing or an estimate is missing."""

    run: Run
    position: int
    since: datetime
    reason: str
    expected_at: datetime | None


@dataclass(frozen=True, slots=True)
class EngineQueue:
    """`health`: ok, paused or unreachable."""

    engine: Engine
    waiting: list[Waiting]
    at_work: list[Run]
    health: str

    @property
    def oldest(self) -> datetime | None:
        return min((each.since for each in self.waiting), default=None)


def health_of(engine: Engine) -> str:
    if engine.unreachable_since:
        return "unreachable"
    return "ok" if engine.is_open else "paused"


def _reason(engine: Engine, position: int, busy: int) -> str:
    if engine.unreachable_since:
        return _("The engine does not answer.")
    if not engine.is_open:
        return _("The engine is paused.")
    free = engine.most_at_once - busy
    if position <= free:
        return _("It is handed over with the next tick.")
    if position == free + 1:
        return _("The engine is full: %(busy)d of %(most)d runs.") % {
            "busy": busy,
            "most": engine.most_at_once,
        }
    return _("%(n)d runs go before it.") % {"n": position - 1}


def _free_at(engine: Engine, at_work: Iterable[Run], now: datetime) -> list[datetime] | None:
    """When each place of the engine becomes free; None while a running one has no estimate."""
    free = []
    for run in at_work:
        if run.planned_seconds is None:
            return None
        free.append(max(now, (run.started_at or now) + timedelta(seconds=run.planned_seconds)))
    return sorted([*free, *[now] * (engine.most_at_once - len(free))])


def queues(user: User) -> list[EngineQueue]:
    """Each engine with what runs and waits there, in the order in which it will be handed over. Two statements.

    Positions count every waiting run; only those that `user` may see are listed.
    """
    now = timezone.now()
    live = list(
        Run.objects.filter(state__in=[State.QUEUED, *AT_ENGINE])
        .select_related("release__model", "suite_version__suite", "gpu_class", "project")
        .in_turn()
    )
    visible = set(
        Run.objects.visible_to(user).filter(pk__in=[run.pk for run in live]).values_list("pk", flat=True)
    )
    by_engine: dict[int, list[Run]] = defaultdict(list)
    for run in live:
        by_engine[run.engine_id].append(run)
    found = []
    for engine in Engine.objects.order_by("slug"):
        runs = by_engine[engine.pk]
        at_work = [run for run in runs if run.state != State.QUEUED]
        free = _free_at(engine, at_work, now) if health_of(engine) == "ok" else None
        waiting = []
        for position, run in enumerate((run for run in runs if run.state == State.QUEUED), start=1):
            expected = free.pop(0) if free else None
            if free is not None and expected is not None and run.planned_seconds is not None:
                free = sorted([*free, expected + timedelta(seconds=run.planned_seconds)])
            else:
                # Behind a run of unknown length nothing can be foretold.
                free = None
            if run.pk in visible:
                waiting.append(
                    Waiting(run, position, run.created_at, _reason(engine, position, len(at_work)), expected)
                )
        found.append(
            EngineQueue(engine, waiting, [run for run in at_work if run.pk in visible], health_of(engine))
        )
    return found
