"""Scores that were measured elsewhere: shown beside the portal's own, never mixed with them."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from evaluations.models.suite import SHA256
from evaluations.statistics import Interval, normal_interval
from portfolio.models import ModelRelease


@pghistory.track()
class ImportedReport(models.Model):
    """One file of results about a release, as somebody handed it in. None of the portal's gates has seen it."""

    release = models.ForeignKey(
        ModelRelease, models.PROTECT, related_name="imports", verbose_name=_("release")
    )
    harness = models.CharField(_("harness"), max_length=40)
    harness_version = models.CharField(_("version of the harness"), max_length=40, blank=True)
    model_name = models.CharField(_("model as the file names it"), max_length=200, blank=True)
    source = models.CharField(_("where it is from"), max_length=300)
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64, validators=[SHA256])
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    imported_at = models.DateTimeField(_("imported"), auto_now_add=True)

    class Meta:
        verbose_name = _("imported report")
        verbose_name_plural = _("imported reports")
        ordering = ["-imported_at", "-pk"]
        constraints = [models.UniqueConstraint(name="imported_file_once", fields=["release", "sha256"])]

    def __str__(self) -> str:
        return f"{self.harness} · {self.source}"


class ImportedScore(models.Model):
    """One figure of an imported report. `stderr` is one standard error, whatever the file calls so."""

    report = models.ForeignKey(
        ImportedReport, models.CASCADE, related_name="scores", verbose_name=_("imported report")
    )
    task = models.CharField(_("task"), max_length=100)
    metric = models.CharField(_("metric"), max_length=40)
    value = models.FloatField(_("value"))
    stderr = models.FloatField(_("standard error"), null=True, blank=True)
    questions = models.PositiveIntegerField(_("questions"), null=True, blank=True)
    higher_is_better = models.BooleanField(_("higher is better"), default=True)

    class Meta:
        verbose_name = _("imported score")
        verbose_name_plural = _("imported scores")
        ordering = ["report", "task", "metric"]
        constraints = [
            models.UniqueConstraint(name="imported_score_once", fields=["report", "task", "metric"]),
            models.CheckConstraint(
                name="imported_stderr_not_negative", condition=Q(stderr__isnull=True) | Q(stderr__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.metric} {self.value:.3f}"

    @property
    def interval(self) -> Interval | None:
        """95 % interval: value ± 1.96 standard errors."""
        return normal_interval(self.value, self.stderr) if self.stderr is not None else None
