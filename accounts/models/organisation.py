"""A firm, institute, public body or association: the unit that submits, votes and is funded."""

import pghistory
import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

# Groups are one level deep, so that everybody can see at a glance who votes for whom.
ONE_LEVEL = """
BEGIN
    IF NEW.parent_id IS NOT NULL AND (
        EXISTS (SELECT FROM accounts_organisation WHERE id = NEW.parent_id AND parent_id IS NOT NULL)
        OR EXISTS (SELECT FROM accounts_organisation WHERE parent_id = NEW.id)
    ) THEN
        RAISE EXCEPTION 'a group is one level deep' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
"""


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
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="affiliates",
        verbose_name=_("head of its group"),
        help_text=_(
            "Affiliated organisations are one economic unit and have one vote together. Leave it empty for an independent organisation and for the head itself."
        ),
    )
    in_rheinisches_revier = models.BooleanField(_("in the Rheinisches Revier"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="organisation_is_not_its_own_head",
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                violation_error_message=_(
                    "An organisation is not the head of itself; leave the field empty."
                ),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="one_level",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=ONE_LEVEL,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def group_id(self) -> int:
        """Key of the head of the group; of the organisation itself where it stands alone."""
        return self.parent_id or self.pk

    def clean(self) -> None:
        if self.parent is None:
            return
        if self.parent.parent_id is not None:
            message = _("%(name)s belongs to a group itself; choose the head of that group.")
            raise ValidationError({"parent": message % {"name": self.parent}})
        if self.pk and self.affiliates.exists():
            raise ValidationError({"parent": _("Other organisations name this one as their head.")})

    @property
    def is_sme(self) -> bool:
        """Small or medium-sized enterprise in the sense of EU recommendation 2003/361/EC."""
        return self.size_class in {self.SizeClass.MICRO, self.SizeClass.SMALL, self.SizeClass.MEDIUM}
