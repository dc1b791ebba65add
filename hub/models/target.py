"""Where a model stands on a Hub: one repository, bound for good once it exists."""

from typing import Self

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from hub.models.connection import Connection, name_on_hub
from portfolio.models import AIModel


class TargetQuerySet(models.QuerySet["Target"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(model__in=AIModel.objects.visible_to(user))


@pghistory.track()
class Target(models.Model):
    class State(models.TextChoices):
        UNBOUND = "unbound", _("Not yet on the Hub")
        IN_SYNC = "in_sync", _("Published")
        DRIFTED = "drifted", _("Changed on the Hub")

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("Public")
        PRIVATE = "private", _("Private")

    class Gating(models.TextChoices):
        OPEN = "", _("Open to everybody")
        AUTO = "auto", _("After sharing contact details")
        MANUAL = "manual", _("After approval on the Hub")

    BADGE_TONES = {State.UNBOUND: "neutral", State.IN_SYNC: "success", State.DRIFTED: "warning"}

    model = models.ForeignKey(AIModel, models.PROTECT, related_name="targets", verbose_name=_("model"))
    connection = models.ForeignKey(
        Connection, models.PROTECT, related_name="targets", verbose_name=_("connection")
    )
    repository = models.CharField(_("name on the Hub"), max_length=96, validators=[name_on_hub])
    visibility = models.CharField(
        _("visibility"), max_length=8, choices=Visibility, default=Visibility.PUBLIC
    )
    gating = models.CharField(_("access"), max_length=8, choices=Gating, default=Gating.OPEN, blank=True)
    intended_use = models.TextField(_("intended use"), max_length=3000, blank=True)
    out_of_scope = models.TextField(_("not intended"), max_length=3000, blank=True)
    training_data = models.TextField(_("training data"), max_length=3000, blank=True)
    limitations = models.TextField(_("limitations and risks"), max_length=3000, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.UNBOUND, editable=False)
    # The Hub's own key: it stays through a renaming, and differs when somebody made a new repository of that name.
    internal_id = models.CharField(_("key on the Hub"), max_length=64, blank=True, editable=False)
    head = models.CharField(_("last commit"), max_length=40, blank=True, editable=False)
    # Path to content id (SHA-256 of a large file, git's id of another) of what we published last.
    published = models.JSONField(_("published files"), default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects: TargetQuerySet = TargetQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("place on a Hub")
        verbose_name_plural = _("places on Hubs")
        constraints = [
            models.UniqueConstraint(
                name="target_repository_once",
                fields=["connection", "repository"],
                violation_error_message=_("Another model is published under this name."),
            ),
            models.UniqueConstraint(name="target_once_per_connection", fields=["model", "connection"]),
            models.CheckConstraint(
                name="target_bound_iff_known_to_hub",
                condition=Q(state="unbound") | ~Q(internal_id=""),
            ),
        ]

    def __str__(self) -> str:
        return self.repo_id

    @property
    def repo_id(self) -> str:
        return f"{self.connection.namespace}/{self.repository}"

    @property
    def tone(self) -> str:
        return self.BADGE_TONES[self.State(self.state)]

    @property
    def web_url(self) -> str:
        return self.connection.web_url(self.repo_id)
