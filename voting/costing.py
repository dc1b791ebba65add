"""What items cost in the unit of a round, and whether the round can be counted with these amounts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Organisation
from portfolio.models import ModelProposal
from voting.actions import VoteRefused
from voting.models import Round, RoundItem, RoundVoter, Track

# A share of so many units is fine enough for a fair count, and the count still takes seconds.
GOOD_SHARE = range(500, 5001)
# Shares grow by one unit per run of the count; a share of more units than this would be counted for days.
LARGEST_SHARE = 1_000_000

# GPU-hours in a unit, or cents in a unit.
_HOURS = {Round.Unit.HOURS: 1, Round.Unit.TEN_HOURS: 10, Round.Unit.HUNDRED_HOURS: 100}
_CENTS = {Round.Unit.EURO: 100, Round.Unit.HUNDRED_EURO: 10_000, Round.Unit.THOUSAND_EURO: 100_000}


def cost_in(unit: str, proposal: ModelProposal) -> int:
    """What the proposal costs in whole units; a begun unit counts whole."""
    if unit in _CENTS:
        return -(-proposal.cost_cents // _CENTS[Round.Unit(unit)])
    return -(-proposal.cost_gpu_hours // _HOURS[Round.Unit(unit)])


def check_items(voting_round: Round, items: Sequence[RoundItem]) -> None:
    """Raises VoteRefused where the count could end in a tie, or where an item could never be funded."""
    if voting_round.minimum_approvals > len(items):
        raise VoteRefused(
            _("%(minimum)s approvals are asked for, but the round has only %(items)s proposals.")
            % {"minimum": voting_round.minimum_approvals, "items": len(items)},
            field="proposals",
        )
    by_cost: dict[int, RoundItem] = {}
    for item in items:
        if item.cost > voting_round.budget:
            raise VoteRefused(
                _("%(code)s costs %(cost)s, more than the budget of %(budget)s: it could never be funded.")
                % {"code": item.code, "cost": item.cost, "budget": voting_round.budget},
                field="proposals",
            )
        if item.cost in by_cost:
            raise VoteRefused(
                _(
                    "%(one)s and %(other)s cost the same. Costs in one round must differ, so that no tie can arise."
                )
                % {"one": by_cost[item.cost].code, "other": item.code},
                field="proposals",
            )
        by_cost[item.cost] = item


def check_tracks(voting_round: Round, items: Sequence[RoundItem], tracks: Sequence[Track]) -> None:
    """Raises VoteRefused where the tracks do not make up the round, or a track could fund nothing."""
    if not tracks:
        return
    total = sum(track.budget for track in tracks)
    if total != voting_round.budget:
        raise VoteRefused(
            _("The tracks have %(sum)s %(unit)s together, the round has %(budget)s %(unit)s.")
            % {"sum": total, "budget": voting_round.budget, "unit": voting_round.unit}
        )
    for item in items:
        if item.track is None:
            raise VoteRefused(_("%(code)s is in no track.") % {"code": item.code})
        if item.cost > item.track.budget:
            raise VoteRefused(
                _(
                    "%(code)s costs %(cost)s, more than the budget of its track “%(track)s”: it could never be funded."
                )
                % {"code": item.code, "cost": item.cost, "track": item.track}
            )
    for track in tracks:
        inside = [item for item in items if item.track == track]
        if len(inside) < voting_round.minimum_approvals:
            raise VoteRefused(
                _(
                    "The track “%(track)s” has %(items)s proposals; a ballot needs at least %(minimum)s of them."
                )
                % {"track": track, "items": len(inside), "minimum": voting_round.minimum_approvals}
            )


def check_end(voting_round: Round, clock: datetime) -> datetime:
    """When the voting would begin at the earliest; raises VoteRefused where it does not end after that."""
    begins = max(voting_round.opens_at or clock, clock)
    if voting_round.closes_at is None or voting_round.closes_at <= begins:
        raise VoteRefused(_("The round needs a closing time that lies ahead."), field="closes_at")
    return begins


@dataclass(frozen=True)
class Pot:
    """A budget of its own, in units, and how many organisations share it: the whole round or one track."""

    budget: int
    voters: int
    track: Track | None = None

    @property
    def share(self) -> int:
        """Whole units of each organisation."""
        return self.budget // max(self.voters, 1)

    def says(self, sentence: str) -> str:
        """The sentence, with the name of the track that it is about."""
        if self.track is None:
            return sentence
        return _("Track “%(track)s”: %(sentence)s") % {"track": self.track, "sentence": sentence}


def pots(
    voting_round: Round, items: Iterable[RoundItem], voters: Sequence[Organisation | RoundVoter]
) -> list[Pot]:
    """What is shared out among whom; the tracks of `items` must be loaded."""
    tracks = sorted({item.track for item in items if item.track}, key=lambda track: track.code)
    if not tracks:
        return [Pot(voting_round.budget, len(voters))]
    return [
        Pot(track.budget, sum(track.takes(voter.size_class) for voter in voters), track) for track in tracks
    ]


def check_share(shared: Iterable[Pot]) -> None:
    """Raises VoteRefused where the unit makes no sense for so many voters, or nobody could vote in a track."""
    for pot in shared:
        if pot.track and not pot.voters:
            raise VoteRefused(
                _("No organisation votes in the track “%(track)s”: its budget would be lost.")
                % {"track": pot.track}
            )
        if pot.share < 1:
            sentence = _(
                "The budget has fewer units than there are organisations (%(voters)s). Please choose a smaller unit."
            ) % {"voters": pot.voters}
            raise VoteRefused(pot.says(sentence), field="unit")
        if pot.share > LARGEST_SHARE:
            sentence = _(
                "Each organisation would hold %(share)s units, which would be counted for days. Please choose a larger unit."
            ) % {"share": pot.share}
            raise VoteRefused(pot.says(sentence), field="unit")


def advice(voting_round: Round, shared: Iterable[Pot]) -> str:
    """A sentence for a unit that works but is not a good one; empty for a good one."""
    for pot in shared:
        if pot.share in GOOD_SHARE or not pot.voters:
            continue
        asked = {
            "share": pot.share,
            "unit": voting_round.unit,
            "low": GOOD_SHARE[0],
            "high": GOOD_SHARE[-1],
        }
        sentence = (
            _(
                "Each organisation would hold %(share)s units (%(unit)s). Between %(low)s and %(high)s is best: with a smaller unit less of the budget is left over."
            )
            if pot.share < GOOD_SHARE[0]
            else _(
                "Each organisation would hold %(share)s units (%(unit)s). Between %(low)s and %(high)s is best: with a larger unit the count is done sooner."
            )
        )
        return pot.says(sentence % asked)
    return ""
