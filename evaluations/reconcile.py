"""One tick: rows are the intent, engines are observed, and this brings both together.

Every step may be repeated and may be cut off anywhere: a run that was claimed and perhaps handed over stays in
SUBMITTING, and handing over again is harmless because the engine knows the key.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import structlog
from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from activity.actions import record
from evaluations.engines import launcher_of
from evaluations.ingest import ingest
from evaluations.jobs import job_of
from evaluations.launchers.folder import RunFolder
from evaluations.launchers.local import moment
from evaluations.launchers.protocol import EngineRef, EngineState, Launcher, Observation, Refused, Unreachable
from evaluations.models import Attempt, Engine, Run, RunProgress
from evaluations.models.run import AT_ENGINE, State
from evaluations.steps import reached

log = structlog.get_logger(__name__)

# Key of the PostgreSQL advisory lock: "EVAL" in ASCII.
LOCK = 0x4556414C
MOST_RESTARTS = 5
# A run that is handed over and that the engine does not know is looked for this long before it counts as lost.
FORGOTTEN_AFTER = timedelta(minutes=2)
# Longer than a request of a worker that is gone may still be on its way to the cluster.
HAND_OVER_AGAIN_AFTER = timedelta(seconds=20)
HANDED_OVER_PER_TICK = 10
UNSETTLED_FOR = timedelta(days=7)
# The engine ended it, and not because of anything in the run: the next attempt goes on with its answers.
INTERRUPTED = "stopped"
PUBLISHED = frozenset({"published", "already_published"})


@contextmanager
def alone() -> Iterator[bool]:
    """Whether this process is the only one in a tick; the lock belongs to the session and dies with it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        (taken,) = cursor.fetchone()
    try:
        yield taken
    finally:
        if taken:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def tick() -> None:
    """Converge all engines that have something to do."""
    with alone() as taken:
        if not taken:
            return
        for engine in Engine.objects.filter(pk__in=Run.objects.live().values("engine")):
            launcher = launcher_of(engine)
            try:
                _converge(engine, launcher)
            except Unreachable as trouble:
                log.warning("engine_unreachable", engine=engine.slug, trouble=str(trouble))
                engine.unreachable_since = engine.unreachable_since or timezone.now()
                engine.trouble = str(trouble)[:500]
                engine.save(update_fields=["unreachable_since", "trouble"])
            else:
                if engine.unreachable_since:
                    engine.unreachable_since, engine.trouble = None, ""
                    engine.save(update_fields=["unreachable_since", "trouble"])


def _converge(engine: Engine, launcher: Launcher) -> None:
    at_engine = list(_runs(engine).filter(state__in=AT_ENGINE))
    if at_engine:
        _observe(launcher, at_engine)
    for run in _runs(engine).filter(state=State.COLLECTING):
        ingest(run, RunFolder(launcher.folder(run.key)))
    _hand_over(engine, launcher)


def _runs(engine: Engine) -> Any:
    return (
        Run.objects.filter(engine=engine)
        .select_related("release__model", "suite_version", "gpu_class", "requested_by", "progress")
        .order_by("created_at", "pk")
    )


def _hand_over(engine: Engine, launcher: Launcher) -> None:
    room = engine.most_at_once - Run.objects.filter(engine=engine, state__in=AT_ENGINE).count()
    waiting = _runs(engine).filter(state=State.QUEUED).in_turn()[: max(0, min(room, HANDED_OVER_PER_TICK))]
    for run in waiting if engine.is_open else []:
        try:
            # Before the claim: where a run's folder is, its engine's files are, whatever becomes of this process.
            launcher.folder(run.key).mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise Unreachable(str(problem)) from problem
        if run.move_to(State.SUBMITTING):
            reached("submit.claimed", run.key)
            _submit(launcher, run)


def _submit(launcher: Launcher, run: Run) -> None:
    try:
        job = job_of(run)
    except OSError as problem:
        _end(run, State.FAILED, "files_missing", str(problem))
        return
    try:
        ref = launcher.submit(job, run.key)
    except Refused as refusal:
        _end(run, State.FAILED, refusal.reason, str(refusal))
    else:
        reached("submit.answered", run.key)
        run.move_to(State.SUBMITTED, note=ref.job)
        reached("submit.recorded", run.key)


def _observe(launcher: Launcher, runs: list[Run]) -> None:
    seen = {observation.key: observation for observation in launcher.observe([run.key for run in runs])}
    for run in runs:
        reached("observe.answered", run.key)
        observation = seen.get(run.key)
        if observation is None or observation.restart < run.restarts:
            _not_seen(launcher, run)
        else:
            _apply(launcher, run, observation)
        if run.cancel_requested_at and run.state in AT_ENGINE:
            launcher.cancel(EngineRef(run.key, run.restarts, ""))
            reached("cancel.asked", run.key)


