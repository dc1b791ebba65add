"""A Schnellboot: a proof of concept of 6 to 12 months by a small team, ending with a results presentation."""

from datetime import date
from typing import Self

import pghistory
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from accounts.models import Organisation, User
from accounts.roles import STAFF, Role
from cesai.lib.states import StateField
from portfolio.models.aimodel import AIModel

# The programme's bounds; a breach is allowed with a reason in words that reports show.
SHORTEST_MONTHS, LONGEST_MONTHS = 6, 12
SMALLEST_TEAM, LARGEST_TEAM = 8, 10


class MonthsAfter(Func):
    output_field = models.DateField()

    def __init__(self, expression: F, months: int) -> None:
        super().__init__(expression, template=f"(%(expressions)s + interval '{int(months)} months')::date")


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User) -> Self:
        """Everybody in the programme and its funders; guests see none."""
        if user.is_superuser or user.has_role(*STAFF, Role.FUNDER) or user.organisations:
            return self
        return self.none()

    def with_progress(self) -> Self:
        """Adds `progress` as `portfolio/progress.py` defines it: accepted milestones in whole percent of all."""
        accepted = models.Count("milestones", filter=Q(milestones__status="accepted"))
        share = models.Value(100) * accepted / Greatest(models.Count("milestones"), models.Value(1))
        return self.annotate(progress=share)


@pghistory.track()
class Project(ConcurrentTransitionMixin, models.Model):
    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        RUNNING = "running", _("Running")
        COMPLETED = "completed", _("Completed")
        STOPPED = "stopped", _("Stopped")

    class Light(models.TextChoices):
        GREEN = "green", _("On track")
        YELLOW = "yellow", _("At risk")
        RED = "red", _("Off track")

    BADGE_TONES = {
        Status.PLANNED: "neutral",
        Status.RUNNING: "info",
        Status.COMPLETED: "success",
        Status.STOPPED: "danger",
    }
    LIGHT_TONES = {Light.GREEN: "success", Light.YELLOW: "warning", Light.RED: "danger"}

    # Set by `ProjectQuerySet.with_progress`.
    progress: int

    code = models.CharField(_("code"), max_length=16, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=150)
    model = models.ForeignKey(AIModel, models.PROTECT, related_name="projects", verbose_name=_("model"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="projects", verbose_name=_("lead organisation")
    )
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="projects", verbose_name=_("lead")
    )
    starts_on = models.DateField(_("start"))
    results_on = models.DateField(_("planned results presentation"))
    team_size = models.PositiveSmallIntegerField(_("people in the team"), validators=[MinValueValidator(1)])
    iteration = models.PositiveSmallIntegerField(_("iteration"), default=1)
    exception_reason = models.TextField(
        _("reason for another duration or team size"),
        max_length=1000,
        blank=True,
        help_text=_(
            "Needed when the results come earlier than 6 or later than 12 months, or the team is not 8 to 10."
        ),
    )
    light = models.CharField(_("status light"), max_length=6, choices=Light, default=Light.GREEN)
    light_reason = models.CharField(_("reason for the light"), max_length=300, blank=True)
    status = StateField(_("status"), max_length=10, choices=Status, default=Status.PLANNED)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects: ProjectQuerySet = ProjectQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("Schnellboot project")
        verbose_name_plural = _("Schnellboot projects")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="project_newest"),
            models.Index(fields=["starts_on", "id"], name="project_by_start"),
        ]
        constraints = [
            models.CheckConstraint(
                name="project_results_after_start",
                condition=Q(results_on__gt=F("starts_on")),
                violation_error_message=_("The results presentation must come after the start."),
            ),
            models.CheckConstraint(
                name="project_6_to_12_months_or_reason",
                condition=Q(
                    results_on__gte=MonthsAfter(F("starts_on"), SHORTEST_MONTHS),
                    results_on__lte=MonthsAfter(F("starts_on"), LONGEST_MONTHS),
                )
                | ~Q(exception_reason=""),
                violation_error_message=_(
                    "A Schnellboot takes 6 to 12 months. Please change the dates or give a reason in words."
                ),
            ),
            models.CheckConstraint(
                name="project_8_to_10_people_or_reason",
                condition=Q(team_size__gte=SMALLEST_TEAM, team_size__lte=LARGEST_TEAM)
                | ~Q(exception_reason=""),
                violation_error_message=_(
                    "A Schnellboot team has 8 to 10 people. Please change the number or give a reason in words."
                ),
            ),
            models.CheckConstraint(
                name="project_light_needs_reason",
                condition=Q(light="green") | ~Q(light_reason=""),
                violation_error_message=_("A yellow or red light needs a reason."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("portfolio:project_detail", args=[self.code])

    @property
    def tone(self) -> str:
        return self.BADGE_TONES[self.Status(self.status)]

    @property
    def light_tone(self) -> str:
        return self.LIGHT_TONES[self.Light(self.light)]

    def months_gone(self, today: date) -> int:
        """Whole months since the start, 0 before it."""
        months = (today.year - self.starts_on.year) * 12 + today.month - self.starts_on.month
        return max(0, months - (today.day < self.starts_on.day))

    @transition(field=status, source=Status.PLANNED, target=Status.RUNNING)
    def to_running(self) -> None:
        """The team works."""

    @transition(field=status, source=Status.RUNNING, target=Status.COMPLETED)
    def to_completed(self) -> None:
        """The results were presented."""

    @transition(field=status, source=[Status.PLANNED, Status.RUNNING], target=Status.STOPPED)
    def to_stopped(self) -> None:
        """Ended before its results."""
