"""A firm, institute, public body or association: the unit that submits, votes and is funded."""

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _


@pghistory.track()
class Organisation(models.Model):
    class Kind(models.TextChoices):
        COMPANY = "company", _("Company")
        STARTUP = "startup", _("Start-up")
        RESEARCH = "research", _("Research and higher education")
        PUBLIC = "public", _("Public administration")
        ASSOCIATION = "association", _("Association")
        INVESTOR = "investor", _("Investor")
        COMMUNITY = "community", _("Open-source community")
        FUNDER = "funder", _("Funding body")
        OPERATOR = "operator", _("CESAI")

    class SizeClass(models.TextChoices):
        # Thresholds by staff: EU recommendation 2003/361/EC; turnover is part of the declaration, not computed here.
        MICRO = "micro", _("Micro (fewer than 10 people)")
        SMALL = "small", _("Small (fewer than 50 people)")
        MEDIUM = "medium", _("Medium (fewer than 250 people)")
        MIDCAP = "midcap", _("Larger Mittelstand (fewer than 3,000 people)")
        LARGE = "large", _("Large")
        NONE = "none", _("Not applicable")

    name = models.CharField(_("name"), max_length=200, unique=True)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    kind = models.CharField(_("type"), max_length=20, choices=Kind)
    size_class = models.CharField(_("size class"), max_length=10, choices=SizeClass, default=SizeClass.NONE)
    sector = models.CharField(_("sector"), max_length=100, blank=True)
    seat = models.CharField(_("seat"), max_length=100)
    in_rheinisches_revier = models.BooleanField(_("in the Rheinisches Revier"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_sme(self) -> bool:
        """Small or medium-sized enterprise in the sense of EU recommendation 2003/361/EC."""
        return self.size_class in {self.SizeClass.MICRO, self.SizeClass.SMALL, self.SizeClass.MEDIUM}
