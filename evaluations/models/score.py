"""What a run found."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from evaluations.models.run import Run
from evaluations.models.suite import Task
from evaluations.statistics import Interval, normal_interval, wilson_interval

# The law behind the gates: no score of a run that did not succeed, also by another way than the ingest.
ONLY_OF_A_SUCCESS = """
    IF NOT EXISTS (SELECT FROM evaluations_run WHERE id = NEW.run_id AND state = 'succeeded' FOR SHARE) THEN
        RAISE EXCEPTION 'the run has not succeeded'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'score_only_of_a_success';
    END IF;
    RETURN NEW;
"""


class Score(models.Model):
    """One metric of one task, written only when every gate of the ingest holds.

    `value` and `stderr` (one standard error, the harness's own) are on the metric's scale, 0 to 1 for accuracies.
    `right` is the number of right answers where every answer is right or wrong.
    """

    run = models.ForeignKey(Run, models.PROTECT, related_name="scores", verbose_name=_("run"))
    task = models.ForeignKey(Task, models.PROTECT, related_name="scores", verbose_name=_("task"))
    metric = models.CharField(_("metric"), max_length=40)
    value = models.FloatField(_("value"))
    stderr = models.FloatField(_("standard error"), null=True, blank=True)
    questions = models.PositiveIntegerField(_("questions"))
    right = models.PositiveIntegerField(_("right answers"), null=True, blank=True)
    higher_is_better = models.BooleanField(_("higher is better"), default=True)

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        ordering = ["run", "task", "metric"]
        constraints = [
            models.UniqueConstraint(name="score_once", fields=["run", "task", "metric"]),
            models.CheckConstraint(
                name="score_right_answers_are_questions",
                condition=models.Q(right__isnull=True) | models.Q(right__lte=models.F("questions")),
            ),
        ]

        triggers = [
            pgtrigger.Trigger(
                name="score_only_of_a_success",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("run_id"),
                func=ONLY_OF_A_SUCCESS,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.metric} {self.value:.3f}"

    @property
    def interval(self) -> Interval | None:
        """95 % interval: Wilson where answers are right or wrong, else value ± 1.96 standard errors."""
        if self.right is not None:
            return wilson_interval(self.right, self.questions)
        return normal_interval(self.value, self.stderr) if self.stderr is not None else None

    @property
    def beats_chance(self) -> bool | None:
        """True when the interval lies above guessing, False when it does not, None when guessing is undefined."""
        interval = self.interval
        if self.task.chance is None or interval is None:
            return None
        return interval.low > self.task.chance
