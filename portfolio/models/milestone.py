"""A promised step of a Schnellboot. The baseline never moves; the forecast may."""

from typing import Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from cesai.lib.states import StateField
from portfolio.models.project import Project


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    def open(self) -> Self:
        return self.filter(status__in=[Milestone.Status.PLANNED, Milestone.Status.IN_PROGRESS])


@pghistory.track()
class Milestone(ConcurrentTransitionMixin, models.Model):
    class Kind(models.TextChoices):
        STEP = "step", _("Milestone")
        RESULTS = "results", _("Results presentation")

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        IN_PROGRESS = "in_progress", _("In progress")
        REPORTED = "reported", _("Reported as done")
        ACCEPTED = "accepted", _("Accepted")
        REWORK = "rework", _("Rework")
        MISSED = "missed", _("Missed")

    BADGE_TONES = {
        Status.PLANNED: "neutral",
        Status.IN_PROGRESS: "info",
        Status.REPORTED: "warning",
        Status.ACCEPTED: "success",
        Status.REWORK: "warning",
        Status.MISSED: "danger",
    }

    project = models.ForeignKey(Project, models.CASCADE, related_name="milestones", verbose_name=_("project"))
    title = models.CharField(_("title"), max_length=150)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.STEP)
    criteria = models.TextField(_("accepted when"), max_length=1000, blank=True)
    baseline_on = models.DateField(_("promised for"))
    forecast_on = models.DateField(_("expected for"))
    reached_on = models.DateField(_("reached on"), null=True, blank=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reported by"),
    )
    evidence = models.TextField(_("evidence"), max_length=2000, blank=True)
    status = StateField(_("status"), max_length=12, choices=Status, default=Status.PLANNED)

    objects: MilestoneQuerySet = MilestoneQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["baseline_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="milestone_one_results_presentation",
                fields=["project"],
                condition=Q(kind="results"),
                violation_error_message=_("A project has one results presentation."),
            ),
            models.CheckConstraint(
                name="milestone_reached_iff_done",
                condition=Q(status__in=["reported", "accepted", "rework"], reached_on__isnull=False)
                | Q(status__in=["planned", "in_progress", "missed"], reached_on__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def tone(self) -> str:
        return self.BADGE_TONES[self.Status(self.status)]

    @property
    def days_late(self) -> int:
        """Forecast (or actual date) minus promise, in days; negative is early."""
        return ((self.reached_on or self.forecast_on) - self.baseline_on).days

    @transition(field=status, source=[Status.PLANNED, Status.REWORK], target=Status.IN_PROGRESS)
    def to_progress(self) -> None:
        """The team works on it."""

    @transition(
        field=status, source=[Status.PLANNED, Status.IN_PROGRESS, Status.REWORK], target=Status.REPORTED
    )
    def to_reported(self) -> None:
        """The lead says that it is done and gives evidence."""

    @transition(field=status, source=Status.REPORTED, target=Status.ACCEPTED)
    def to_accepted(self) -> None:
        """CESAI agrees."""

    @transition(field=status, source=Status.REPORTED, target=Status.REWORK)
    def to_rework(self) -> None:
        """CESAI does not agree yet."""

    @transition(field=status, source=[Status.PLANNED, Status.IN_PROGRESS], target=Status.MISSED)
    def to_missed(self) -> None:
        """It will not be reached."""
