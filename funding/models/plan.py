"""The finance plan: positions, and what each version of the plan means to spend on them, per year and source."""

from typing import Self

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funding.models.award import Award


class Source(models.TextChoices):
    """Where money comes from; the first three are public."""

    FEDERAL = "federal", _("Federal government")
    STATE = "state", _("Federal state")
    EU = "eu", _("European Union")
    OWN = "own", _("Own contribution")
    PRIVATE = "private", _("Private money")


PUBLIC_SOURCES = (Source.FEDERAL, Source.STATE, Source.EU)


@pghistory.track()
class BudgetLine(models.Model):
    """A position of the finance plan. It outlives the versions of the plan: entries are booked on it."""

    award = models.ForeignKey(Award, models.PROTECT, related_name="budget_lines", verbose_name=_("award"))
    position = models.CharField(_("position"), max_length=10)
    label = models.CharField(_("label"), max_length=150)

    class Meta:
        verbose_name = _("budget position")
        verbose_name_plural = _("budget positions")
        ordering = ["award", "position"]
        constraints = [
            models.UniqueConstraint(
                name="budgetline_position_once",
                fields=["award", "position"],
                violation_error_message=_("The award already has this position."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.label}"


class FinancePlanVersionQuerySet(models.QuerySet["FinancePlanVersion"]):
    def binding(self) -> Self:
        """Approved versions, the newest decision first: the first of them is the one in force."""
        return self.filter(status=FinancePlanVersion.Status.APPROVED).order_by("-decided_on", "-number")


@pghistory.track()
class FinancePlanVersion(models.Model):
    """One whole plan. Figures that are only talked about are a scenario, never the plan of the award."""

    class Status(models.TextChoices):
        SCENARIO = "scenario", _("Scenario")
        SUBMITTED = "submitted", _("Applied for")
        APPROVED = "approved", pgettext_lazy("money", "Approved")

    BADGE_TONES = {Status.SCENARIO: "neutral", Status.SUBMITTED: "info", Status.APPROVED: "success"}

    award = models.ForeignKey(Award, models.PROTECT, related_name="plan_versions", verbose_name=_("award"))
    number = models.PositiveSmallIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=150)
    note = models.TextField(_("note"), max_length=2000, blank=True)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.SCENARIO)
    submitted_on = models.DateField(_("applied for on"), null=True, blank=True)
    decided_on = models.DateField(_("approved on"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects: FinancePlanVersionQuerySet = FinancePlanVersionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("finance plan version")
        verbose_name_plural = _("finance plan versions")
        ordering = ["award", "number"]
        constraints = [
            models.UniqueConstraint(name="planversion_number_once", fields=["award", "number"]),
            models.CheckConstraint(
                name="planversion_days_follow_status",
                condition=Q(status="scenario", submitted_on__isnull=True, decided_on__isnull=True)
                | Q(status="submitted", submitted_on__isnull=False, decided_on__isnull=True)
                | Q(status="approved", submitted_on__isnull=False, decided_on__gte=F("submitted_on")),
                violation_error_message=_("A plan is applied for first and approved afterwards."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.name}"

    @property
    def tone(self) -> str:
        return self.BADGE_TONES[self.Status(self.status)]


@pghistory.track()
class PlannedAmount(models.Model):
    """What one version of the plan means to spend on one position in one year, and whose money that is."""

    version = models.ForeignKey(
        FinancePlanVersion, models.CASCADE, related_name="amounts", verbose_name=_("finance plan version")
    )
    line = models.ForeignKey(
        BudgetLine, models.PROTECT, related_name="amounts", verbose_name=_("budget position")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    amount_cents = models.BigIntegerField(_("amount"))
    federal_cents = models.BigIntegerField(Source.FEDERAL.label, default=0)
    state_cents = models.BigIntegerField(Source.STATE.label, default=0)
    eu_cents = models.BigIntegerField(Source.EU.label, default=0)
    own_cents = models.BigIntegerField(Source.OWN.label, default=0)
    private_cents = models.BigIntegerField(Source.PRIVATE.label, default=0)

    class Meta:
        verbose_name = _("planned amount")
        verbose_name_plural = _("planned amounts")
        ordering = ["version", "line", "year"]
        constraints = [
            models.UniqueConstraint(
                name="plannedamount_once",
                fields=["version", "line", "year"],
                violation_error_message=_("This position already has an amount for this year."),
            ),
            models.CheckConstraint(
                name="plannedamount_sources_sum",
                condition=Q(
                    amount_cents=F("federal_cents")
                    + F("state_cents")
                    + F("eu_cents")
                    + F("own_cents")
                    + F("private_cents")
                ),
                violation_error_message=_(
                    "The amounts of the sources must add up to the amount, to the cent."
                ),
            ),
            models.CheckConstraint(
                name="plannedamount_not_negative",
                condition=Q(
                    federal_cents__gte=0,
                    state_cents__gte=0,
                    eu_cents__gte=0,
                    own_cents__gte=0,
                    private_cents__gte=0,
                ),
                violation_error_message=_("A planned amount cannot be negative."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="approved_plan_stays",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                declare=[("plan", "record"), ("subject", "record")],
                func="""
                    IF TG_OP = 'DELETE' THEN subject := OLD; ELSE subject := NEW; END IF;
                    SELECT version.status, version.award_id AS award, line.award_id AS line_award INTO plan
                      FROM funding_financeplanversion version, funding_budgetline line
                     WHERE version.id = subject.version_id AND line.id = subject.line_id;
                    IF plan.status = 'approved' THEN
                        RAISE EXCEPTION 'an approved finance plan does not change'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'plannedamount_approved_plan_stays';
                    END IF;
                    IF plan.award <> plan.line_award THEN
                        RAISE EXCEPTION 'the position belongs to another award'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'plannedamount_line_of_the_award';
                    END IF;
                    RETURN subject;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.year}"
