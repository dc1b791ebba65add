"""One booking on an award. Entries are never changed: a correction is a booking of its own."""

from typing import Self

import pghistory
import pgtrigger
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from funding.models.award import Award
from funding.models.plan import BudgetLine
from portfolio.models import Project


class EntryQuerySet(models.QuerySet["Entry"]):
    def visible_to(self, user: User) -> Self:
        """Entries of the awards that `user` may read."""
        return self.filter(award__in=Award.objects.visible_to(user))


@pghistory.track()
class Entry(models.Model):
    """`amount_cents` is what it costs; negative where it takes an earlier entry back (`reverses`).

    A payment that settles a commitment names it in `settles`: what is open of a commitment is its amount less
    those payments. Planned payments and contributions in kind never count as spent.
    """

    class Kind(models.TextChoices):
        PLAN = "plan", _("Planned payment")
        COMMITMENT = "commitment", _("Commitment")
        ACTUAL = "actual", _("Payment")
        IN_KIND = "in_kind", _("Contribution in kind")

    award = models.ForeignKey(Award, models.PROTECT, related_name="entries", verbose_name=_("award"))
    line = models.ForeignKey(
        BudgetLine, models.PROTECT, related_name="entries", verbose_name=_("budget position")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    booked_on = models.DateField(_("date"))
    payee = models.CharField(_("payee"), max_length=150)
    reason = models.CharField(_("reason"), max_length=300)
    amount_cents = models.BigIntegerField(_("amount"))
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="entries", verbose_name=_("project")
    )
    settles = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="payments", verbose_name=_("settles")
    )
    reverses = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reversed_by",
        verbose_name=_("takes back"),
    )
    outside_reason = models.CharField(
        _("reason for a date outside the approval period"), max_length=300, blank=True
    )
    document_name = models.CharField(_("document"), max_length=150, blank=True)
    document_sha256 = models.CharField(
        _("checksum of the document"),
        max_length=64,
        blank=True,
        validators=[
            RegexValidator(r"^[0-9a-f]{64}$", _("A SHA-256 checksum has 64 digits from 0 to 9 and a to f."))
        ],
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects: EntryQuerySet = EntryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        indexes = [
            models.Index(fields=["award", "-booked_on", "-id"], name="entry_newest"),
            models.Index(fields=["award", "line", "kind"], name="entry_by_line"),
        ]
        constraints = [
            models.CheckConstraint(
                name="entry_amount_is_not_zero",
                condition=~Q(amount_cents=0),
                violation_error_message=_("The amount must not be zero."),
            ),
            models.CheckConstraint(
                name="entry_negative_only_takes_back",
                condition=Q(amount_cents__gt=0) | Q(reverses__isnull=False),
                violation_error_message=_("A negative amount is only possible where an entry is taken back."),
            ),
            models.CheckConstraint(
                name="entry_only_payments_settle",
                condition=Q(settles__isnull=True) | Q(kind="actual"),
                violation_error_message=_("Only a payment can settle a commitment."),
            ),
            models.CheckConstraint(
                name="entry_document_checksum",
                condition=Q(document_sha256="") | Q(document_sha256__regex=r"^[0-9a-f]{64}$"),
                violation_error_message=_("A SHA-256 checksum has 64 digits from 0 to 9 and a to f."),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="entry_stays", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="entry_fits_its_award",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                declare=[("award", "funding_award"), ("other", "funding_entry")],
                func="""
                    SELECT * INTO award FROM funding_award WHERE id = NEW.award_id;
                    IF NOT EXISTS (SELECT FROM funding_budgetline WHERE id = NEW.line_id AND award_id = NEW.award_id) THEN
                        RAISE EXCEPTION 'the position belongs to another award'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_line_of_the_award';
                    END IF;
                    IF NEW.outside_reason = '' AND (NEW.booked_on < award.starts_on OR NEW.booked_on > award.ends_on) THEN
                        RAISE EXCEPTION 'the date lies outside the approval period'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_in_period_or_reason';
                    END IF;
                    IF NEW.settles_id IS NOT NULL THEN
                        SELECT * INTO other FROM funding_entry WHERE id = NEW.settles_id;
                        IF other.kind <> 'commitment' OR other.line_id <> NEW.line_id THEN
                            RAISE EXCEPTION 'a payment settles a commitment of its own position'
                                USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_settles_a_commitment';
                        END IF;
                    END IF;
                    IF NEW.reverses_id IS NOT NULL THEN
                        SELECT * INTO other FROM funding_entry WHERE id = NEW.reverses_id;
                        IF other.amount_cents + NEW.amount_cents <> 0 OR other.line_id <> NEW.line_id
                           OR other.kind <> NEW.kind OR other.settles_id IS DISTINCT FROM NEW.settles_id THEN
                            RAISE EXCEPTION 'a reversal mirrors what it takes back'
                                USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_reversal_mirrors';
                        END IF;
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.booked_on.isoformat()} {self.payee}"
