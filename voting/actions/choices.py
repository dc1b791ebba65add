"""What a ballot or a draft chooses, checked against the ballot paper."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portfolio.models import UseCase
from voting.actions import VoteRefused
from voting.models import RoundItem, RoundVoter


@dataclass(frozen=True)
class Choice:
    """What is chosen, ascending by code; `points` of each where the round asks for points, and which are own."""

    chosen: dict[str, int]
    points: list[int] | None
    own: list[int]

    @property
    def items(self) -> list[int]:
        """Keys of the items."""
        return list(self.chosen.values())

    def content(self) -> dict[str, list[str] | list[int]]:
        """The content of a ballot as its commitment takes it: codes in ascending order, with points in the same."""
        codes: dict[str, list[str] | list[int]] = {"items": list(self.chosen)}
        return codes if self.points is None else codes | {"points": self.points}


def choose(
    voter: RoundVoter,
    approvals: Collection[str] = (),
    points: Mapping[str, int] | None = None,
    *,
    complete: bool = True,
) -> Choice:
    """What `voter` chooses: `approvals` are codes, `points` are points by code where the round asks for them.

    Raises VoteRefused for what is not on the paper of this organisation, and for a choice that is no ballot;
    a draft need not be `complete`. The voter's round must be loaded.
    """
    asked = voter.round
    if (points is not None) != asked.asks_points and (approvals or points):
        raise VoteRefused(
            _("This round asks for points, not for approvals.")
            if asked.asks_points
            else _("This round asks for approvals, not for points.")
        )
    given = {code: number for code, number in (points or {}).items() if number} if asked.asks_points else {}
    wanted = given if asked.asks_points else dict.fromkeys(approvals, 1)
    field = "points" if asked.asks_points else "approvals"
    own = UseCase.objects.filter(organisation=voter.organisation_id, proposals=OuterRef("proposal"))
    known = {
        item.code: item
        for item in RoundItem.objects.filter(round=asked).select_related("track").annotate(is_own=Exists(own))
    }
    if unknown := sorted(wanted.keys() - known.keys()):
        raise VoteRefused(_("“%(code)s” is not on this ballot.") % {"code": unknown[0][:60]}, field=field)
    chosen = sorted((known[code] for code in wanted), key=lambda item: item.code)
    for item in chosen:
        if item.track is not None and not item.track.takes(voter.size_class):
            raise VoteRefused(
                _("“%(item)s” belongs to the track “%(track)s”, in which your organisation does not vote.")
                % {"item": item.title, "track": item.track},
                field=field,
            )
    if asked.asks_points:
        _check_points(voter, chosen, given, complete)
    if complete:
        _check_number(voter, chosen, field)
    return Choice(
        chosen={item.code: item.pk for item in chosen},
        points=[given[item.code] for item in chosen] if asked.asks_points else None,
        own=[item.pk for item in chosen if item.is_own],
    )


def _check_number(voter: RoundVoter, chosen: Sequence[RoundItem], field: str) -> None:
    minimum = voter.round.minimum_approvals
    for name, count in _by_track(chosen, lambda item: 1) or [("", 0)]:
        if count >= minimum:
            continue
        if name:
            raise VoteRefused(
                ngettext(
                    "Please choose at least %(minimum)s proposal in the track “%(track)s”, or none of it; "
                    "you have chosen %(chosen)s.",
                    "Please choose at least %(minimum)s proposals in the track “%(track)s”, or none of it; "
                    "you have chosen %(chosen)s.",
                    minimum,
                )
                % {"minimum": minimum, "track": name, "chosen": count},
                field=field,
            )
        raise VoteRefused(
            ngettext(
                "Please approve at least %(minimum)s proposal; you have chosen %(chosen)s.",
                "Please approve at least %(minimum)s proposals; you have chosen %(chosen)s.",
                minimum,
            )
            % {"minimum": minimum, "chosen": count},
            field=field,
        )


def _check_points(
    voter: RoundVoter, chosen: Sequence[RoundItem], given: Mapping[str, int], complete: bool
) -> None:
    asked = voter.round
    for item in chosen:
        if not 0 < given[item.code] <= asked.points_most:
            raise VoteRefused(
                _("“%(item)s” has %(points)s points; one proposal can get 1 to %(most)s.")
                % {"item": item.title, "points": given[item.code], "most": asked.points_most},
                field="points",
            )
    if not complete:
        return
    for name, total in _by_track(chosen, lambda item: given[item.code]):
        if total > asked.points_total:
            raise VoteRefused(
                _("You have given %(given)s points in the track “%(track)s”; there are %(total)s to spread.")
                % {"given": total, "track": name, "total": asked.points_total}
                if name
                else _("You have given %(given)s points; there are %(total)s to spread.")
                % {"given": total, "total": asked.points_total},
                field="points",
            )


def _by_track(chosen: Sequence[RoundItem], worth: Callable[[RoundItem], int]) -> list[tuple[str, int]]:
    """Name of the track, empty without tracks, and the sum of what its chosen items are worth."""
    ordered = sorted(chosen, key=lambda item: item.track.name if item.track else "")
    return [
        (name, sum(worth(item) for item in items))
        for name, items in groupby(ordered, key=lambda item: item.track.name if item.track else "")
    ]
