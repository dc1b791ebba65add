"""A model that CESAI could commission, with its cost; organisations vote on proposals."""

from typing import Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from accounts.models import User
from accounts.roles import STAFF
from cesai.lib.states import StateField
from portfolio.models.usecase import UseCase


class ModelProposalQuerySet(models.QuerySet["ModelProposal"]):
    def visible_to(self, user: User) -> Self:
        """CESAI sees all; members of an organisation see what is past the first look; guests what was decided."""
        if user.is_superuser or user.has_role(*STAFF):
            return self
        if user.organisations:
            return self.exclude(status=ModelProposal.Status.PROPOSED)
        return self.filter(status__in=[ModelProposal.Status.PRIORITISED, ModelProposal.Status.DECIDED])


@pghistory.track()
class ModelProposal(ConcurrentTransitionMixin, models.Model):
    class Kind(models.TextChoices):
        FOUNDATION = "foundation", _("Foundation model")
        DOMAIN = "domain", _("Domain model")
        ADAPTER = "adapter", _("Adapter")
        MOE = "moe", _("Mixture of experts")
        VERIFIER = "verifier", _("Verifier")
        ONTOLOGY = "ontology", _("Ontology")
        AGENT = "agent", _("Agent")

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        UNDER_REVIEW = "under_review", _("Under review")
        ON_BALLOT = "on_ballot", _("On the ballot")
        PRIORITISED = "prioritised", _("Prioritised")
        DECIDED = "decided", _("Commissioned")
        DEFERRED = "deferred", _("Deferred")
        REJECTED = "rejected", _("Rejected")

    BADGE_TONES = {
        Status.PROPOSED: "neutral",
        Status.UNDER_REVIEW: "info",
        Status.ON_BALLOT: "info",
        Status.PRIORITISED: "success",
        Status.DECIDED: "success",
        Status.DEFERRED: "neutral",
        Status.REJECTED: "danger",
    }

    code = models.CharField(_("code"), max_length=16, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=150)
    summary = models.TextField(_("what the model shall do"), max_length=3000)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.DOMAIN)
    base_model = models.CharField(_("base model"), max_length=150, blank=True)
    licence = models.CharField(_("licence of the result"), max_length=60, default="Apache-2.0")
    use_cases = models.ManyToManyField(UseCase, related_name="proposals", verbose_name=_("use cases"))
    cost_gpu_hours = models.PositiveIntegerField(_("cost in GPU-hours"))
    cost_cents = models.BigIntegerField(_("cost in euro"))
    months = models.PositiveSmallIntegerField(_("duration in months"), default=9)
    status = StateField(_("status"), max_length=12, choices=Status, default=Status.PROPOSED)
    reason = models.TextField(_("reason"), max_length=2000, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects: ModelProposalQuerySet = ModelProposalQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("model proposal")
        verbose_name_plural = _("model proposals")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="proposal_newest"),
            models.Index(fields=["status", "-created_at", "-id"], name="proposal_status_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                name="proposal_cost_is_positive",
                condition=Q(cost_gpu_hours__gt=0, cost_cents__gt=0),
                violation_error_message=_("The cost must be more than nothing, in GPU-hours and in euro."),
            ),
            models.CheckConstraint(
                name="proposal_no_needs_a_reason",
                condition=~Q(status__in=["deferred", "rejected"]) | ~Q(reason=""),
                violation_error_message=_("A deferral and a rejection need a reason in words."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("portfolio:proposal_detail", args=[self.code])

    @property
    def tone(self) -> str:
        return self.BADGE_TONES[self.Status(self.status)]

    @transition(field=status, source=[Status.PROPOSED, Status.DEFERRED], target=Status.UNDER_REVIEW)
    def to_review(self) -> None:
        """Its cost and content are checked."""

    @transition(field=status, source=[Status.UNDER_REVIEW, Status.DEFERRED], target=Status.ON_BALLOT)
    def to_ballot(self) -> None:
        """An open round asks for it."""

    @transition(field=status, source=Status.ON_BALLOT, target=Status.PRIORITISED)
    def to_prioritised(self) -> None:
        """It won its round."""

    @transition(field=status, source=Status.UNDER_REVIEW, target=Status.PRIORITISED)
    def to_moved_up(self) -> None:
        """It moves up from the reserve list of a round that it did not win."""

    @transition(field=status, source=Status.PRIORITISED, target=Status.DEFERRED)
    def to_given_up(self) -> None:
        """It was to be built, and nobody has commissioned it; its money is free again."""

    @transition(field=status, source=Status.ON_BALLOT, target=Status.UNDER_REVIEW)
    def off_ballot(self) -> None:
        """It lost its round, or the round was called off; it may stand again."""

    @transition(field=status, source=Status.PRIORITISED, target=Status.DECIDED)
    def to_decided(self) -> None:
        """A model is commissioned from it."""

    @transition(field=status, source=[Status.PROPOSED, Status.UNDER_REVIEW], target=Status.DEFERRED)
    def to_deferred(self) -> None:
        """Not now."""

    @transition(
        field=status, source=[Status.PROPOSED, Status.UNDER_REVIEW, Status.DEFERRED], target=Status.REJECTED
    )
    def to_rejected(self) -> None:
        """Not at all."""
