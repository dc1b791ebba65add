"""What an organisation approves. A change is a new version; nothing is ever overwritten."""

import secrets

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from voting.models.chain import ChainRecord
from voting.models.laws import never_emptied
from voting.models.round import RoundVoter

# The law behind `cast_ballot`. The share lock makes closing wait for ballots that are on their way, and lets
# no ballot in behind it; the clock is the database's. A copy is written by closing itself, under its own lock.
ONLY_WHILE_OPEN = """
DECLARE
    asked record;
BEGIN
    SELECT r.status, r.opens_at, r.closes_at, v.four_eyes INTO asked
    FROM voting_round r JOIN voting_roundvoter v ON v.round_id = r.id
    WHERE v.id = NEW.voter_id FOR SHARE OF r;
    IF NEW.copied_from_id IS NOT NULL THEN
        IF asked.status NOT IN ('frozen', 'open') OR NOT EXISTS (
            SELECT FROM voting_delegation d JOIN voting_ballot b ON b.voter_id = d.delegate_id
            WHERE d.delegator_id = NEW.voter_id AND b.id = NEW.copied_from_id
            AND d.accepted_at IS NOT NULL AND d.revoked_at IS NULL
            AND b.approvals @> NEW.approvals
        ) THEN
            RAISE EXCEPTION 'nobody delegated this vote' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF asked.status NOT IN ('frozen', 'open') OR clock_timestamp() < asked.opens_at OR clock_timestamp() >= asked.closes_at THEN
        RAISE EXCEPTION 'the round takes no ballots now' USING ERRCODE = 'check_violation';
    END IF;
    IF asked.four_eyes AND NEW.prepared_by_id IS NOT DISTINCT FROM NEW.cast_by_id
    OR asked.four_eyes AND NEW.prepared_by_id IS NULL THEN
        RAISE EXCEPTION 'this ballot needs two people' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
"""

# Asked after the law above, because triggers are called in the order of their names. A track is an election of its own on the common paper, so what a ballot must hold, it must hold in each track.
ONLY_BALLOTS = """
DECLARE
    asked record;
BEGIN
    SELECT r.id, r.utility, r.minimum_approvals, r.points_total, r.points_most, v.size_class INTO asked
    FROM voting_round r JOIN voting_roundvoter v ON v.round_id = r.id WHERE v.id = NEW.voter_id;
    IF (NEW.points IS NOT NULL) <> (asked.utility = 'points') OR EXISTS (
        SELECT FROM unnest(NEW.approvals, NEW.points) AS chosen(item, points)
        LEFT JOIN voting_rounditem i ON i.id = chosen.item AND i.round_id = asked.id
        LEFT JOIN voting_track t ON t.id = i.track_id
        GROUP BY i.track_id
        HAVING count(*) < asked.minimum_approvals
        OR count(DISTINCT i.id) <> count(*)
        OR sum(chosen.points) > asked.points_total
        OR max(chosen.points) > asked.points_most
        OR min(chosen.points) < 1
        OR bool_or(cardinality(t.sizes) > 0 AND NOT asked.size_class = ANY (t.sizes))
    ) THEN
        RAISE EXCEPTION 'this is no ballot of the round' USING ERRCODE = 'check_violation';
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
    # Keys of the approved RoundItems, ascending by their codes.
    approvals = ArrayField(models.BigIntegerField(), verbose_name=_("approvals"))
    # As many as approvals and in their order, where the round asks for points; otherwise None.
    points = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("points"), null=True)
    # Those of the approvals behind which a use case of the organisation itself stood when it voted.
    own = ArrayField(models.BigIntegerField(), verbose_name=_("own proposals"), default=list)
    # Keeps the commitment in the chain from being guessed by trying all ballots.
    nonce = models.CharField(_("nonce"), max_length=64, default=new_nonce, editable=False)
    record = models.OneToOneField(
        ChainRecord, models.PROTECT, related_name="ballot", verbose_name=_("record of the chain")
    )
    cast_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("cast by")
    )
    # Who wrote the draft that was cast; None where it was cast straight from the form.
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("prepared by")
    )
    # The delegate's ballot that closing copied for an organisation that had delegated its vote.
    copied_from = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="copies", verbose_name=_("copy of")
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
            models.CheckConstraint(
                name="ballot_points_for_every_item",
                condition=Q(points__isnull=True) | Q(points__len=F("approvals__len")),
            ),
            models.CheckConstraint(
                name="ballot_own_are_approved", condition=Q(own__contained_by=F("approvals"))
            ),
            # Whoever votes needs no copy, and a copy is never made twice.
            models.CheckConstraint(
                name="ballot_copy_is_the_first", condition=Q(copied_from__isnull=True) | Q(version=1)
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            never_emptied(),
            pgtrigger.Trigger(
                name="only_while_open",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=pgtrigger.Func(ONLY_WHILE_OPEN),
            ),
            pgtrigger.Trigger(
                name="then_only_ballots",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=pgtrigger.Func(ONLY_BALLOTS),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.voter} · {self.version}"

    @property
    def choices(self) -> dict[int, int]:
        """Points by key of the item; 1 for each approval where the round asks for no points."""
        return dict(zip(self.approvals, self.points or [1] * len(self.approvals), strict=True))
