"""Why items lost, the smallest changes that would have won, and how sure the result is."""

import random

import pytest
from hypothesis import given, settings

from tests.voting.strategies import elections
from voting.tally import Ballot, Election, Item, TieUnresolved, tally
from voting.tally.explain import Changes, Reason, explain
from voting.tally.robust import robustness


def portal_round(voters: int, items: int, budget: int, seed: int) -> Election:
    """Random approvals with favourites; all costs differ."""
    chance = random.Random(seed)
    costs = chance.sample(range(200, 4000), items)
    weights = [chance.random() ** 2 + 0.05 for _ in range(items)]
    ballots = []
    for voter in range(voters):
        chosen = set(chance.choices(range(items), weights, k=chance.randint(3, 8)))
        ballots.append(Ballot(f"v{voter}", tuple(f"p{item}" for item in sorted(chosen))))
    return Election(
        budget, tuple(Item(f"p{place}", cost) for place, cost in enumerate(costs)), tuple(ballots)
    )


def wins(election: Election, item: str) -> bool | None:
    """None: a cost cut down to another item's cost can leave a tie that nothing decides."""
    try:
        return item in tally(election).winners
    except TieUnresolved:
        return None


@pytest.mark.parametrize("seed", range(6))
def test_one_less_than_the_smallest_change_does_not_win(seed):
    election = portal_round(15 + seed, 8, 6000, seed)
    result = tally(election)
    changes = Changes(election, result)
    costs = {item.id: item.cost for item in election.items}
    explained = explain(election, result)
    assert [each.item for each in explained] == [lost.item for lost in result.losers]
    for each in explained:
        if each.supporters is not None:
            assert wins(changes.with_supporters(each.item, each.supporters), each.item) is not False
            assert not wins(changes.with_supporters(each.item, each.supporters - 1), each.item)
        if each.cheaper is not None:
            cost = costs[each.item] - each.cheaper
            assert wins(changes.with_cost(each.item, cost), each.item) is not False
            assert not wins(changes.with_cost(each.item, cost + 1), each.item)


@given(election=elections())
@settings(max_examples=60, deadline=None)
def test_every_loser_gets_a_reason_that_its_money_bears_out(election):
    try:
        result = tally(election)
        explained = explain(election, result)
    except TieUnresolved:
        return
    if election.ballots:
        assert [each.item for each in explained] == [lost.item for lost in result.losers]
    for each in explained:
        lost = next(loser for loser in result.losers if loser.item == each.item)
        assert (each.reason is Reason.NO_SUPPORT) == (lost.votes == 0)
        if each.reason is Reason.SPENT_ELSEWHERE:
            assert each.elsewhere


def test_the_reasons_have_names():
    items = (Item("a", 90), Item("b", 80), Item("c", 1000), Item("d", 7), Item("e", 60))
    ballots = (
        Ballot("1", ("a", "b")),
        Ballot("2", ("a", "b")),
        Ballot("3", ("a", "c", "e")),
    )
    election = Election(150, items, ballots)
    result = tally(election)
    reasons = {each.item: each.reason for each in explain(election, result)}
    assert result.winners == ("a",)
    assert reasons == {
        "b": Reason.OVERSPENDS,
        "c": Reason.TOO_LITTLE,
        "d": Reason.NO_SUPPORT,
        "e": Reason.SPENT_ELSEWHERE,
    }


def test_a_sure_item_wins_in_all_resamples_and_a_hopeless_one_in_none():
    election = portal_round(30, 8, 6000, 1)
    items = (*election.items, Item("none", 5999))
    found = robustness(Election(6000, items, election.ballots), tally(election), resamples=100)
    assert found is not None
    assert found.wins["none"] == 0
    assert max(found.wins.values()) == 100


def test_neither_the_order_of_ballots_nor_the_names_of_voters_matter():
    election = portal_round(20, 8, 6000, 2)
    chance = random.Random(5)
    ballots = [Ballot(f"x{chance.random()}", *ballot[1:]) for ballot in election.ballots]
    chance.shuffle(ballots)
    other = Election(election.budget, election.items, tuple(ballots))
    result, again = tally(election), tally(other)
    assert explain(election, result) == explain(other, again)
    assert robustness(election, result, resamples=50) == robustness(other, again, resamples=50)
