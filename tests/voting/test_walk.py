"""The count in plain words: every number in it is the number of the result."""

import re

import pytest

from tests.voting.factories import (
    close,
    close_and_count,
    codes_of,
    make_firm,
    make_open_round,
    make_round,
    vote,
)
from voting.actions.ballots import cast_ballot
from voting.actions.steps import open_round as open_it
from voting.actions.tracks import TrackPlan, divide_round
from voting.models import Round
from voting.walk import FIRST_STEPS


def text_of(client, voting_round) -> str:
    response = client.get(f"/voting/{voting_round.slug}/result/steps/")
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.mark.parametrize("name", ["leyla", "gast", "frank", "mira"])
def test_the_walk_tells_share_steps_and_end(client, cast, counted, name):
    client.force_login(getattr(cast, name))
    text = text_of(client, counted)
    assert (
        "3 organisations voted. The budget of 1,200 GPU-h, divided evenly, is 400 GPU-h for each of them."
        in text
    )
    assert "It costs 400 GPU-h. 3 organisations pay 133.3 GPU-h each, 33.3 % of the cost." in text
    assert "Then 800 GPU-h of the budget are left." in text
    walk = client.get(f"/voting/{counted.slug}/result/steps/").context["walks"][0]
    assert [step.row.item.cost for step in walk.steps] == [400, 500]
    assert (walk.left, walk.over > 0) == (300, True)
    assert f"{walk.over} GPU-h more than the budget" in text
    assert (
        sum(item.cost for item in walk.more) - sum(item.cost for item in walk.less) == walk.left + walk.over
    )


def test_the_result_leads_to_the_walk(client, cast, counted):
    client.force_login(cast.leyla)
    assert (
        f"/voting/{counted.slug}/result/steps/"
        in client.get(f"/voting/{counted.slug}/result/").content.decode()
    )


def test_the_walk_is_german_for_german_readers(client, cast, counted):
    client.force_login(cast.leyla)
    response = client.get(f"/voting/{counted.slug}/result/steps/", headers={"accept-language": "de"})
    text = " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())
    assert "3 Organisationen haben abgestimmt." in text
    assert "133,3 GPU-h" in text
    assert "organisations" not in text


def test_ties_are_told_with_the_rule_that_decides_them(client, cast, mira):
    firms = [make_firm(f"Haus {number}") for number in range(3)]
    voting_round = make_open_round(cast, costs=(400, 410, 1290), budget=1300, minimum_approvals=1)
    vote(voting_round, firms[0], 0)
    vote(voting_round, firms[1], 1)
    vote(voting_round, firms[2], 2)
    client.force_login(mira)
    text = text_of(client, close_and_count(voting_round, cast.mira))
    assert "Tied with it: Vorschlag" in text
    assert text.count("The lower cost goes first.") == 1


def test_who_has_less_left_is_told(client, cast, mira):
    firms = [make_firm(f"Haus {number}") for number in range(3)]
    voting_round = make_open_round(cast, costs=(100, 290, 1000), budget=1000, minimum_approvals=1)
    vote(voting_round, firms[0], 0, 2)
    vote(voting_round, firms[1], 0, 1)
    vote(voting_round, firms[2], 1)
    client.force_login(mira)
    walk = client.get(f"/voting/{close_and_count(voting_round, cast.mira).slug}/result/steps/").context[
        "walks"
    ][0]
    for step in walk.steps:
        assert step.full >= 1
        assert step.full + step.poorer == step.row.payers
        assert step.full + step.poorer + step.broke == step.row.votes


def test_tracks_come_one_after_the_other(client, cast, mira):
    draft = make_round(cast, costs=(300, 310, 320, 330, 400, 410))
    codes = codes_of(draft)
    plans = [TrackPlan("Eins", 500, [], codes[:3]), TrackPlan("Zwei", 700, [], codes[3:])]
    divide_round(by=mira, voting_round=draft, plans=plans)
    divided = open_it(by=mira, voting_round=draft)
    vote(divided, cast.leyla, 3, 4, 5)
    client.force_login(mira)
    text = text_of(client, close_and_count(divided, cast.mira))
    assert text.index("Eins") < text.index("No organisation voted here") < text.index("Zwei")
    assert "1 organisation voted. It decides alone about the budget of 700 GPU-h." in text


def test_points_are_paid_for_by_the_point(client, cast, leyla):
    voting_round = make_open_round(cast, utility=Round.Utility.POINTS)
    given = dict(zip(codes_of(voting_round), (5, 3, 2), strict=False))
    cast_ballot(by=leyla, voting_round=voting_round, points=given)
    client.force_login(leyla)
    text = text_of(client, close_and_count(voting_round, cast.mira))
    assert "in proportion to the points" in text
    assert "for each of its points" in text


def test_a_round_in_which_nobody_voted_has_a_walk_too(client, cast, open_round):
    client.force_login(cast.mira)
    assert "No organisation voted here, so nothing was bought." in text_of(
        client, close_and_count(open_round, cast.mira)
    )


def test_long_rounds_open_the_later_steps_on_demand(client, cast, mira):
    voting_round = make_open_round(cast, costs=tuple(range(100, 109)), budget=1200)
    vote(voting_round, cast.leyla, *range(9))
    client.force_login(mira)
    response = client.get(f"/voting/{close_and_count(voting_round, cast.mira).slug}/result/steps/")
    walk = response.context["walks"][0]
    assert (len(walk.first), len(walk.rest)) == (FIRST_STEPS, 4)
    assert f'<ol class="walk" start="{FIRST_STEPS + 1}">' in response.content.decode()
    assert "Every item that anybody chose is bought." in response.content.decode()


def test_there_is_no_walk_before_the_count(client, cast, mira, open_round):
    client.force_login(mira)
    assert client.get(f"/voting/{open_round.slug}/result/steps/").status_code == 404
    close(open_round, mira)
    assert client.get(f"/voting/{open_round.slug}/result/steps/").status_code == 404
