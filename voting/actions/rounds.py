"""Drafting a round; what follows the draft stands in `steps`."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import User
from activity.actions import record
from portfolio.models import ModelProposal
from voting.actions import VoteRefused
from voting.costing import cost_in
from voting.models import Round, RoundItem

# What a draft may change; everything is fixed once the rules are published.
CONTENT = (
    "title",
    "question",
    "budget",
    "unit",
    "utility",
    "minimum_approvals",
    "points_total",
    "points_most",
    "four_eyes",
    "delegation",
    "opens_at",
    "closes_at",
    "objection_days",
)
# States in which at least the proposals can be changed.
EDITABLE = (Round.Status.DRAFT, Round.Status.PUBLISHED)


@transaction.atomic
def create_round(*, by: User, proposals: Sequence[ModelProposal], **content: Any) -> Round:
    """A draft that asks for `proposals`; `content` holds the fields named in CONTENT."""
    try:
        with transaction.atomic():
            drafted = Round.objects.create(slug=_free_slug(content["title"]), created_by=by, **_only(content))
    except IntegrityError as error:
        raise VoteRefused(
            _("There is a round with the same address; please choose another title.")
        ) from error
    _set_items(drafted, proposals)
    record(by, "voting.round_created", drafted)
    return drafted


@transaction.atomic
def edit_round(*, by: User, voting_round: Round, proposals: Sequence[ModelProposal], **content: Any) -> Round:
    """Changes a draft; once the rules are published only the proposals, and once these are confirmed nothing."""
    locked = Round.objects.select_for_update().get(pk=voting_round.pk)
    if locked.status not in EDITABLE:
        raise VoteRefused(
            _("The proposals were confirmed in the meantime; the round can not be changed any more.")
        )
    if locked.status == Round.Status.DRAFT:
        for name, value in _only(content).items():
            setattr(locked, name, value)
        locked.save(update_fields=list(_only(content)))
    elif any(getattr(locked, name) != value for name, value in _only(content).items()):
        raise VoteRefused(
            _("The rules are published and can not be changed any more; only the proposals can.")
        )
    elif locked.tracks.exists():
        raise VoteRefused(
            _("The round is divided into tracks; its proposals are part of the published rules.")
        )
    _set_items(locked, proposals)
    record(by, "voting.round_edited", locked)
    return locked


def _only(content: dict[str, Any]) -> dict[str, Any]:
    return {name: content[name] for name in CONTENT if name in content}


def _free_slug(title: str) -> str:
    slug = slugify(title)[:70] or "round"
    # Words that stand in addresses of the portal itself.
    taken = {"new", "preferences"} | set(
        Round.objects.filter(slug__startswith=slug).values_list("slug", flat=True)
    )
    if slug not in taken:
        return slug
    return next(each for number in range(2, len(taken) + 3) if (each := f"{slug}-{number}") not in taken)


def _set_items(drafted: Round, proposals: Sequence[ModelProposal]) -> None:
    if not proposals:
        raise VoteRefused(_("A round asks for at least one proposal."), field="proposals")
    tracks = dict(RoundItem.objects.filter(round=drafted).values_list("proposal", "track"))
    RoundItem.objects.filter(round=drafted).delete()
    RoundItem.objects.bulk_create(
        RoundItem(
            round=drafted,
            proposal=proposal,
            code=proposal.code,
            title=proposal.title,
            cost=cost_in(drafted.unit, proposal),
            track_id=tracks.get(proposal.pk),
        )
        for proposal in proposals
    )
