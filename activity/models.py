"""What happened, told to people. The audit trail itself is in the database (pghistory) and needs nobody's care."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, User
from accounts.roles import Role

# Apps add theirs in `AppConfig.ready` through `activity.sentences.register`.
SENTENCES: dict[str, object] = {}


class EventQuerySet(models.QuerySet["Event"]):
    def visible_to(self, user: User) -> Self:
        """Programme management and auditors see all; everybody else what they or their organisations did."""
        if user.is_superuser or user.has_role(Role.PROGRAMME_MANAGER, Role.AUDITOR):
            return self
        colleagues = Membership.objects.active().filter(
            organisation__in=[each.pk for each in user.organisations]
        )
        return self.filter(models.Q(actor=user) | models.Q(actor__in=colleagues.values("user")))


class Event(models.Model):
    """One thing that happened to one object; append-only."""

    at = models.DateTimeField(_("at"), auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("actor"),
    )
    verb = models.CharField(_("what"), max_length=60)
    # `app_label.model_name` and the key, without a foreign key: the event outlives its object.
    target_type = models.CharField(_("type"), max_length=60)
    target_id = models.BigIntegerField(_("key"))
    target_label = models.CharField(_("object"), max_length=250)
    target_url = models.CharField(_("address"), max_length=250, blank=True)
    data = models.JSONField(_("details"), default=dict, blank=True)

    objects: EventQuerySet = EventQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["-at", "-id"], name="event_newest"),
            models.Index(fields=["target_type", "target_id", "-id"], name="event_of_target"),
        ]

    @property
    def sentence(self) -> str:
        """What happened, in the reader's language; the verb itself where nobody wrote a sentence."""
        return capfirst(str(SENTENCES.get(self.verb, self.verb)))

    def __str__(self) -> str:
        return f"{self.verb}: {self.target_label}"
