"""What an organisation says against a result before it becomes final, and what was decided about it."""

from typing import Self

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Role
from voting.models.laws import never_emptied
from voting.models.round import Round, RoundVoter

# The law behind the actions: filed within the period by the database's clock, then decided once, and never else changed.
WITHIN_THE_PERIOD = """
DECLARE
    asked record;
BEGIN
    SELECT r.status, r.objections_until INTO asked
    FROM voting_round r JOIN voting_roundvoter v ON v.round_id = r.id
    WHERE v.id = NEW.voter_id AND r.id = NEW.round_id FOR SHARE OF r;
    IF asked.status IS DISTINCT FROM 'tallied' OR clock_timestamp() >= asked.objections_until OR NEW.status <> 'open' THEN
        RAISE EXCEPTION 'the round takes no objections now' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
"""
DECIDED_ONCE = """
BEGIN
    IF OLD.status <> 'open' OR NEW.status = 'open'
        OR to_jsonb(NEW) - ARRAY['status', 'reason', 'decided_by_id', 'decided_at']
            <> to_jsonb(OLD) - ARRAY['status', 'reason', 'decided_by_id', 'decided_at']
    THEN
        RAISE EXCEPTION 'an objection is decided once and stays' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
"""


class ObjectionQuerySet(models.QuerySet["Objection"]):
    def visible_to(self, user: User) -> Self:
        """Programme management and auditors: all; members: those of their own organisations."""
        if user.is_superuser or user.has_role(Role.PROGRAMME_MANAGER, Role.AUDITOR):
            return self
        return self.filter(voter__organisation__in=[each.pk for each in user.organisations])


@pghistory.track()
class Objection(models.Model):
    class Status(models.TextChoices):
        OPEN = "open", _("Waits for a decision")
        REJECTED = "rejected", _("Turned down")
        UPHELD = "upheld", _("Upheld")

    TONES = {Status.OPEN: "warning", Status.REJECTED: "neutral", Status.UPHELD: "danger"}

    round = models.ForeignKey(Round, models.PROTECT, related_name="objections", verbose_name=_("round"))
    voter = models.ForeignKey(
        RoundVoter, models.PROTECT, related_name="objections", verbose_name=_("organisation")
    )
    number = models.PositiveIntegerField(_("number"))
    text = models.TextField(_("objection"), max_length=5000)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("filed by")
    )
    filed_at = models.DateTimeField(_("filed"), db_default=Now(), editable=False)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN)
    reason = models.TextField(_("reason of the decision"), max_length=5000, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)

    objects: ObjectionQuerySet = ObjectionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ["round", "number"]
        constraints = [
            models.UniqueConstraint(name="objection_number_once", fields=["round", "number"]),
            models.CheckConstraint(
                name="objection_is_decided_with_a_reason",
                condition=Q(status="open", reason="", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(status="open") & ~Q(reason="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="within_the_period",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=WITHIN_THE_PERIOD,
            ),
            pgtrigger.Trigger(
                name="decided_once", when=pgtrigger.Before, operation=pgtrigger.Update, func=DECIDED_ONCE
            ),
            pgtrigger.Protect(name="stays", operation=pgtrigger.Delete),
            never_emptied(),
        ]

    def __str__(self) -> str:
        return f"{self.round} · {self.number}"

    @property
    def tone(self) -> str:
        return self.TONES[self.Status(self.status)]
