"""Where evaluations run."""

import pghistory
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


@pghistory.track(exclude=["unreachable_since", "trouble"])
class Engine(models.Model):
    """A machine or cluster that runs jobs. The portal decides whether it gets one, never which GPU.

    What jobs ask it for are the rows of `GpuClass`.
    `unreachable_since` is a flag and no state: while it is set nothing is known, and nothing is concluded.
    """

    class Kind(models.TextChoices):
        LOCAL = "local", _("This machine")
        SLURM = "slurm", _("Slurm cluster")

    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    title = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    is_open = models.BooleanField(
        _("takes new runs"), default=True, help_text=_("Without it, running ones end and no new one starts.")
    )
    most_at_once = models.PositiveSmallIntegerField(
        _("runs at once"), default=1, validators=[MinValueValidator(1)]
    )
    unreachable_since = models.DateTimeField(_("unreachable since"), null=True, blank=True, editable=False)
    trouble = models.CharField(_("trouble"), max_length=500, blank=True, editable=False)

    class Meta:
        verbose_name = _("engine")
        verbose_name_plural = _("engines")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.title