def _not_seen(launcher: Launcher, run: Run) -> None:
    """The engine does not know this attempt: not yet, or no longer."""
    since = timezone.now() - (run.claimed_at or run.created_at)
    if run.state == State.SUBMITTING:
        if since < HAND_OVER_AGAIN_AFTER:
            return
        if run.cancel_requested_at:
            _end(run, State.CANCELLED)
        else:
            _submit(launcher, run)
    elif since > FORGOTTEN_AFTER:
        if RunFolder(launcher.folder(run.key)).manifest is not None:
            run.move_to(State.COLLECTING)
        else:
            _end(run, State.LOST, "forgotten")


def _apply(launcher: Launcher, run: Run, observation: Observation) -> None:
    _follow_restart(run, observation.restart)
    _note_waiting(run, observation.message if observation.state == EngineState.PENDING else "")
    if observation.state == EngineState.PENDING:
        run.move_to(State.SUBMITTED, note=observation.message)
        return
    folder = RunFolder(launcher.folder(run.key))
    _note_progress(run, folder)
    reached("observe.noted", run.key)
    if observation.state == EngineState.RUNNING:
        run.move_to(State.RUNNING, note=observation.node, **_started(run, observation))
        return
    _note_usage(launcher, run)
    if observation.reason in PUBLISHED or folder.manifest is not None:
        # A published result wins over a cancellation that came too late.
        run.move_to(State.COLLECTING, **_started(run, observation))
        reached("collect.claimed", run.key)
    elif observation.state == EngineState.GONE or observation.reason == INTERRUPTED:
        _interrupted(launcher, run, observation)
    else:
        _end(run, State.FAILED, observation.reason or "no_reason", observation.message)


def _follow_restart(run: Run, restart: int) -> None:
    """A cluster that puts a job back into its queue counts by itself."""
    if restart > run.restarts:
        Run.objects.filter(pk=run.pk, state=run.state, restarts=run.restarts).update(restarts=restart)
        run.refresh_from_db()


def _started(run: Run, observation: Observation) -> dict[str, Any]:
    return {} if run.started_at or not observation.started_at else {"started_at": observation.started_at}


def _interrupted(launcher: Launcher, run: Run, observation: Observation) -> None:
    if run.cancel_requested_at:
        _end(run, State.CANCELLED)
    elif run.restarts >= MOST_RESTARTS:
        _end(run, State.LOST, "interrupted_too_often", observation.message)
    elif run.move_to(
        State.SUBMITTING, note=observation.message or observation.state, restarts=run.restarts + 1
    ):
        _submit(launcher, run)


def _end(run: Run, state: State, reason: str = "", detail: str = "") -> None:
    if run.move_to(state, reason=reason, detail=detail[:2000], note=reason) and state != State.CANCELLED:
        record(None, "evaluations.run_failed", run, reason=reason)


def _note_waiting(run: Run, word: str) -> None:
    if run.progress.waiting_for != word[:60]:
        run.progress.waiting_for = word[:60]
        run.progress.save(update_fields=["waiting_for"])


def _note_progress(run: Run, folder: RunFolder) -> None:
    told = folder.progress
    if (
        told is None
        or told.get("restart") != run.restarts
        or moment(told.get("at")) == run.progress.heartbeat_at
    ):
        return
    phase = str(told.get("phase", ""))
    RunProgress.objects.filter(run=run).update(
        phase=phase if phase in RunProgress.Phase else RunProgress.Phase.STARTING,
        done=int(told.get("done", 0)),
        total=int(told.get("total", 0)),
        reused=int(told.get("reused", 0)),
        heartbeat_at=moment(told.get("at")),
        moved_at=moment(told.get("moved_at")),
    )


def _note_usage(launcher: Launcher, *runs: Run) -> None:
    by_key = {run.key: run for run in runs}
    used_by_all = launcher.usage(by_key)
    reached("account.read", runs[0].key)
    for used in used_by_all:
        Attempt.objects.update_or_create(
            run=by_key[used.key],
            engine_job=used.job,
            restart=used.restart,
            defaults={
                "node": used.node,
                "started_at": used.started_at,
                "ended_at": used.ended_at,
                "seconds": used.seconds,
                "cpu_seconds": used.cpu_seconds,
                "gpu_seconds": used.gpu_seconds,
                "energy_joules": used.energy_joules,
                "reason": used.reason,
                "is_measured": used.measured,
            },
        )
        reached("account.written", used.key)


def settle_accounts() -> None:
    """Ask again what attempts used whose end, or which themselves, were not known yet when their run ended: accounts
    come late.
    """
    since = timezone.now() - UNSETTLED_FOR
    latest = Attempt.objects.filter(run=OuterRef("pk"), restart=OuterRef("restarts"))
    unsettled = Q(Exists(Attempt.objects.filter(run=OuterRef("pk"), is_measured=False)))
    unknown = Q(started_at__isnull=False) & ~Q(Exists(latest))
    runs = Run.objects.filter(unsettled | unknown, finished_at__gte=since)
    for engine in Engine.objects.filter(pk__in=runs.values("engine")):
        try:
            _note_usage(launcher_of(engine), *runs.filter(engine=engine))
        except Unreachable as trouble:
            log.warning("accounts_unreachable", engine=engine.slug, trouble=str(trouble))
