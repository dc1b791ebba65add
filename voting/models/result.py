"""What a round decided; written once by the tally, never edited."""

from typing import Self

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from voting.models.laws import never_emptied
from voting.models.round import Round, RoundItem, RoundVoter
from voting.models.track import Track

_NEVER_CHANGED = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class Result(models.Model):
    """The outcome of a round. Amounts are in the round's unit; exact rationals are kept as text (`1250/3`)."""

    round = models.OneToOneField(Round, models.PROTECT, related_name="result", verbose_name=_("round"))
    voters = models.PositiveIntegerField(_("ballots counted"))
    spent = models.BigIntegerField(_("spent"))
    endowment = models.CharField(_("share of each voter"), max_length=200, blank=True)
    runs = models.BigIntegerField(_("shares tried"))
    # Voters with at least one funded item that they approved: under the rule, and under "most votes first".
    served = models.PositiveIntegerField(_("voters with a funded item"))
    served_greedy = models.PositiveIntegerField(_("the same by most votes first"))
    confirmed = models.BooleanField(_("confirmed by the second engine"))
    # {"resamples", "wins": {item code: times}}; None where the count was not repeated.
    robustness = models.JSONField(_("repeated counts"), null=True)
    # {"approvals", "gained": [codes], "lost": [codes]}: the count without approvals of own proposals; None if not made.
    without_own = models.JSONField(_("without votes for own proposals"), null=True)
    # voting.satisfaction: {"k", "classes": [{"sizes", "voters", "served"}]}; None for imported elections.
    satisfaction = models.JSONField(_("satisfaction by size class"), null=True)
    # Per election {"track", "ties": [{"item", "others"}], "refused": {"share", "items"} or null, "full": {code: payers of
    # the full price}}; None where the rule is another or the election was imported.
    walk = models.JSONField(_("what people ask about the count"), null=True)
    computed_at = models.DateTimeField(_("counted"), auto_now_add=True)

    class Meta:
        verbose_name = _("result")
        verbose_name_plural = _("results")
        triggers = [_NEVER_CHANGED]

    def __str__(self) -> str:
        return str(self.round)

    @property
    def left(self) -> int:
        return self.round.budget - self.spent


class TrackResult(models.Model):
    """What one track of a divided round decided; the Result of the round holds the sums."""

    result = models.ForeignKey(Result, models.PROTECT, related_name="tracks", verbose_name=_("result"))
    track = models.OneToOneField(Track, models.PROTECT, related_name="result", verbose_name=_("track"))
    voters = models.PositiveIntegerField(_("ballots counted"))
    spent = models.BigIntegerField(_("spent"))
    endowment = models.CharField(_("share of each voter"), max_length=200, blank=True)
    runs = models.BigIntegerField(_("shares tried"))

    class Meta:
        verbose_name = _("result of a track")
        verbose_name_plural = _("results of tracks")
        ordering = ["track__code", "pk"]
        triggers = [_NEVER_CHANGED]

    def __str__(self) -> str:
        return str(self.track)

    @property
    def left(self) -> int:
        return self.track.budget - self.spent


class ResultItemQuerySet(models.QuerySet["ResultItem"]):
    def as_published(self) -> Self:
        """By track: funded items in the order of funding, then the others by votes; with their proposals."""
        return self.select_related("item__proposal", "part__track").order_by(
            "part__track__code", "-won", "step", "-votes", "pk"
        )


class ResultItem(models.Model):
    """One item of the round. `step` is its place among the items funded by shares, empty for all others."""

    result = models.ForeignKey(Result, models.PROTECT, related_name="items", verbose_name=_("result"))
    item = models.OneToOneField(RoundItem, models.PROTECT, related_name="outcome", verbose_name=_("item"))
    # Where the round is divided: steps are counted within the track.
    part = models.ForeignKey(
        TrackResult, models.PROTECT, null=True, related_name="items", verbose_name=_("track")
    )
    votes = models.PositiveIntegerField(_("votes"))
    won = models.BooleanField(_("funded"))
    step = models.PositiveIntegerField(_("step"), null=True)
    price = models.CharField(_("price per supporter"), max_length=2000, blank=True)
    payers = models.PositiveIntegerField(_("payers"), null=True)
    effective_votes = models.CharField(_("effective votes"), max_length=2000, blank=True)
    # For items that were not funded: what their supporters still hold together.
    money_left = models.CharField(_("money behind it"), max_length=2000, blank=True)
    won_greedy = models.BooleanField(_("funded by most votes first"))
    # voting.tally.explain.Explanation of an item that was not funded; amounts are exact rationals as text.
    explanation = models.JSONField(_("why it was not funded"), null=True)

    objects = ResultItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("result of an item")
        verbose_name_plural = _("results of items")
        ordering = ["-won", "step", "-votes", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="resultitem_step_once",
                fields=["result", "part", "step"],
                condition=models.Q(step__isnull=False),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="resultitem_step_only_if_won", condition=models.Q(step__isnull=True) | models.Q(won=True)
            ),
        ]
        triggers = [_NEVER_CHANGED, never_emptied()]

    def __str__(self) -> str:
        return str(self.item)


class Purse(models.Model):
    """What one voter held, paid and kept in one election of a round of the portal. Exact rationals as text."""

    result = models.ForeignKey(Result, models.PROTECT, related_name="purses", verbose_name=_("result"))
    # Where the round is divided: a voter has a purse for each track in which it voted.
    part = models.ForeignKey(
        TrackResult, models.PROTECT, null=True, related_name="purses", verbose_name=_("track")
    )
    voter = models.ForeignKey(
        RoundVoter, models.PROTECT, related_name="purses", verbose_name=_("organisation")
    )
    # {item code: amount}; only what is more than nothing.
    paid = models.JSONField(_("paid"))
    left = models.TextField(_("left"))

    class Meta:
        verbose_name = _("purse")
        verbose_name_plural = _("purses")
        constraints = [
            models.UniqueConstraint(
                name="purse_once", fields=["result", "part", "voter"], nulls_distinct=False
            ),
        ]
        triggers = [_NEVER_CHANGED, never_emptied()]

    def __str__(self) -> str:
        return self.voter.pseudonym


class ProofKit(models.Model):
    """The zip with which anybody can recompute a final round; kept once, because the last record names its checksum."""

    round = models.OneToOneField(Round, models.PROTECT, related_name="kit", verbose_name=_("round"))
    data = models.BinaryField(_("archive"))
    sha256 = models.CharField(_("checksum"), max_length=64)
    closing = models.CharField(_("closing hash"), max_length=64)

    class Meta:
        verbose_name = _("proof kit")
        verbose_name_plural = _("proof kits")
        triggers = [_NEVER_CHANGED, never_emptied()]

    def __str__(self) -> str:
        return str(self.round)
