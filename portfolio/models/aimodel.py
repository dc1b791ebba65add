"""A model that CESAI commissioned."""

from typing import Self

import pghistory
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from accounts.models import User
from accounts.roles import STAFF, Role
from cesai.lib.states import StateField
from portfolio.models.proposal import ModelProposal


class AIModelQuerySet(models.QuerySet["AIModel"]):
    def visible_to(self, user: User) -> Self:
        """Everybody in the programme and its funders see every model; guests see published ones."""
        if user.is_superuser or user.has_role(*STAFF, Role.FUNDER) or user.organisations:
            return self
        return self.filter(status=AIModel.Status.PUBLISHED)


@pghistory.track()
class AIModel(ConcurrentTransitionMixin, models.Model):
    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        IN_DEVELOPMENT = "in_development", _("In development")
        IN_EVALUATION = "in_evaluation", _("In evaluation")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    BADGE_TONES = {
        Status.PLANNED: "neutral",
        Status.IN_DEVELOPMENT: "info",
        Status.IN_EVALUATION: "info",
        Status.PUBLISHED: "success",
        Status.WITHDRAWN: "danger",
    }

    code = models.CharField(_("code"), max_length=16, unique=True, editable=False)
    # The name in addresses and on the Hub; fixed once the model exists.
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=150)
    summary = models.TextField(_("summary"), max_length=3000, blank=True)
    proposal = models.OneToOneField(
        ModelProposal, models.PROTECT, related_name="model", verbose_name=_("proposal"), null=True, blank=True
    )
    licence = models.CharField(_("licence"), max_length=60, default="Apache-2.0")
    base_model = models.CharField(_("base model"), max_length=150, blank=True)
    status = StateField(_("status"), max_length=16, choices=Status, default=Status.PLANNED)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects: AIModelQuerySet = AIModelQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("model")
        verbose_name_plural = _("models")
        indexes = [models.Index(fields=["-created_at", "-id"], name="aimodel_newest")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("portfolio:model_detail", args=[self.slug])

    @property
    def tone(self) -> str:
        return self.BADGE_TONES[self.Status(self.status)]

    @transition(field=status, source=Status.PLANNED, target=Status.IN_DEVELOPMENT)
    def to_development(self) -> None:
        """Its Schnellboot has started."""

    @transition(field=status, source=[Status.PLANNED, Status.IN_DEVELOPMENT], target=Status.IN_EVALUATION)
    def to_evaluation(self) -> None:
        """A release is being measured."""

    @transition(field=status, source=[Status.IN_DEVELOPMENT, Status.IN_EVALUATION], target=Status.PUBLISHED)
    def to_published(self) -> None:
        """A release is on the Hub."""
