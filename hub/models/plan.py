"""What a publication would do, frozen: prepared by a job, shown to people, approved by its digest."""

from typing import Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from hub.kinds import ErrorKind
from hub.models.target import Target
from hub.plan import SyncPlan
from portfolio.models import ModelRelease


class PlanQuerySet(models.QuerySet["Plan"]):
    def visible_to(self, user: User) -> Self:
        """Plans are CESAI's own affair until they are carried out."""
        return self if user.has_perm("hub.read_plan") else self.none()

    def open(self) -> Self:
        return self.filter(state__in=Plan.OPEN)


# The content is written once and can be long; the digest in the history proves that it never changed.
@pghistory.track(exclude=["content", "generated"])
class Plan(models.Model):
    class State(models.TextChoices):
        PREPARING = "preparing", _("Being prepared")
        READY = "ready", _("Waits for approval")
        APPROVED = "approved", _("Approved")
        DONE = "done", _("Carried out")
        IN_SYNC = "in_sync", _("Nothing to do")
        FAILED = "failed", _("Could not be prepared")
        DISCARDED = "discarded", _("Discarded")

    BADGE_TONES = {
        State.PREPARING: "info",
        State.READY: "warning",
        State.APPROVED: "info",
        State.DONE: "success",
        State.IN_SYNC: "success",
        State.FAILED: "danger",
        State.DISCARDED: "neutral",
    }
    OPEN = (State.PREPARING, State.READY, State.APPROVED)
    MOVES = {
        State.READY: (State.PREPARING,),
        State.IN_SYNC: (State.PREPARING,),
        State.FAILED: (State.PREPARING,),
        State.APPROVED: (State.READY,),
        State.DONE: (State.APPROVED,),
        State.DISCARDED: (State.PREPARING, State.READY, State.APPROVED),
    }

    target = models.ForeignKey(
        Target, models.PROTECT, related_name="plans", verbose_name=_("place on the Hub")
    )
    release = models.ForeignKey(ModelRelease, models.PROTECT, related_name="plans", verbose_name=_("release"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PREPARING)
    # `hub.plan.SyncPlan.as_dict()`, and the texts that the portal wrote for it: path to content.
    content = models.JSONField(_("content"), default=dict, blank=True)
    generated = models.JSONField(_("generated files"), default=dict, blank=True)
    digest = models.CharField(_("digest"), max_length=64, blank=True)
    base_sha = models.CharField(_("commit it builds on"), max_length=40, blank=True)
    bytes_to_send = models.BigIntegerField(_("bytes to send"), default=0)
    error_kind = models.CharField(_("error"), max_length=12, choices=ErrorKind, blank=True)
    error_detail = models.CharField(_("answer of the Hub"), max_length=500, blank=True)
    four_eyes = models.BooleanField(_("needs a second person"), default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("planned by")
    )
    created_at = models.DateTimeField(_("planned"), auto_now_add=True)
    expires_at = models.DateTimeField(_("valid until"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)

    objects: PlanQuerySet = PlanQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("publication plan")
        verbose_name_plural = _("publication plans")
        indexes = [models.Index(fields=["-created_at", "-id"], name="plan_newest")]
        constraints = [
            models.UniqueConstraint(
                name="plan_one_open_per_target",
                fields=["target"],
                condition=Q(state__in=["preparing", "ready", "approved"]),
                violation_error_message=_("There is already an open plan for this model."),
            ),
            models.CheckConstraint(
                name="plan_approved_by_somebody_at_some_time",
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="plan_carried_out_only_if_approved",
                condition=~Q(state__in=["approved", "done"]) | Q(approved_by__isnull=False),
            ),
            models.CheckConstraint(
                name="plan_two_people_where_asked",
                condition=Q(four_eyes=False) | Q(approved_by__isnull=True) | ~Q(approved_by=F("created_by")),
                violation_error_message=_("A second person has to approve this plan."),
            ),
            models.CheckConstraint(
                name="plan_digest_once_prepared",
                condition=Q(state__in=["preparing", "failed", "discarded"]) | ~Q(digest=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.release} → {self.target.repo_id}"

    def get_absolute_url(self) -> str:
        return reverse("hub:plan_detail", args=[self.pk])

    @property
    def tone(self) -> str:
        return self.BADGE_TONES[self.State(self.state)]

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    def sync_plan(self) -> SyncPlan:
        return SyncPlan.from_dict(self.content)

    def move_to(self, state: str, **fields: object) -> bool:
        """Change the state in one UPDATE; False means that somebody else moved first."""
        sources = self.MOVES[self.State(state)]
        if not Plan.objects.filter(pk=self.pk, state__in=sources).update(state=state, **fields):
            return False
        self.refresh_from_db()
        return True
