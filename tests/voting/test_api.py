"""Voting through the JSON API."""

import pytest

from tests.voting.factories import close, codes_of, end_voting, make_round, vote
from voting.actions.results import tally_round
from voting.models import Ballot

ROUNDS = "/api/v1/voting/rounds/"


def test_rounds_are_listed_as_on_the_page(client, cast, leyla, gast, open_round):
    make_round(cast)
    client.force_login(leyla)
    assert [row["slug"] for row in client.get(ROUNDS).json()["results"]] == [open_round.slug]
    client.force_login(gast)
    assert client.get(ROUNDS).json()["results"] == []


def test_a_round_has_its_items_and_electorate(client, leyla, gast, open_round):
    client.force_login(leyla)
    shown = client.get(f"{ROUNDS}{open_round.slug}/").json()
    assert [item["cost"] for item in sorted(shown["items"], key=lambda item: item["cost"])] == [
        400,
        500,
        600,
        700,
    ]
    assert {"name": "Brenner Maschinenbau GmbH"} in shown["voters"]
    client.force_login(gast)
    assert client.get(f"{ROUNDS}{open_round.slug}/").status_code == 404


def test_a_ballot_is_cast_and_read_back(client, leyla, open_round):
    client.force_login(leyla)
    codes = codes_of(open_round)
    address = f"{ROUNDS}{open_round.slug}/ballot/"
    assert client.get(address).json()["version"] == 0
    response = client.post(address, {"approvals": codes[:3]}, content_type="application/json")
    assert response.status_code == 201
    assert response.json()["approvals"] == sorted(codes[:3])
    assert client.get(address).json()["version"] == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [({"approvals": []}, 422), ({"approvals": ["x", "y", "z"]}, 422), ({}, 400), ([], 400)],
)
def test_a_wrong_ballot_is_refused(client, leyla, open_round, body, status):
    client.force_login(leyla)
    response = client.post(f"{ROUNDS}{open_round.slug}/ballot/", body, content_type="application/json")
    assert response.status_code == status
    assert not Ballot.objects.exists()


def test_a_vote_after_the_end_is_refused_with_a_sentence(client, leyla, open_round):
    end_voting(open_round)
    client.force_login(leyla)
    body = {"approvals": codes_of(open_round)}
    response = client.post(f"{ROUNDS}{open_round.slug}/ballot/", body, content_type="application/json")
    assert response.status_code == 422
    assert "The voting ended on" in response.json()["errors"][0]["detail"]


@pytest.mark.parametrize("name", ["jonas", "mira"])
def test_only_representatives_reach_a_ballot(client, cast, open_round, name):
    client.force_login(getattr(cast, name))
    assert client.get(f"{ROUNDS}{open_round.slug}/ballot/").status_code == 403


def test_the_result_appears_with_the_count(client, cast, leyla, open_round):
    vote(open_round, leyla, 0, 1, 2)
    client.force_login(leyla)
    address = f"{ROUNDS}{open_round.slug}/result/"
    assert client.get(address).status_code == 404
    close(open_round, cast.mira)
    assert client.get(address).status_code == 404
    tally_round(by=cast.mira, voting_round=open_round)
    shown = client.get(address).json()
    assert shown["spent"] == sum(item["cost"] for item in shown["items"] if item["won"])
