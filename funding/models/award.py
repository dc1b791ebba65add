"""A grant notice (Zuwendungsbescheid): who may spend how much, from when until when."""

from datetime import date
from typing import Self

import pghistory
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from funding.models.programme import READERS, Programme, funded_by
from funding.models.rulepack import RulePack


class AwardQuerySet(models.QuerySet["Award"]):
    def visible_to(self, user: User) -> Self:
        """As its programme: finance, managers and auditors all, a funder its own, others none."""
        if user.is_superuser or user.has_role(*READERS):
            return self
        return self.filter(programme__funder__in=funded_by(user))


@pghistory.track()
class Award(models.Model):
    class Financing(models.TextChoices):
        SHARE = "share", _("Share of the cost (Anteilfinanzierung)")
        DEFICIT = "deficit", _("What is missing (Fehlbedarfsfinanzierung)")
        FIXED = "fixed", _("Fixed amount (Festbetragsfinanzierung)")

    # The name in addresses; file references hold slashes.
    code = models.CharField(_("code"), max_length=16, unique=True, editable=False)
    reference = models.CharField(_("file reference"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=200)
    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="awards", verbose_name=_("programme")
    )
    recipient = models.ForeignKey(
        Organisation, models.PROTECT, related_name="awards", verbose_name=_("recipient")
    )
    granted_on = models.DateField(_("date of the notice"))
    starts_on = models.DateField(_("approval period from"))
    ends_on = models.DateField(_("approval period until"))
    financing = models.CharField(_("kind of financing"), max_length=8, choices=Financing)
    rate_bp = models.PositiveIntegerField(
        _("funding rate"), help_text=_("In hundredths of a percent: 9000 is 90 %.")
    )
    maximum_cents = models.BigIntegerField(_("maximum grant"), help_text=_("In euro cents."))
    rule_pack = models.ForeignKey(
        RulePack, models.PROTECT, related_name="awards", verbose_name=_("rule pack")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects: AwardQuerySet = AwardQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="award_ends_after_it_starts",
                condition=Q(ends_on__gt=F("starts_on")),
                violation_error_message=_("The approval period must end after it starts."),
            ),
            models.CheckConstraint(
                name="award_rate_at_most_100_percent",
                condition=Q(rate_bp__gt=0, rate_bp__lte=10_000),
                violation_error_message=_("The funding rate lies above 0 % and is at most 100 %."),
            ),
            models.CheckConstraint(
                name="award_maximum_is_positive",
                condition=Q(maximum_cents__gt=0),
                violation_error_message=_("The maximum grant must be more than nothing."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("funding:award_detail", args=[self.code])

    def covers(self, day: date) -> bool:
        """Whether `day` lies in the approval period; both ends count."""
        return self.starts_on <= day <= self.ends_on
