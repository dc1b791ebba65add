"""Ballots that spread points."""

from functools import partial

import pytest
from django.db import IntegrityError, transaction

from tests.voting.factories import close, codes_of, make_firm, make_open_round, make_round
from tests.voting.worlds import CAST
from tests.world import World
from voting import chain
from voting.actions import VoteRefused
from voting.actions.ballots import cast_ballot
from voting.actions.chain import append
from voting.actions.results import tally_round
from voting.elections import election_of
from voting.models import Ballot, Round, RoundVoter

points_round = World(partial(make_open_round, utility=Round.Utility.POINTS), upon=CAST).fixture()


def spread(voting_round, by, *points, **more):
    given = dict(zip(codes_of(voting_round), points, strict=False))
    return cast_ballot(by=by, voting_round=voting_round, points=given, **more)


def test_points_are_kept_with_the_ballot(client, leyla, points_round):
    client.force_login(leyla)
    codes = codes_of(points_round)
    sent = {f"points-{code}": number for code, number in zip(codes, (5, 3, 2, 0), strict=True)}
    response = client.post(f"/voting/{points_round.slug}/ballot/", sent)
    assert response.status_code == 302
    ballot = Ballot.objects.get()
    keys = dict(points_round.items.values_list("pk", "code"))
    assert {keys[key]: points for key, points in ballot.choices.items()} == dict(
        zip(codes[:3], (5, 3, 2), strict=True)
    )
    assert b"5 points" in client.get(f"/voting/{points_round.slug}/").content


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        ((5, 4, 2, 0), b"You have given 11 points; there are 10 to spread."),
        ((5, 5, 0, 0), b"Please approve at least 3 proposals; you have chosen 2."),
        ((6, 1, 1, 0), b"can get 5 points at most"),
        ((-1, 5, 5, 0), b"Points cannot be less than 0."),
        (("x", 1, 1, 1), b"Enter a whole number."),
        (("", "", "", ""), b"Please approve at least 3 proposals; you have chosen 0."),
        (("9" * 400, 1, 1, 1), b"can get 5 points at most"),
    ],
)
def test_what_is_no_ballot_is_refused_and_what_was_typed_stays(client, leyla, points_round, points, sentence):
    client.force_login(leyla)
    sent = {f"points-{code}": number for code, number in zip(codes_of(points_round), points, strict=True)}
    response = client.post(f"/voting/{points_round.slug}/ballot/", sent)
    assert response.status_code == 422
    assert sentence in response.content
    assert all(f'value="{typed}"'.encode() in response.content for typed in points if typed)
    assert not Ballot.objects.exists()


def test_the_counter_says_what_is_left(client, leyla, points_round):
    client.force_login(leyla)
    codes = codes_of(points_round)
    address = f"/voting/{points_round.slug}/ballot/"
    sent = {
        f"points-{codes[0]}": 5,
        f"points-{codes[1]}": 2,
        f"points-{codes[2]}": 1,
        f"points-{codes[3]}": "x",
    }
    text = client.get(address, sent, headers={"HX-Request": "true"}).content.decode()
    assert "2 points left" in text
    assert 'role="status"' in text
    assert "<html" not in text
    text = client.get(address, sent | {f"points-{codes[3]}": 4}, headers={"HX-Request": "true"}).content
    assert b"2 points too many" in text


def test_without_javascript_a_button_counts_again_and_casts_nothing(client, leyla, points_round):
    client.force_login(leyla)
    sent = {f"points-{codes_of(points_round)[0]}": 4, "count": "1"}
    response = client.post(f"/voting/{points_round.slug}/ballot/", sent)
    assert response.status_code == 200
    assert b"6 points left" in response.content
    assert not Ballot.objects.exists()


def test_a_round_of_points_takes_no_approvals_and_the_reverse(leyla, points_round, open_round):
    with pytest.raises(VoteRefused, match="asks for points"):
        cast_ballot(by=leyla, voting_round=points_round, approvals=codes_of(points_round))
    with pytest.raises(VoteRefused, match="asks for approvals"):
        spread(open_round, leyla, 3, 3, 3)


@pytest.mark.parametrize("points", [[6, 2, 2], [5, 5, 1], [0, 5, 5], [10, 0, 0], None])
def test_the_database_refuses_wrong_points_whoever_writes_them(leyla, brenner, points_round, points):
    voter = RoundVoter.objects.get(round=points_round, organisation=brenner)
    keys = list(points_round.items.values_list("pk", flat=True))[:3]
    entry = append(points_round, chain.BALLOT, voter="x", version=1, commitment="y")
    with pytest.raises(IntegrityError, match="no ballot of the round"), transaction.atomic():
        Ballot.objects.create(
            voter=voter, version=1, approvals=keys, points=points, record=entry, cast_by=leyla
        )


def test_the_database_refuses_items_of_another_round(cast, leyla, brenner, open_round):
    other = make_open_round(cast, costs=(410, 510, 610))
    voter = RoundVoter.objects.get(round=open_round, organisation=brenner)
    entry = append(open_round, chain.BALLOT, voter="x", version=1, commitment="y")
    keys = list(other.items.values_list("pk", flat=True))
    with pytest.raises(IntegrityError, match="no ballot of the round"), transaction.atomic():
        Ballot.objects.create(voter=voter, version=1, approvals=keys, record=entry, cast_by=leyla)


def test_points_that_cannot_be_spread_are_refused_in_the_draft(client, cast, mira):
    client.force_login(mira)
    draft = make_round(cast, utility=Round.Utility.POINTS)
    with pytest.raises(IntegrityError, match="round_points_can_be_spread"), transaction.atomic():
        Round.objects.filter(pk=draft.pk).update(points_most=11)


def test_points_decide(cast, leyla, stefan, points_round):
    """Two firms with the same three items: the one with most points on it pays more for it."""
    spread(points_round, leyla, 5, 3, 2)
    spread(points_round, stefan, 1, 1, 5, 3)
    third = make_firm("Dritte GmbH")
    with pytest.raises(VoteRefused, match="not among"):
        spread(points_round, third, 5, 3, 2)
    close(points_round, cast.mira)
    election = election_of(points_round)
    assert sorted(ballot.points for ballot in election.ballots) == [(1, 1, 5, 3), (5, 3, 2)]
    result = tally_round(by=cast.mira, voting_round=points_round)
    assert result.confirmed
    assert result.spent <= points_round.budget
    assert result.items.filter(won=True).exists()
