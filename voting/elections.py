"""A round as the tally reads it: one election, or one for each of its tracks."""

from collections.abc import Mapping

from voting import tally as engine
from voting.models import Ballot, Round, RoundItem, Track


def election_of(voting_round: Round) -> engine.Election:
    """The undivided round: items by code, the current ballot of each organisation that voted."""
    return _election(voting_round, voting_round.budget, _items(voting_round), _ballots(voting_round))


def elections_of(voting_round: Round) -> list[tuple[Track | None, engine.Election]]:
    """What is counted, each alone: every track by its short name, or the undivided round.

    A track has its own budget, its own items, and as voters those whose ballot names one of its items; nobody
    can name items of a track in which they do not vote, so its electorate needs no further check.
    """
    tracks = list(Track.objects.filter(round=voting_round))
    if not tracks:
        return [(None, election_of(voting_round))]
    items, ballots = _items(voting_round), _ballots(voting_round)
    return [
        (
            track,
            _election(
                voting_round,
                track.budget,
                {key: item for key, item in items.items() if item.track_id == track.pk},
                ballots,
            ),
        )
        for track in tracks
    ]


def without_own(voting_round: Round) -> tuple[list[tuple[Track | None, engine.Election]], int]:
    """The same elections without approvals of own proposals, and how many approvals these were."""
    own = {
        (str(voter), key)
        for voter, keys in Ballot.objects.filter(voter__round=voting_round)
        .current()
        .values_list("voter_id", "own")
        for key in keys
    }
    codes = dict(RoundItem.objects.filter(round=voting_round).values_list("pk", "code"))
    named = {(voter, codes[key]) for voter, key in own}
    return [(track, _without(election, named)) for track, election in elections_of(voting_round)], len(own)


def _without(election: engine.Election, dropped: set[tuple[str, str]]) -> engine.Election:
    ballots = []
    for ballot in election.ballots:
        kept = [place for place, code in enumerate(ballot.items) if (ballot.voter, code) not in dropped]
        if kept:
            ballots.append(
                engine.Ballot(
                    ballot.voter,
                    tuple(ballot.items[place] for place in kept),
                    tuple(ballot.points[place] for place in kept) if ballot.points else (),
                )
            )
    return engine.Election(election.budget, election.items, tuple(ballots))


def _items(voting_round: Round) -> dict[int, RoundItem]:
    return {item.pk: item for item in RoundItem.objects.filter(round=voting_round).order_by("code", "pk")}


def _ballots(voting_round: Round) -> list[Ballot]:
    return list(Ballot.objects.filter(voter__round=voting_round).current())


def _election(
    voting_round: Round, budget: int, items: Mapping[int, RoundItem], ballots: list[Ballot]
) -> engine.Election:
    cast = []
    for ballot in ballots:
        named = [(items[key].code, points) for key, points in ballot.choices.items() if key in items]
        if named:
            cast.append(
                engine.Ballot(
                    str(ballot.voter_id),
                    tuple(code for code, _ in named),
                    tuple(points for _, points in named) if voting_round.asks_points else (),
                )
            )
    return engine.Election(
        budget=budget,
        items=tuple(engine.Item(item.code, item.cost) for item in items.values()),
        ballots=tuple(cast),
    )
