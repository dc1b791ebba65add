"""How much compute a project may spend on evaluations."""

import pghistory
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portfolio.models import Project


@pghistory.track()
class ComputeBudget(models.Model):
    """The most that all runs charged to a project may cost together, in euro cents. A project without one has no limit here."""

    project = models.OneToOneField(
        Project, models.PROTECT, related_name="compute_budget", verbose_name=_("project")
    )
    limit_cents = models.BigIntegerField(
        _("limit"), validators=[MinValueValidator(0)], help_text=_("In euro cents, for the whole project.")
    )
    note = models.CharField(_("reason"), max_length=200, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"), editable=False
    )
    set_at = models.DateTimeField(_("set"), auto_now=True)

    class Meta:
        verbose_name = _("compute budget")
        verbose_name_plural = _("compute budgets")
        ordering = ["project"]
        constraints = [
            models.CheckConstraint(
                name="computebudget_not_negative",
                condition=Q(limit_cents__gte=0),
                violation_error_message=_("A limit cannot be negative."),
            )
        ]

    def __str__(self) -> str:
        return str(self.project)
