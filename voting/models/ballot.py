"""What an organisation approves. A change is a new version; nothing is ever overwritten."""

import secrets

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from voting.models.chain import ChainRecord
from voting.models.round import RoundVoter

# The law behind `cast_ballot`. The share lock makes closing wait for ballots that are on their way, and lets
# no ballot in behind it; the clock is the database's.
ONLY_WHILE_OPEN = """
DECLARE
    asked record;
BEGIN
    SELECT r.status, r.opens_at, r.closes_at INTO asked
    FROM voting_round r JOIN voting_roundvoter v ON v.round_id = r.id
    WHERE v.id = NEW.voter_id FOR SHARE OF r;
    IF asked.status <> 'open' OR clock_timestamp() < asked.opens_at OR clock_timestamp() >= asked.closes_at THEN
        RAISE EXCEPTION 'the round takes no ballots now' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
"""


def new_nonce() -> str:
    return secrets.token_hex(16)


class BallotQuerySet(models.QuerySet["Ballot"]):
    def current(self) -> "BallotQuerySet":
        """The last version of each organisation: the one that counts."""
        return self.order_by("voter_id", "-version").distinct("voter_id")


class Ballot(models.Model):
    """One version of one organisation's ballot; the highest version counts. Append-only by trigger."""

    voter = models.ForeignKey(
        RoundVoter, models.PROTECT, related_name="ballots", verbose_name=_("organisation")
    )
    version = models.PositiveIntegerField(_("version"))
    # Keys of the approved RoundItems, in ascending order.
    approvals = ArrayField(models.BigIntegerField(), verbose_name=_("approvals"))
    # Keeps the commitment in the chain from being guessed by trying all ballots.
    nonce = models.CharField(_("nonce"), max_length=64, default=new_nonce, editable=False)
    record = models.OneToOneField(
        ChainRecord, models.PROTECT, related_name="ballot", verbose_name=_("record of the chain")
    )
    cast_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("cast by")
    )
    cast_at = models.DateTimeField(_("cast"), db_default=Now(), editable=False)

    objects: BallotQuerySet = BallotQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        constraints = [
            models.UniqueConstraint(name="ballot_version_once", fields=["voter", "version"]),
            models.CheckConstraint(name="ballot_version_from_one", condition=Q(version__gte=1)),
            models.CheckConstraint(name="ballot_approves_something", condition=Q(approvals__len__gte=1)),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="only_while_open",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=pgtrigger.Func(ONLY_WHILE_OPEN),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.voter} · {self.version}"
