"""What people decide about results that the gates did not let through."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from evaluations.models.run import Run


class Decision(models.Model):
    """What a person decided about a result in quarantine, and why; append-only.

    `doubt` is the run's reason at that moment. Whoever requested a run does not release its result.
    """

    class Kind(models.TextChoices):
        RELEASED = "released", _("Released in spite of the doubt")
        REJECTED = "rejected", _("Result rejected")
        CHECKED = "checked", _("Checked again: all gates hold")
        HANDED_IN = "handed_in", _("Another result was handed in")

    run = models.ForeignKey(Run, models.PROTECT, related_name="decisions", verbose_name=_("run"))
    kind = models.CharField(_("decision"), max_length=12, choices=Kind)
    doubt = models.CharField(_("doubt"), max_length=40)
    reason = models.TextField(_("reason"), max_length=1000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("decision about a result")
        verbose_name_plural = _("decisions about results")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="decision_against_the_machine_has_a_reason",
                condition=~Q(kind__in=["released", "rejected"]) | ~Q(reason=""),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="decision_stays", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="decision_by_a_second_person",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NEW.kind = 'released'
                       AND EXISTS (SELECT FROM evaluations_run WHERE id = NEW.run_id AND requested_by_id = NEW.by_id) THEN
                        RAISE EXCEPTION 'a result is released by somebody else than who requested the run'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_by_a_second_person';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run} {self.kind}"
