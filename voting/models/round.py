"""A voting round: what is asked, what it costs, who may vote, from when until when."""

import secrets
from collections.abc import Sequence
from typing import Any, Self

import pghistory
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.roles import STAFF, Role
from portfolio.models import ModelProposal
from voting.models.clock import ClockTimestamp
from voting.models.laws import SOURCES, item_laws, round_laws, voter_laws


def new_pseudonym() -> str:
    return secrets.token_hex(8)


class RoundQuerySet(models.QuerySet["Round"]):
    def visible_to(self, user: User) -> Self:
        """Drafts: programme management and auditors. Members and CESAI: whatever was opened. Guests: results."""
        if user.is_superuser or user.has_role(Role.PROGRAMME_MANAGER, Role.AUDITOR):
            return self
        if user.organisations or user.has_role(*STAFF):
            return self.exclude(status=Round.Status.DRAFT)
        return self.counted()

    def counted(self) -> Self:
        """Rounds with a result, whether objections are still possible or not."""
        return self.filter(status__in=Round.COUNTED)

    def with_clock(self) -> Self:
        """Each round with the database's time as `clock`, so that `phase` can be asked."""
        return self.annotate(clock=ClockTimestamp())

    def due(self) -> Self:
        """Rounds whose voting time is over and that nobody has closed."""
        return self.filter(status__in=Round.VOTING, closes_at__lte=ClockTimestamp())

    def due_to_open(self) -> Self:
        """Frozen rounds whose voting time has come; ballots are taken from that instant on anyway."""
        return self.filter(status=Round.Status.FROZEN, opens_at__lte=ClockTimestamp())

    def due_to_become_final(self) -> Self:
        """Counted rounds whose objection period is over."""
        return self.filter(status=Round.Status.TALLIED, objections_until__lte=ClockTimestamp())


