"""What a monitoring system asks for, in Prometheus' text format 0.0.4.

Written by hand: a dozen gauges from five statements need no library, and a library's counters would be those of one
web process of several.
"""

import time
from collections.abc import Iterable, Iterator

from django.core.cache import cache
from django.db.models import Count, Min, Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from evaluations.models import Attempt, Engine, Run
from evaluations.models.run import AT_ENGINE, State

TICK = "evaluations.last_tick"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

type Sample = tuple[dict[str, str], float]


def note_tick(seconds: float) -> None:
    """Remembers the end and the duration of a tick, for a day."""
    cache.set(TICK, (time.time(), seconds), timeout=86_400)


def render() -> str:
    """All metrics; one that nobody can tell now is left out, never 0."""
    return "".join(
        _metric(name, text, samples)
        for name, text, samples in [*_runs(), *_engines(), *_attempts(), *_ticks(), *_broker()]
    )


def _metric(name: str, text: str, samples: Iterable[Sample]) -> str:
    lines = [f"# HELP {name} {text}", f"# TYPE {name} gauge"]
    for labels, value in samples:
        told = ",".join(f'{key}="{_escaped(label)}"' for key, label in labels.items())
        lines.append(f"{name}{{{told}}} {value:g}" if told else f"{name} {value:g}")
    return "\n".join(lines) + "\n" if len(lines) > 2 else ""


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _runs() -> Iterator[tuple[str, str, list[Sample]]]:
    counts = dict(Run.objects.order_by().values_list("state").annotate(runs=Count("pk")))
    yield (
        "cesai_evaluation_runs",
        "Runs by state.",
        [({"state": str(state)}, counts.get(state, 0)) for state in State.values],
    )


def _engines() -> Iterator[tuple[str, str, list[Sample]]]:
    now = timezone.now()
    waiting = Q(runs__state=State.QUEUED)
    engines = list(
        Engine.objects.order_by("slug").annotate(
            waiting=Count("runs", filter=waiting),
            oldest=Min("runs__created_at", filter=waiting),
            at_work=Count("runs", filter=Q(runs__state__in=AT_ENGINE)),
        )
    )

    def each(value) -> list[Sample]:
        return [({"engine": engine.slug}, value(engine)) for engine in engines]

    yield "cesai_engine_up", "1 while the engine answers.", each(lambda e: e.unreachable_since is None)
    yield "cesai_engine_open", "1 while the engine takes new runs.", each(lambda e: e.is_open)
    yield "cesai_engine_places", "Runs that the engine takes at once.", each(lambda e: e.most_at_once)
    yield "cesai_engine_runs_at_work", "Runs handed over and not ended.", each(lambda e: e.at_work)
    yield "cesai_outbox_runs", "Runs that wait for being handed over.", each(lambda e: e.waiting)
    yield (
        "cesai_outbox_oldest_seconds",
        "Age of the oldest waiting run.",
        each(lambda e: (now - e.oldest).total_seconds() if e.oldest else 0),
    )


def _attempts() -> Iterator[tuple[str, str, list[Sample]]]:
    ends = Attempt.objects.order_by().values_list("reason").annotate(attempts=Count("pk"))
    yield "cesai_evaluation_attempts", "Attempts by how they ended.", [({"end": e}, n) for e, n in ends]


def _ticks() -> Iterator[tuple[str, str, list[Sample]]]:
    last = cache.get(TICK)
    if last is not None:
        at, seconds = last
        yield "cesai_tick_seconds", "Duration of the last tick.", [({}, seconds)]
        yield "cesai_tick_age_seconds", "Seconds since the last tick.", [({}, max(0.0, time.time() - at))]


def _broker() -> Iterator[tuple[str, str, list[Sample]]]:
    from cesai.celery import app

    try:
        with app.connection_for_read() as connection:
            length = connection.default_channel.client.llen(app.conf.task_default_queue)
    except (OperationalError, OSError, AttributeError):
        return
    yield "cesai_celery_queue_length", "Messages that wait for a worker.", [({}, length)]
