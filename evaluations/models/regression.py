"""A task that a release does worse than the one before it."""

from typing import Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from evaluations.models.run import Run
from evaluations.models.suite import Task


class RegressionQuerySet(models.QuerySet["Regression"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(run__in=Run.objects.visible_to(user))

    def open(self) -> Self:
        return self.filter(acknowledged_at=None)


@pghistory.track()
class Regression(models.Model):
    """Found once, when `run` was taken in; `before` is the run of the earlier release that it was held against.

    `difference` and its 95 % interval are `run` minus `before` on the metric's scale; `p` is that of the paired test,
    `q` adjusted over the suite's tasks. Somebody responsible acknowledges it with a sentence.
    """

    run = models.ForeignKey(Run, models.PROTECT, related_name="regressions", verbose_name=_("run"))
    before = models.ForeignKey(Run, models.PROTECT, related_name="+", verbose_name=_("earlier run"))
    task = models.ForeignKey(Task, models.PROTECT, related_name="+", verbose_name=_("task"))
    metric = models.CharField(_("metric"), max_length=40)
    questions = models.PositiveIntegerField(_("questions"))
    difference = models.FloatField(_("difference"))
    low = models.FloatField(_("lower end"))
    high = models.FloatField(_("upper end"))
    p = models.FloatField(_("p"))
    q = models.FloatField(_("p over all tasks"))
    found_at = models.DateTimeField(_("found"), auto_now_add=True)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("acknowledged by"),
    )
    note = models.CharField(_("what is done about it"), max_length=500, blank=True)

    objects: RegressionQuerySet = RegressionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("regression")
        verbose_name_plural = _("regressions")
        ordering = ["-found_at", "-pk"]
        constraints = [
            models.UniqueConstraint(name="regression_once", fields=["run", "task", "metric"]),
            models.CheckConstraint(
                name="regression_acknowledged_by_somebody_with_a_word",
                condition=Q(acknowledged_at=None, acknowledged_by=None, note="")
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False) & ~Q(note=""),
            ),
        ]
        indexes = [
            models.Index(fields=["-found_at"], name="regression_open", condition=Q(acknowledged_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.run}: {self.task}"
