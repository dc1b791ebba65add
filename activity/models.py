"""What happened, told to people. The audit trail itself is in the database (pghistory) and needs nobody's care."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """One thing that happened to one object; append-only."""

    at = models.DateTimeField(_("at"), auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("actor")
    )
    verb = models.CharField(_("what"), max_length=60)
    # `app_label.model_name` and the key, without a foreign key: the event outlives its object.
    target_type = models.CharField(_("type"), max_length=60)
    target_id = models.BigIntegerField(_("key"))
    target_label = models.CharField(_("object"), max_length=250)
    target_url = models.CharField(_("address"), max_length=250, blank=True)
    data = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["-at", "-id"], name="event_newest"),
            models.Index(fields=["target_type", "target_id", "-id"], name="event_of_target"),
        ]

    def __str__(self) -> str:
        return f"{self.verb}: {self.target_label}"
