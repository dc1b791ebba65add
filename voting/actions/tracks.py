"""Dividing a round's budget into tracks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import User
from activity.actions import record
from voting.actions import VoteRefused
from voting.models import Round, RoundItem, Track


@dataclass(frozen=True)
class TrackPlan:
    """A track as the manager wants it: `sizes` are size classes (none: all organisations), `codes` its items."""

    name: str
    budget: int
    sizes: Collection[str]
    codes: Collection[str]


@transaction.atomic
def divide_round(*, by: User, voting_round: Round, plans: Sequence[TrackPlan]) -> list[Track]:
    """Replaces the tracks of a draft; no plans: the round is not divided.

    Raises VoteRefused unless the budgets add up to the round's budget and every item is in exactly one track.
    """
    locked = Round.objects.select_for_update().get(pk=voting_round.pk)
    if locked.status != Round.Status.DRAFT:
        raise VoteRefused(_("The round was opened in the meantime; it can not be changed any more."))
    names = [plan.name.strip() for plan in plans]
    if len({name.casefold() for name in names}) != len(names):
        raise VoteRefused(_("Two tracks have the same name."))
    total = sum(plan.budget for plan in plans)
    if plans and total != locked.budget:
        raise VoteRefused(
            _("The tracks have %(sum)s %(unit)s together, the round has %(budget)s %(unit)s.")
            % {"sum": total, "budget": locked.budget, "unit": locked.unit}
        )
    items = {item.code: item for item in locked.items.all()}
    placed = [code for plan in plans for code in plan.codes]
    if unknown := sorted(set(placed) - items.keys()):
        raise VoteRefused(_("“%(code)s” is not on this ballot.") % {"code": unknown[0][:60]})
    if plans and sorted(placed) != sorted(items):
        left = sorted(items.keys() - set(placed))
        raise VoteRefused(
            _("%(code)s is in no track.") % {"code": left[0]} if left else _("An item is in two tracks.")
        )
    for plan in plans:
        if len(plan.codes) < locked.minimum_approvals:
            raise VoteRefused(
                _(
                    "The track “%(track)s” has %(items)s proposals; a ballot needs at least %(minimum)s of them."
                )
                % {"track": plan.name, "items": len(plan.codes), "minimum": locked.minimum_approvals}
            )
    RoundItem.objects.filter(round=locked).update(track=None)
    Track.objects.filter(round=locked).delete()
    made = []
    for number, plan in enumerate(plans, start=1):
        code = f"{number}-{slugify(plan.name)}"[:20].rstrip("-")
        track = Track.objects.create(
            round=locked, code=code, name=plan.name.strip(), budget=plan.budget, sizes=sorted(plan.sizes)
        )
        RoundItem.objects.filter(round=locked, code__in=plan.codes).update(track=track)
        made.append(track)
    record(by, "voting.round_divided", locked, tracks=len(made))
    return made
