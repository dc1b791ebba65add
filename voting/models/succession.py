"""What happens to the money of a final result: winners that are given up, and items of the reserve list that move up."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from voting.models.round import RoundItem

# The law behind the actions. The lock lets one move after another count the money, never two at once.
WITHIN_THE_BUDGET = """
DECLARE
    asked record;
    committed bigint;
BEGIN
    SELECT r.id, r.kind, r.status, i.cost, i.track_id, coalesce(t.budget, r.budget) AS budget, o.won, o.votes INTO asked
    FROM voting_rounditem i
    JOIN voting_round r ON r.id = i.round_id
    LEFT JOIN voting_track t ON t.id = i.track_id
    LEFT JOIN voting_resultitem o ON o.item_id = i.id
    WHERE i.id = NEW.item_id FOR NO KEY UPDATE OF r;
    IF asked.status IS DISTINCT FROM 'final' OR asked.kind <> 'portal' THEN
        RAISE EXCEPTION 'only what a final result funds moves' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.kind = 'withdrawn' THEN
        IF NOT asked.won AND NOT EXISTS (
            SELECT FROM voting_succession WHERE item_id = NEW.item_id AND kind = 'moved_up'
        ) THEN
            RAISE EXCEPTION 'only what is funded is withdrawn' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF asked.won OR asked.votes = 0 THEN
        RAISE EXCEPTION 'the item is not on the reserve list' USING ERRCODE = 'check_violation';
    END IF;
    SELECT coalesce(sum(i.cost), 0) INTO committed
    FROM voting_rounditem i JOIN voting_resultitem o ON o.item_id = i.id
    WHERE i.round_id = asked.id AND i.track_id IS NOT DISTINCT FROM asked.track_id
    AND (o.won OR EXISTS (SELECT FROM voting_succession WHERE item_id = i.id AND kind = 'moved_up'))
    AND NOT EXISTS (SELECT FROM voting_succession WHERE item_id = i.id AND kind = 'withdrawn');
    IF committed + asked.cost > asked.budget THEN
        RAISE EXCEPTION 'the money that is left does not suffice' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
"""


class Succession(models.Model):
    """A winner that was given up, or an item of the reserve list that moved up; each once, with a reason. Append-only.

    It changes what becomes of the money, never the counted result.
    """

    class Kind(models.TextChoices):
        WITHDRAWN = "withdrawn", _("Withdrawn")
        MOVED_UP = "moved_up", _("Moved up")

    item = models.ForeignKey(RoundItem, models.PROTECT, related_name="successions", verbose_name=_("item"))
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    reason = models.TextField(_("reason"), max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("succession")
        verbose_name_plural = _("successions")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="succession_once", fields=["item", "kind"]),
            models.CheckConstraint(name="succession_has_a_reason", condition=~Q(reason="")),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="within_the_budget",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=WITHIN_THE_BUDGET,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.get_kind_display()}"
