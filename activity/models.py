"""What happened, told to people. The audit trail itself is in the database (pghistory) and needs nobody's care."""

from typing import Self
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.utils import timezone
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


class MailQuerySet(models.QuerySet["Mail"]):
    def unsent(self) -> Self:
        """Letters that wait, those tried least and oldest first, until they were refused too often."""
        return self.filter(sent_at__isnull=True, attempts__lt=Mail.MOST_ATTEMPTS).order_by("attempts", "pk")


class Mail(models.Model):
    """One letter to one person. `key` names the occasion, of which nobody is told twice."""

    # A tick a minute: an outage of the mail server of ten days is survived.
    MOST_ATTEMPTS = 14_400

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("addressee")
    )
    key = models.CharField(_("occasion"), max_length=120)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    created_at = models.DateTimeField(_("written"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    attempts = models.PositiveIntegerField(_("failed attempts"), default=0)

    objects: MailQuerySet = MailQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        constraints = [models.UniqueConstraint(name="mail_once", fields=["recipient", "key"])]
        indexes = [
            models.Index(
                name="mail_unsent", fields=["attempts", "id"], condition=models.Q(sent_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def message_id(self) -> str:
        return f"<letter-{self.pk}@{urlsplit(settings.SITE_URL).hostname}>"

    def mark_sent(self) -> None:
        self.sent_at = timezone.now()
        self.save(update_fields=["sent_at"])
