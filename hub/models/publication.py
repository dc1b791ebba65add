"""An approved plan on its way to the Hub: the row that jobs work off, and the record of what they did."""

from datetime import timedelta
from typing import Self

import pghistory
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from hub.kinds import NEEDS_NEW_PLAN, ErrorKind
from hub.models.plan import Plan
from portfolio.models import AIModel

# Longer than the longest push a worker is allowed (`hub/tasks.py`), so a lease that ran out belongs to a dead one.
LEASE = timedelta(minutes=11)


class PublicationQuerySet(models.QuerySet["Publication"]):
    def visible_to(self, user: User) -> Self:
        """CESAI and auditors see every attempt; others see what is out, of the models they see."""
        if user.has_perm("hub.read_plan"):
            return self
        return self.filter(
            state=Publication.State.PUBLISHED,
            plan__release__model__in=AIModel.objects.visible_to(user),
            plan__target__visibility="public",
        )

    def due(self) -> Self:
        """Queued ones whose time has come, and running ones whose worker died."""
        now = timezone.now()
        return self.filter(
            Q(state=Publication.State.QUEUED, not_before__lte=now)
            | Q(state=Publication.State.RUNNING, leased_until__lt=now)
        )


@pghistory.track()
class Publication(models.Model):
    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Being published")
        PUBLISHED = "published", _("Published")
        FAILED = "failed", _("Failed")
        ABANDONED = "abandoned", _("Given up")

    class Step(models.TextChoices):
        WAITING = "waiting", _("Waiting for its turn")
        CHECKING = "checking", _("Checking the Hub")
        SENDING = "sending", _("Sending card and files")
        VERIFYING = "verifying", _("Verifying what arrived")
        FINISHING = "finishing", _("Setting tag and visibility")
        DONE = "done", _("Done")

    BADGE_TONES = {
        State.QUEUED: "info",
        State.RUNNING: "info",
        State.PUBLISHED: "success",
        State.FAILED: "danger",
        State.ABANDONED: "neutral",
    }
    FINAL = (State.PUBLISHED, State.FAILED, State.ABANDONED)

    plan = models.OneToOneField(Plan, models.PROTECT, related_name="publication", verbose_name=_("plan"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    step = models.CharField(_("step"), max_length=10, choices=Step, default=Step.WAITING)
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    not_before = models.DateTimeField(_("not before"), default=timezone.now)
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    error_kind = models.CharField(_("error"), max_length=12, choices=ErrorKind, blank=True)
    error_detail = models.CharField(_("answer of the Hub"), max_length=500, blank=True)
    commit_oid = models.CharField(_("commit"), max_length=40, blank=True)
    recovered = models.BooleanField(_("found after a lost answer"), default=False)
    request_ids = models.JSONField(_("request ids of the Hub"), default=list, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects: PublicationQuerySet = PublicationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="publication_newest"),
            models.Index(
                fields=["not_before"],
                name="publication_due",
                condition=Q(state__in=["queued", "running"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="publication_published_iff_committed",
                condition=~Q(state="published") | ~Q(commit_oid=""),
            ),
            models.CheckConstraint(
                name="publication_failed_with_a_kind",
                condition=~Q(state="failed") | ~Q(error_kind=""),
            ),
            models.CheckConstraint(
                name="publication_finished_iff_over",
                condition=Q(state__in=["queued", "running"], finished_at__isnull=True)
                | Q(state__in=["published", "failed", "abandoned"], finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="publication_leased_iff_running",
                condition=Q(state="running", leased_until__isnull=False)
                | (~Q(state="running") & Q(leased_until__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return str(self.plan)

    def get_absolute_url(self) -> str:
        return reverse("hub:publication_detail", args=[self.pk])

    @property
    def tone(self) -> str:
        return self.BADGE_TONES[self.State(self.state)]

    @property
    def is_final(self) -> bool:
        return self.state in self.FINAL

    @property
    def may_be_retried(self) -> bool:
        return self.state == self.State.FAILED and self.error_kind not in NEEDS_NEW_PLAN

    @property
    def web_url(self) -> str:
        """Where people read it, once it is there."""
        target = self.plan.target
        return target.connection.web_url(target.repo_id) if self.commit_oid else ""

    def claim(self) -> bool:
        """Take the row for one attempt; False when it is not due or another worker holds it."""
        taken = Publication.objects.due().filter(pk=self.pk)
        now = timezone.now()
        if not taken.update(
            state=self.State.RUNNING,
            step=self.Step.CHECKING,
            attempt=F("attempt") + 1,
            leased_until=now + LEASE,
            error_kind="",
            error_detail="",
        ):
            return False
        self.refresh_from_db()
        return True

    def update_running(self, **fields: object) -> bool:
        """Write to the row while our attempt still holds it; False when the lease was taken over meanwhile."""
        held = Publication.objects.filter(pk=self.pk, state=self.State.RUNNING, attempt=self.attempt)
        if not held.update(**fields):
            return False
        self.refresh_from_db()
        return True
