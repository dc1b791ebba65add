"""The auxiliary provisions of a notice as dated figures. Funders change them; code does not."""

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


@pghistory.track()
class RulePack(models.Model):
    """A set of provisions under its own name, e.g. ANBest-P NRW."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=150, unique=True)

    class Meta:
        verbose_name = _("rule pack")
        verbose_name_plural = _("rule packs")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class RulePackVersion(models.Model):
    class Unit(models.TextChoices):
        WEEKS = "weeks", _("weeks")
        MONTHS = "months", _("months")

    pack = models.ForeignKey(RulePack, models.PROTECT, related_name="versions", verbose_name=_("rule pack"))
    valid_from = models.DateField(_("valid from"))
    source = models.CharField(_("where it is written"), max_length=300)
    use_by = models.PositiveSmallIntegerField(
        _("money called must be used within"), validators=[MinValueValidator(1)]
    )
    use_by_unit = models.CharField(_("unit"), max_length=6, choices=Unit)
    line_tolerance_bp = models.PositiveIntegerField(
        _("a position may be exceeded by"),
        validators=[MaxValueValidator(10_000)],
        help_text=_("In hundredths of a percent: 2000 is 20 %."),
    )
    interim_proof_months = models.PositiveSmallIntegerField(
        _("interim proof: months after the end of the year")
    )
    final_proof_months = models.PositiveSmallIntegerField(
        _("final proof: months after the end of the period")
    )

    class Meta:
        verbose_name = _("rule pack version")
        verbose_name_plural = _("rule pack versions")
        ordering = ["pack", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                name="rulepackversion_one_per_day",
                fields=["pack", "valid_from"],
                violation_error_message=_("This rule pack already has a version from this day on."),
            ),
            models.CheckConstraint(
                name="rulepackversion_sensible_figures",
                condition=Q(use_by__gt=0, line_tolerance_bp__lte=10_000),
                violation_error_message=_(
                    "The time to use money is at least one; the tolerance at most 100 %."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pack} ({self.valid_from.isoformat()})"
