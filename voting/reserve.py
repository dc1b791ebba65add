"""The reserve list: what the money that a result leaves could still pay, in an order that was fixed before the voting.

Most votes first, equal ones in the order of the lot. It is a completion that nobody verifies: no part of the counted
result, of the chain or of the proof kit.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from portfolio.models import ModelProposal
from voting.lots import lot_order
from voting.models import ResultItem, Round, Succession, TrackResult

Kind = Succession.Kind


class State(TextChoices):
    MOVED_UP = "moved_up", _("Moved up")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    FITS = "fits", _("The rest pays for it")
    TOO_DEAR = "too_dear", _("Costs more than is left")
    GONE = "gone", _("Not available any more")


TONES = {
    State.MOVED_UP: "success",
    State.WITHDRAWN: "warning",
    State.FITS: "info",
    State.TOO_DEAR: "neutral",
    State.GONE: "neutral",
}


@dataclass(frozen=True)
class Place:
    """One item of the list; `is_next`: the first of those that the money pays for, and so the only one that may move up."""

    number: int
    row: ResultItem
    state: State
    is_next: bool = False

    @property
    def tone(self) -> str:
        return TONES[self.state]


@dataclass(frozen=True)
class Reserve:
    """The list of one election.

    `left` is the money that is free now: what the count left and what was withdrawn since, less what moved up.
    `held` are the items whose proposals are prioritised and not commissioned yet: these can be withdrawn.
    """

    part: TrackResult | None
    left: int
    places: list[Place]
    held: list[ResultItem]

    def find(self, code: str) -> Place | None:
        return next((place for place in self.places if place.row.item.code == code), None)

    @property
    def next(self) -> Place | None:
        return next((place for place in self.places if place.is_next), None)


def reserves(voting_round: Round, items: Iterable[ResultItem], moves: Sequence[Succession]) -> list[Reserve]:
    """One list for each election of a round of the portal. Needs no statement.

    `items` with `item`, `item.proposal` and `part.track` loaded.
    """
    inside: dict[TrackResult | None, list[ResultItem]] = {}
    for each in items:
        inside.setdefault(each.part, []).append(each)
    moved = {kind: {move.item_id for move in moves if move.kind == kind} for kind in Kind}
    return [_reserve(voting_round, part, rows, moved) for part, rows in inside.items()]


def moves_of(voting_round: Round) -> list[Succession]:
    """What moved since the result became final, in order; one statement."""
    return list(Succession.objects.filter(item__round=voting_round).select_related("item", "by"))


def reserves_of(voting_round: Round, moves: Sequence[Succession] | None = None) -> list[Reserve]:
    """The lists of a counted round, read anew; two statements, one where the caller has the moves."""
    items = ResultItem.objects.filter(result__round=voting_round).as_published()
    return reserves(voting_round, items, moves_of(voting_round) if moves is None else moves)


def _reserve(
    voting_round: Round, part: TrackResult | None, rows: Sequence[ResultItem], moved: dict[Any, set[int]]
) -> Reserve:
    up, withdrawn = moved[Kind.MOVED_UP], moved[Kind.WITHDRAWN]
    held = [row for row in rows if (row.won or row.item_id in up) and row.item_id not in withdrawn]
    budget = part.track.budget if part else voting_round.budget
    left = budget - sum(row.item.cost for row in held)
    lots = {
        code: place for place, code in enumerate(lot_order(voting_round.lot, [row.item.code for row in rows]))
    }
    waiting = sorted(
        (row for row in rows if not row.won and row.votes), key=lambda row: (-row.votes, lots[row.item.code])
    )
    return Reserve(
        part,
        left,
        _places(voting_round, waiting, left, up, withdrawn),
        [row for row in held if _waits(row)],
    )


def _waits(row: ResultItem) -> bool:
    return row.item.proposal is not None and row.item.proposal.status == ModelProposal.Status.PRIORITISED


def _places(
    voting_round: Round,
    waiting: Sequence[ResultItem],
    left: int,
    up: Collection[int],
    withdrawn: Collection[int],
) -> list[Place]:
    places = []
    found = False
    for number, row in enumerate(waiting, start=1):
        state = _state(voting_round, row, left, up, withdrawn)
        is_next = state == State.FITS and not found
        if state == State.FITS:
            found = True
            left -= row.item.cost
        places.append(Place(number, row, state, is_next))
    return places


def _state(
    voting_round: Round, row: ResultItem, left: int, up: Collection[int], withdrawn: Collection[int]
) -> State:
    if row.item_id in withdrawn:
        return State.WITHDRAWN
    if row.item_id in up:
        return State.MOVED_UP
    proposal = row.item.proposal
    assert proposal is not None
    # Until the result is final every item is still on the ballot.
    if voting_round.status == Round.Status.FINAL and proposal.status != ModelProposal.Status.UNDER_REVIEW:
        return State.GONE
    return State.FITS if row.item.cost <= left else State.TOO_DEAR
