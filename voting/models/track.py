"""A part of a round's budget with its own items and its own electorate."""

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from voting.models.round import Round

# What a round announced cannot be divided anew.
ONLY_IN_DRAFTS = """
DECLARE
    changed bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.round_id ELSE NEW.round_id END;
BEGIN
    IF (SELECT status FROM voting_round WHERE id = changed) <> 'draft' THEN
        RAISE EXCEPTION 'the tracks of a round are fixed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END;
"""


@pghistory.track()
class Track(models.Model):
    """One election on the common ballot paper: counted alone, with an equal share of its budget for each voter.

    `sizes` names the size classes that vote in it; empty: every organisation of the round.
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="tracks", verbose_name=_("round"))
    code = models.SlugField(_("short name"), max_length=20)
    name = models.CharField(_("name"), max_length=80)
    budget = models.BigIntegerField(_("budget"), validators=[MinValueValidator(1)])
    sizes = ArrayField(
        models.CharField(max_length=10, choices=Organisation.SizeClass),
        verbose_name=_("who votes in it"),
        default=list,
        blank=True,
    )

    class Meta:
        verbose_name = _("track")
        verbose_name_plural = _("tracks")
        ordering = ["code", "pk"]
        constraints = [
            models.UniqueConstraint(name="track_code_once", fields=["round", "code"]),
            models.UniqueConstraint(name="track_name_once", fields=["round", "name"]),
            models.CheckConstraint(name="track_budget_is_positive", condition=Q(budget__gt=0)),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="only_in_drafts",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=pgtrigger.Func(ONLY_IN_DRAFTS),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def takes(self, size_class: str) -> bool:
        """Whether organisations of the size class vote in the track."""
        return not self.sizes or size_class in self.sizes

    @property
    def size_labels(self) -> list[str]:
        return [str(Organisation.SizeClass(each).label) for each in self.sizes]
