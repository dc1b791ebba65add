"""A ballot that colleagues prepare together, and whether an organisation wants two people for each ballot."""

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from voting.models.round import RoundVoter


@pghistory.track()
class BallotDraft(models.Model):
    """The one draft of an organisation in a round, seen by its members alone. May be incomplete; counts for nothing."""

    voter = models.OneToOneField(
        RoundVoter, models.PROTECT, related_name="draft", verbose_name=_("organisation")
    )
    approvals = ArrayField(models.BigIntegerField(), verbose_name=_("approvals"))
    points = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("points"), null=True)
    # Grows with every change, so that nobody releases something else than what they read.
    revision = models.PositiveIntegerField(_("revision"), default=1)
    # The last who changed it: the first pair of eyes.
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("prepared by")
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("draft of a ballot")
        verbose_name_plural = _("drafts of ballots")
        constraints = [
            models.CheckConstraint(name="draft_revision_from_one", condition=Q(revision__gte=1)),
            models.CheckConstraint(
                name="draft_points_for_every_item",
                condition=Q(points__isnull=True) | Q(points__len=F("approvals__len")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.voter} · {self.revision}"

    @property
    def choices(self) -> dict[int, int]:
        """Points by key of the item; 1 for each approval where the round asks for no points."""
        return dict(zip(self.approvals, self.points or [1] * len(self.approvals), strict=True))


@pghistory.track()
class VotingPreference(models.Model):
    """How an organisation wants to vote; rounds that open later follow it."""

    organisation = models.OneToOneField(
        Organisation, models.CASCADE, related_name="voting_preference", verbose_name=_("organisation")
    )
    four_eyes = models.BooleanField(_("every ballot needs two people"), default=False)

    class Meta:
        verbose_name = _("voting preference")
        verbose_name_plural = _("voting preferences")

    def __str__(self) -> str:
        return str(self.organisation)
