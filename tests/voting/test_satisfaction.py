"""Who got something funded, by size: never about fewer than five organisations, not by difference either."""

from itertools import combinations
from random import Random

import pytest

from accounts.models import Organisation
from tests.voting.factories import close, make_firm, make_open_round, vote
from tests.voting.worlds import CAST
from tests.world import World
from voting.actions.results import tally_round
from voting.charts import satisfaction_figure
from voting.models import Round
from voting.satisfaction import K, grouped

ORDER = Organisation.SizeClass.values


def voted(**sizes: tuple[int, int]) -> list[tuple[str, bool]]:
    """`size=(voters, served)`"""
    return [(size, place < served) for size, (voters, served) in sizes.items() for place in range(voters)]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (voted(micro=(5, 2), small=(6, 6)), [(["micro"], 5, 2), (["small"], 6, 6)]),
        (voted(micro=(4, 2), small=(5, 5)), [(["micro", "small"], 9, 7)]),
        (voted(micro=(5, 2), small=(4, 1)), [(["micro", "small"], 9, 3)]),
        (
            voted(micro=(5, 1), small=(1, 0), medium=(1, 1), large=(4, 4)),
            [(["micro"], 5, 1), (["small", "medium", "large"], 6, 5)],
        ),
        (voted(micro=(4, 4)), []),
        ([], []),
    ],
)
def test_classes_that_are_too_small_are_shown_with_their_neighbours(asked, expected):
    groups = grouped(asked, ORDER, {size for size, _ in asked})
    assert [(group.sizes, group.voters, group.served) for group in groups] == expected


def test_a_class_of_the_electorate_that_did_not_vote_is_named_with_others():
    groups = grouped(voted(micro=(6, 3), large=(7, 1)), ORDER, {"micro", "medium", "large"})
    assert [group.sizes for group in groups] == [["micro"], ["medium", "large"]]


@pytest.mark.parametrize("seed", range(40))
def test_no_sum_and_no_difference_of_what_is_shown_tells_of_fewer(seed):
    """The groups divide all that voted: what any groups leave of the total is again whole groups."""
    chance = Random(seed)
    asked = [(chance.choice(ORDER), chance.random() < 0.5) for _ in range(chance.randint(0, 60))]
    groups = grouped(asked, ORDER, {size for size, _ in asked})
    if len(asked) < K:
        assert groups == []
        return
    assert sum(group.voters for group in groups) == len(asked)
    assert sum(group.served for group in groups) == sum(served for _, served in asked)
    for taken in range(len(groups)):
        for chosen in combinations(groups, taken):
            assert len(asked) - sum(group.voters for group in chosen) >= K
    shown = [size for group in groups for size in group.sizes]
    assert sorted(shown) == sorted(set(shown))


def make_many(cast) -> Round:
    """Six small firms that get what they want, four large ones of which one does."""
    people = [make_firm(f"Haus {number}") for number in range(10)]
    for number, person in enumerate(people):
        person.representing.__class__.objects.filter(pk=person.representing.pk).update(
            size_class="small" if number < 6 else "large"
        )
    voting_round = make_open_round(cast, costs=(100, 200, 300, 401, 402, 403), budget=600)
    for number, person in enumerate(people):
        vote(voting_round, person, *((0, 1, 2) if number < 7 else (3, 4, 5)))
    close(voting_round, cast.mira)
    tally_round(by=cast.mira, voting_round=voting_round)
    return voting_round


many = World(make_many, upon=CAST).fixture()


def test_the_result_keeps_what_may_be_shown_and_nothing_else(many):
    kept = many.result.satisfaction
    assert kept["k"] == K
    assert [(each["voters"], each["served"]) for each in kept["classes"]] == [(10, 7)]
    assert {"small", "large"} <= set(kept["classes"][0]["sizes"])


def test_page_and_api_show_the_same(client, cast, many):
    client.force_login(cast.gast)
    text = client.get(f"/voting/{many.slug}/result/").content.decode()
    assert 'id="satisfaction-figure"' in text
    assert "70 %" in text
    shown = client.get(f"/api/v1/voting/rounds/{many.slug}/result/").json()
    assert shown["satisfaction"] == many.result.satisfaction


def test_the_chart_has_its_table(many):
    chart = satisfaction_figure(many.result)
    assert chart is not None
    assert [row[1:] for row in chart["rows"]] == [["10", "7", "70 %"]]
    assert chart["figure"]["data"][0]["x"] == [70.0]


def test_with_fewer_than_five_voters_nothing_is_said(client, cast, open_round):
    vote(open_round, cast.leyla, 0, 1, 2)
    close(open_round, cast.mira)
    assert tally_round(by=cast.mira, voting_round=open_round).satisfaction["classes"] == []
    client.force_login(cast.leyla)
    text = client.get(f"/voting/{open_round.slug}/result/").content.decode()
    assert "fewer than 5 organisations voted" in text
    assert 'id="satisfaction-figure"' not in text