@pghistory.track()
class Round(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Rules published")
        COSTED = "costed", _("Proposals confirmed")
        FROZEN = "frozen", _("Ballot paper frozen")
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Being counted")
        TALLIED = "tallied", _("Counted")
        FINAL = "final", _("Final")
        CANCELLED = "cancelled", _("Cancelled")

    class Kind(models.TextChoices):
        PORTAL = "portal", _("Round of the portal")
        IMPORTED = "imported", _("Imported election")

    class Rule(models.TextChoices):
        ADD1 = "equalshares/add1", _("Method of Equal Shares")
        ADD1U = "add1u", _("Equal Shares, rest of the budget by votes")
        GREEDY = "greedy", _("Most votes first")

    class Utility(models.TextChoices):
        COST = "cost", _("by cost")
        CARDINALITY = "cardinality", _("by number of items")
        POINTS = "points", _("by points")

    class Unit(models.TextChoices):
        """What one unit of the budget is. Larger units keep the share of an organisation countable."""

        HOURS = "GPU-h", _("1 GPU-hour")
        TEN_HOURS = "10 GPU-h", _("10 GPU-hours")
        HUNDRED_HOURS = "100 GPU-h", _("100 GPU-hours")
        EURO = "EUR", _("1 euro")
        HUNDRED_EURO = "100 EUR", _("100 euro")
        THOUSAND_EURO = "1000 EUR", _("1,000 euro")

    class Phase(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Rules published")
        COSTED = "costed", _("Proposals confirmed")
        AHEAD = "ahead", _("Opens soon")
        OPEN = "open", _("Open")
        OVER = "over", _("Voting has ended")
        COUNTING = "counting", _("Being counted")
        COUNTED = "counted", _("Counted, objections possible")
        FINAL = "final", _("Final")
        CANCELLED = "cancelled", _("Cancelled")

    TONES = {
        Phase.DRAFT: "neutral",
        Phase.PUBLISHED: "info",
        Phase.COSTED: "info",
        Phase.AHEAD: "info",
        Phase.OPEN: "success",
        Phase.OVER: "warning",
        Phase.COUNTING: "warning",
        Phase.COUNTED: "info",
        Phase.FINAL: "neutral",
        Phase.CANCELLED: "danger",
    }
    PHASES = {
        Status.DRAFT: Phase.DRAFT,
        Status.PUBLISHED: Phase.PUBLISHED,
        Status.COSTED: Phase.COSTED,
        Status.CLOSED: Phase.COUNTING,
        Status.TALLIED: Phase.COUNTED,
        Status.FINAL: Phase.FINAL,
        Status.CANCELLED: Phase.CANCELLED,
    }
    # The ballot paper is frozen and nobody has closed: the clock alone says whether ballots are taken.
    VOTING = (Status.FROZEN, Status.OPEN)
    COUNTED = (Status.TALLIED, Status.FINAL)
    # States in which the proposals of the round are not on a ballot yet.
    BEFORE_FREEZE = (Status.DRAFT, Status.PUBLISHED, Status.COSTED)
    # What the first record of the chain fixes. A new field of the rules belongs into this list.
    RULES = (
        "title",
        "question",
        "rule",
        "utility",
        "budget",
        "unit",
        "minimum_approvals",
        "points_total",
        "points_most",
        "four_eyes",
        "delegation",
        "opens_at",
        "closes_at",
        "objection_days",
        "lot",
    )

    slug = models.SlugField(_("address"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.PORTAL, editable=False)
    title = models.CharField(_("title"), max_length=150)
    question = models.TextField(_("question"), max_length=2000)
    rule = models.CharField(_("rule"), max_length=20, choices=Rule, default=Rule.ADD1)
    utility = models.CharField(
        _("value of a funded item"), max_length=12, choices=Utility, default=Utility.COST
    )
    budget = models.BigIntegerField(_("budget"), validators=[MinValueValidator(1)])
    unit = models.CharField(_("unit of budget and costs"), max_length=12, default=Unit.HOURS)
    minimum_approvals = models.PositiveSmallIntegerField(
        _("approvals at least"), default=3, validators=[MinValueValidator(1)]
    )
    points_total = models.PositiveSmallIntegerField(
        _("points to spread"), default=10, validators=[MinValueValidator(1)]
    )
    points_most = models.PositiveSmallIntegerField(
        _("points for one item at most"), default=5, validators=[MinValueValidator(1)]
    )
    four_eyes = models.BooleanField(_("every ballot needs two people"), default=False)
    delegation = models.BooleanField(_("organisations may delegate their vote"), default=False)
    opens_at = models.DateTimeField(_("opens"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)
    objection_days = models.PositiveSmallIntegerField(
        _("days for objections"), default=14, validators=[MaxValueValidator(90)]
    )
    # Drawn when the rules are published. Items in the order of SHA-256 over it and their code: the last word in a tie.
    lot = models.CharField(_("lot"), max_length=64, blank=True, editable=False)
    status = models.CharField(
        _("status"), max_length=16, choices=Status, default=Status.DRAFT, editable=False
    )
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    # Empty for a round that ended at the announced time.
    closing_reason = models.TextField(
        _("why it was closed early"), max_length=2000, blank=True, editable=False
    )
    objections_until = models.DateTimeField(_("objections until"), null=True, editable=False)
    cancel_reason = models.TextField(_("why it was cancelled"), max_length=2000, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("by"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects: RoundQuerySet = RoundQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("voting round")
        verbose_name_plural = _("voting rounds")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="round_newest"),
            models.Index(fields=["status", "closes_at"], name="round_status_closes"),
        ]
        constraints = [
            models.CheckConstraint(
                name="round_budget_is_positive",
                condition=Q(budget__gt=0),
                violation_error_message=_("The budget must be more than nothing."),
            ),
            models.CheckConstraint(
                name="round_closes_after_it_opens",
                condition=Q(opens_at__isnull=True)
                | Q(closes_at__isnull=True)
                | Q(closes_at__gt=F("opens_at")),
                violation_error_message=_("The round must close after it opens."),
            ),
            models.CheckConstraint(
                name="round_has_an_end_once_published",
                condition=Q(status="draft") | Q(kind="imported") | Q(closes_at__isnull=False),
            ),
            models.CheckConstraint(
                name="round_has_dates_once_frozen",
                condition=Q(status__in=["draft", "published", "costed", "cancelled"])
                | Q(kind="imported")
                | Q(opens_at__isnull=False),
            ),
            models.CheckConstraint(
                name="round_says_why_it_was_cancelled",
                condition=~Q(status="cancelled") | ~Q(cancel_reason=""),
            ),
            models.CheckConstraint(
                name="round_asks_for_an_approval",
                condition=Q(minimum_approvals__gte=1),
                violation_error_message=_("A ballot needs at least one approval."),
            ),
            models.CheckConstraint(
                name="round_points_can_be_spread",
                condition=~Q(utility="points")
                | Q(kind="imported")
                | Q(points_most__gte=1, points_most__lte=F("points_total"))
                & Q(points_total__gte=F("minimum_approvals")),
                violation_error_message=_(
                    "There must be a point for every item that a ballot needs, and no item may get more than all points."
                ),
            ),
        ]
        triggers = round_laws()

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("voting:round_detail", args=[self.slug])

    @property
    def phase(self) -> "Round.Phase":
        """Where the round stands now; needs `clock` from `with_clock()` while it is open."""
        if self.status not in self.VOTING:
            return self.PHASES[self.Status(self.status)]
        clock = self.clock  # type: ignore[attr-defined]
        assert self.opens_at is not None
        assert self.closes_at is not None
        if clock < self.opens_at:
            return self.Phase.AHEAD
        return self.Phase.OPEN if clock < self.closes_at else self.Phase.OVER

    @property
    def tone(self) -> str:
        return self.TONES[self.phase]

    @property
    def is_counted(self) -> bool:
        return self.status in self.COUNTED

    @property
    def takes_ballots(self) -> bool:
        return self.phase == self.Phase.OPEN

    @property
    def asks_points(self) -> bool:
        """Whether a ballot spreads points; otherwise it approves."""
        return self.utility == self.Utility.POINTS

    def move_to(self, status: str, *, sources: Sequence[str] | None = None, **fields: Any) -> bool:
        """Claim a transition in one UPDATE; False means that the state does not allow it any more.

        The step has to be sealed in the chain before. `sources`: from where, if not from the usual states.
        """
        sources = sources or SOURCES[status]
        if not Round.objects.filter(pk=self.pk, status__in=sources).update(status=status, **fields):
            return False
        self.refresh_from_db()
        return True

    move_to.alters_data = True  # type: ignore[attr-defined]


@pghistory.track()
class RoundItem(models.Model):
    """Something that the round can fund. `proposal` is empty in imported elections."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="items", verbose_name=_("round"))
    proposal = models.ForeignKey(
        ModelProposal,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="round_items",
        verbose_name=_("proposal"),
    )
    code = models.CharField(_("code"), max_length=60)
    title = models.CharField(_("title"), max_length=300)
    cost = models.BigIntegerField(_("cost"))
    track = models.ForeignKey(
        "voting.Track",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="items",
        verbose_name=_("track"),
    )

    class Meta:
        verbose_name = _("item of a round")
        verbose_name_plural = _("items of a round")
        ordering = ["code", "pk"]
        constraints = [
            models.UniqueConstraint(name="rounditem_code_once", fields=["round", "code"]),
            models.UniqueConstraint(
                name="rounditem_proposal_once",
                fields=["round", "proposal"],
                condition=Q(proposal__isnull=False),
            ),
            models.CheckConstraint(name="rounditem_cost_is_positive", condition=Q(cost__gt=0)),
        ]
        triggers = item_laws()

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


@pghistory.track()
class RoundVoter(models.Model):
    """An organisation that may vote in the round, as it was when the round opened."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="voters", verbose_name=_("round"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="round_voters", verbose_name=_("organisation")
    )
    # The head of the group of affiliated organisations, or the organisation itself: one vote for all of them.
    group = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("group"))
    # The only name of the voter in the chain and in everything that is published; drawn anew for each round.
    pseudonym = models.CharField(_("pseudonym"), max_length=32, default=new_pseudonym, editable=False)
    name = models.CharField(_("name"), max_length=200)
    size_class = models.CharField(_("size class"), max_length=10, choices=Organisation.SizeClass)
    sector = models.CharField(_("sector"), max_length=100, blank=True)
    in_rheinisches_revier = models.BooleanField(_("in the Rheinisches Revier"))
    # Fixed when the round opens: by the round for all, or by the organisation for itself.
    four_eyes = models.BooleanField(_("its ballot needs two people"), default=False)

    class Meta:
        verbose_name = _("voting organisation")
        verbose_name_plural = _("voting organisations")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(name="roundvoter_organisation_once", fields=["round", "organisation"]),
            models.UniqueConstraint(name="roundvoter_pseudonym_once", fields=["round", "pseudonym"]),
            models.UniqueConstraint(name="roundvoter_group_once", fields=["round", "group"]),
        ]
        triggers = voter_laws()

    def __str__(self) -> str:
        return self.name
