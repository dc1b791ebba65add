"""One evaluation of one release with one suite: the row is the truth, engines are observed."""

import uuid
from datetime import datetime
from typing import Any, Self

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import STAFF, Role
from evaluations.models.engine import Engine
from evaluations.models.gpuclass import GpuClass
from evaluations.models.suite import SHA256, SuiteVersion
from portfolio.models import ModelRelease, Project


class State(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    SUBMITTING = "submitting", _("Being handed over")
    SUBMITTED = "submitted", _("Handed over")
    RUNNING = "running", _("Running")
    COLLECTING = "collecting", _("Checking the result")
    SUCCEEDED = "succeeded", _("Finished")
    QUARANTINED = "quarantined", _("In quarantine")
    REJECTED = "rejected", _("Result rejected")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    LOST = "lost", _("Lost")


LIVE = (State.QUEUED, State.SUBMITTING, State.SUBMITTED, State.RUNNING, State.COLLECTING)
AT_ENGINE = (State.SUBMITTING, State.SUBMITTED, State.RUNNING)
FINAL = (
    *(State.SUCCEEDED, State.QUARANTINED, State.REJECTED),
    *(State.FAILED, State.CANCELLED, State.LOST),
)

TONES = {
    State.SUCCEEDED: "success",
    State.QUARANTINED: "warning",
    State.FAILED: "danger",
    State.LOST: "danger",
    State.CANCELLED: "neutral",
    State.REJECTED: "neutral",
}

# An engine that lost a run (a killed process, a restarted machine) gives it back to SUBMITTING: the next attempt.
# One that needs the room for somebody else lets it wait again. What is in quarantine waits for a person's decision;
# the result of a lost run may turn up later.
MOVES = {
    State.QUEUED: (State.SUBMITTING, State.CANCELLED),
    State.SUBMITTING: (
        State.SUBMITTED,
        State.RUNNING,
        State.COLLECTING,
        State.FAILED,
        State.CANCELLED,
        State.LOST,
    ),
    State.SUBMITTED: (
        *(State.SUBMITTING, State.RUNNING, State.COLLECTING),
        *(State.FAILED, State.CANCELLED, State.LOST),
    ),
    State.RUNNING: (
        *(State.SUBMITTING, State.SUBMITTED, State.COLLECTING),
        *(State.FAILED, State.CANCELLED, State.LOST),
    ),
    State.COLLECTING: (State.SUCCEEDED, State.QUARANTINED),
    State.QUARANTINED: (State.SUCCEEDED, State.REJECTED),
    State.LOST: (State.SUCCEEDED, State.QUARANTINED),
}


class Priority(models.IntegerChoices):
    LOW = -10, _("Can wait")
    NORMAL = 0, _("Normal")
    HIGH = 10, _("Before the others")


class RunQuerySet(models.QuerySet["Run"]):
    def visible_to(self, user: User) -> Self:
        """CESAI and project leads see every run; others the finished ones of the models they see."""
        runs = self.filter(release__in=ModelRelease.objects.visible_to(user))
        if user.is_superuser or user.has_role(*STAFF, Role.SYSADMIN, Role.PROJECT_LEAD):
            return runs
        return runs.filter(state=State.SUCCEEDED)

    def live(self) -> Self:
        return self.filter(state__in=LIVE)

    def in_turn(self) -> Self:
        """In the order in which an engine gets them: priority first, then who came first."""
        return self.order_by("-priority", "created_at", "pk")


@pghistory.track()
class Run(models.Model):
    """`fingerprint` is the SHA-256 over everything that decides about the score; two live runs never share one.

    `replicate` counts deliberate repetitions of a finished run. `restarts` counts how often the engine had to begin
    again. `cancel_requested_at` is an intent: what became of the run is read from the engine.
    `reason` is a key of `evaluations.sentences.REASONS`, `detail` what the machine said.
    `gpus` is 0 in a class without GPUs. `project` is charged with what the run costs; without one it is CESAI itself.
    `planned_seconds` and `planned_cents` were the estimate at the request and are what a budget sets aside while the
    run is live; empty is unknown.
    """

    code = models.CharField(_("code"), max_length=16, unique=True, editable=False)
    uuid = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    release = models.ForeignKey(ModelRelease, models.PROTECT, related_name="runs", verbose_name=_("release"))
    suite_version = models.ForeignKey(
        SuiteVersion, models.PROTECT, related_name="runs", verbose_name=_("suite version")
    )
    engine = models.ForeignKey(Engine, models.PROTECT, related_name="runs", verbose_name=_("engine"))
    gpu_class = models.ForeignKey(
        GpuClass, models.PROTECT, null=True, related_name="runs", verbose_name=_("GPU class")
    )
    gpus = models.PositiveSmallIntegerField(_("GPUs"), default=0)
    priority = models.SmallIntegerField(_("priority"), choices=Priority, default=Priority.NORMAL)
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="runs", verbose_name=_("charged to")
    )
    planned_seconds = models.FloatField(_("estimated seconds"), null=True, blank=True)
    planned_cents = models.BigIntegerField(_("estimated cost"), null=True, blank=True)
    non_commercial = models.BooleanField(_("contains data for non-commercial use only"), default=False)
    fingerprint = models.CharField(_("fingerprint"), max_length=64, validators=[SHA256])
    replicate = models.PositiveSmallIntegerField(_("repetition"), default=0)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.QUEUED)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    detail = models.TextField(_("details"), max_length=2000, blank=True)
    restarts = models.PositiveSmallIntegerField(_("restarts"), default=0)
    cancel_requested_at = models.DateTimeField(_("cancellation requested"), null=True, blank=True)
    claimed_at = models.DateTimeField(_("handed over since"), null=True, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("requested"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects: RunQuerySet = RunQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("evaluation run")
        verbose_name_plural = _("evaluation runs")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="run_newest"),
            models.Index(fields=["release", "-created_at", "-id"], name="run_of_release"),
            models.Index(
                fields=["engine", "-priority", "created_at"], name="run_live", condition=Q(state__in=LIVE)
            ),
            models.Index(fields=["project", "-created_at"], name="run_of_project"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="run_one_live_per_fingerprint",
                fields=["fingerprint"],
                condition=Q(state__in=LIVE),
                violation_error_message=_("The same evaluation is already on its way."),
            ),
            models.CheckConstraint(
                name="run_finished_iff_over",
                condition=Q(state__in=LIVE, finished_at__isnull=True)
                | Q(state__in=FINAL, finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="run_bad_end_has_a_reason",
                condition=~Q(state__in=[State.FAILED, State.QUARANTINED, State.REJECTED, State.LOST])
                | ~Q(reason=""),
            ),
        ]

        triggers = [
            pgtrigger.Trigger(
                name="run_with_scores_stays_a_success",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("state"),
                condition=pgtrigger.Q(old__state="succeeded") & ~pgtrigger.Q(new__state="succeeded"),
                func="""
                    IF EXISTS (SELECT FROM evaluations_score WHERE run_id = NEW.id) THEN
                        RAISE EXCEPTION 'the run has scores'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'run_with_scores_stays_a_success';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("evaluations:run_detail", args=[self.code])

    @property
    def key(self) -> str:
        """Name of the job at the engine, the same for every attempt."""
        return f"eval-{self.uuid}"

    @property
    def tone(self) -> str:
        return TONES.get(State(self.state), "info")

    @property
    def is_final(self) -> bool:
        return self.state in FINAL

    @property
    def may_be_cancelled(self) -> bool:
        return self.state in (State.QUEUED, *AT_ENGINE) and self.cancel_requested_at is None

    def move_to(self, state: State, *, note: str = "", by: User | None = None, **fields: Any) -> bool:
        """Claim a transition in one UPDATE and write it down; False means that somebody else moved first.

        Only from the state and attempt that this instance knows: an observation of an older one moves nothing.
        """
        known = State(self.state)
        if state not in MOVES.get(known, ()):
            return False
        if state in FINAL:
            fields.setdefault("finished_at", timezone.now())
        if state == State.SUBMITTING:
            fields.setdefault("claimed_at", timezone.now())
        with transaction.atomic():
            here = Run.objects.filter(pk=self.pk, state=known, restarts=self.restarts)
            if not here.update(state=state, **fields):
                return False
            StateChange.objects.create(run=self, before=known, after=state, note=note[:500], actor=by)
        self.refresh_from_db()
        return True


class StateChange(models.Model):
    """A change of state, in the order of the database; append-only."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="state_changes", verbose_name=_("run"))
    at = models.DateTimeField(_("at"), auto_now_add=True)
    before = models.CharField(_("before"), max_length=12, choices=State, blank=True)
    after = models.CharField(_("after"), max_length=12, choices=State)
    note = models.CharField(_("note"), max_length=500, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )

    class Meta:
        verbose_name = _("change of state")
        verbose_name_plural = _("changes of state")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class RunProgress(models.Model):
    """How far a run is. A table of its own: it changes every few seconds, and nobody audits that.

    `waiting_for` is why the engine has not started it yet, in the engine's own word (`evaluations.sentences.waiting`).
    `heartbeat_at` is when the runner last said that it lives, `moved_at` when it last got further (node's clock).
    """

    class Phase(models.TextChoices):
        STARTING = "starting", _("Starting")
        PREPARING = "preparing", _("Setting up the harness (only before the first run)")
        ENDPOINT = "endpoint", _("Starting the model")
        CALIBRATING = "calibrating", _("Checking that it is the model")
        EVALUATING = "evaluating", _("Asking the questions")
        PUBLISHING = "publishing", _("Writing the result")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Failed")

    run = models.OneToOneField(Run, models.CASCADE, related_name="progress", verbose_name=_("run"))
    phase = models.CharField(_("phase"), max_length=12, choices=Phase, default=Phase.STARTING)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("of"), default=0)
    reused = models.PositiveIntegerField(_("from an earlier attempt"), default=0)
    waiting_for = models.CharField(_("waiting for"), max_length=60, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    moved_at = models.DateTimeField(_("last progress"), null=True, blank=True)

    class Meta:
        verbose_name = _("progress")
        verbose_name_plural = _("progress")

    def __str__(self) -> str:
        return f"{self.done}/{self.total}"

    def is_silent(self, now: datetime) -> bool:
        """Whether the runner, which speaks every five seconds, has not spoken for two minutes."""
        return self.heartbeat_at is not None and (now - self.heartbeat_at).total_seconds() > 120


class Attempt(models.Model):
    """One start of a run at its engine, and what it used; failed and killed ones count too.

    `energy_joules` empty is unknown, never zero. `is_measured` False: the end was not reported, the last sign of
    life stands for it.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="attempts", verbose_name=_("run"))
    engine_job = models.CharField(_("job at the engine"), max_length=100)
    restart = models.PositiveSmallIntegerField(_("restart"))
    node = models.CharField(_("node"), max_length=200, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    seconds = models.FloatField(_("seconds"), default=0)
    cpu_seconds = models.FloatField(_("CPU seconds"), null=True, blank=True)
    gpu_seconds = models.FloatField(_("GPU seconds"), default=0)
    energy_joules = models.FloatField(_("energy in joules"), null=True, blank=True)
    reason = models.CharField(_("end"), max_length=40, blank=True)
    is_measured = models.BooleanField(_("measured"), default=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["run", "restart", "pk"]
        constraints = [
            models.UniqueConstraint(name="attempt_once", fields=["run", "engine_job", "restart"]),
        ]

    def __str__(self) -> str:
        return f"{self.run} #{self.restart + 1}"
