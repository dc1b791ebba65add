"""A vote that one organisation entrusts to another, for one round."""

from typing import Self

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from voting.models.laws import never_emptied
from voting.models.round import Round, RoundVoter

# At most this part of the electorate may entrust its votes to one delegate.
CAP_PERCENT = 10

# The law behind the actions. Voters before the round, as casting locks them; both voters by key, so that two hands at
# once wait for each other and count what the other wrote.
LAW = f"""
DECLARE
    asked record;
    members integer;
    held integer;
BEGIN
    PERFORM FROM voting_roundvoter
    WHERE id IN (NEW.delegator_id, NEW.delegate_id) ORDER BY id FOR NO KEY UPDATE;
    SELECT status, closes_at, delegation INTO asked FROM voting_round WHERE id = NEW.round_id FOR SHARE;
    IF asked.status NOT IN ('frozen', 'open') OR clock_timestamp() >= asked.closes_at OR NOT asked.delegation THEN
        RAISE EXCEPTION 'the round takes no delegations now' USING ERRCODE = 'check_violation';
    END IF;
    IF (
        SELECT count(*) FROM voting_roundvoter
        WHERE id IN (NEW.delegator_id, NEW.delegate_id) AND round_id = NEW.round_id
    ) <> 2 THEN
        RAISE EXCEPTION 'both must vote in the round' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.revoked_at IS NOT NULL THEN
        RETURN NEW;
    END IF;
    IF EXISTS (
        SELECT FROM voting_delegation d
        WHERE (d.delegator_id = NEW.delegate_id OR d.delegate_id = NEW.delegator_id) AND d.revoked_at IS NULL
    ) THEN
        RAISE EXCEPTION 'a delegation leads no further' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.accepted_at IS NOT NULL THEN
        SELECT count(*) INTO members FROM voting_roundvoter WHERE round_id = NEW.round_id;
        SELECT count(*) INTO held FROM voting_delegation d
        WHERE d.delegate_id = NEW.delegate_id AND d.accepted_at IS NOT NULL AND d.revoked_at IS NULL
        AND d.id <> NEW.id;
        IF (held + 1) * 100 > members * {CAP_PERCENT} THEN
            RAISE EXCEPTION 'too many votes in one hand' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END;
"""  # noqa: S608 - built from this project's own constant


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def standing(self) -> Self:
        """Not revoked: asked for, or in force."""
        return self.filter(revoked_at__isnull=True)

    def in_force(self) -> Self:
        """Accepted by the delegate and not revoked."""
        return self.standing().filter(accepted_at__isnull=False)

    def visible_to(self, user: User) -> Self:
        """Members of the two organisations see it."""
        ours = [each.pk for each in user.organisations]
        return self.filter(Q(delegator__organisation__in=ours) | Q(delegate__organisation__in=ours))


@pghistory.track()
class Delegation(models.Model):
    """`delegator` asks `delegate` to vote for it as well; in force once the delegate accepts, until one revokes it.

    An own ballot of the delegator always goes before. The delegate must agree, because its ballot becomes visible
    to the delegator.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="delegations", verbose_name=_("round"))
    delegator = models.ForeignKey(
        RoundVoter, models.PROTECT, related_name="delegations_given", verbose_name=_("who delegates")
    )
    delegate = models.ForeignKey(
        RoundVoter, models.PROTECT, related_name="delegations_held", verbose_name=_("who votes for it")
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("accepted by")
    )
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("revoked by")
    )
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    objects: DelegationQuerySet = DelegationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("delegation")
        verbose_name_plural = _("delegations")
        constraints = [
            models.CheckConstraint(name="delegation_to_another", condition=~Q(delegator=F("delegate"))),
            models.UniqueConstraint(
                name="delegation_one_at_a_time", fields=["delegator"], condition=Q(revoked_at__isnull=True)
            ),
            models.CheckConstraint(
                name="delegation_accepted_by_whom",
                condition=Q(accepted_by__isnull=True, accepted_at__isnull=True)
                | Q(accepted_by__isnull=False, accepted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="delegation_revoked_by_whom",
                condition=Q(revoked_by__isnull=True, revoked_at__isnull=True)
                | Q(revoked_by__isnull=False, revoked_at__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            never_emptied(),
            pgtrigger.Trigger(
                name="law",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=pgtrigger.Func(LAW),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delegator} → {self.delegate}"
