"""Which award pays for a project's evaluations, and up to which amount."""

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from funding.models.plan import BudgetLine
from portfolio.models import Project


@pghistory.track()
class ComputeAllotment(models.Model):
    """Evaluations charged to `project` from `starts_on` to `ends_on`, both included, may cost `limit_cents` of a position."""

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="compute_allotments", verbose_name=_("project")
    )
    line = models.ForeignKey(
        BudgetLine, models.PROTECT, related_name="compute_allotments", verbose_name=_("budget position")
    )
    limit_cents = models.BigIntegerField(
        _("limit"), validators=[MinValueValidator(0)], help_text=_("In euro cents.")
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))

    class Meta:
        verbose_name = _("compute allotment")
        verbose_name_plural = _("compute allotments")
        ordering = ["project", "starts_on"]
        constraints = [
            models.CheckConstraint(
                name="computeallotment_sensible",
                condition=Q(limit_cents__gte=0, ends_on__gte=F("starts_on")),
                violation_error_message=_("The limit is not negative, and the end not before the start."),
            ),
            ExclusionConstraint(
                name="computeallotment_one_at_a_time",
                expressions=[
                    (
                        Func(F("project"), F("project"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            F("starts_on"),
                            F("ends_on"),
                            Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_(
                    "For some of these days the project already has a compute allotment."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} · {self.project.code}"
