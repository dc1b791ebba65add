"""Why items lost, and the smallest changes that would have won."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.voting.generated import portal_round, renamed, small_round, with_points
from tests.voting.strategies import elections
from voting.tally import Ballot, Election, Item, TieUnresolved, tally
from voting.tally.explain import Reason, changes_of, explain


def wins(election: Election, item: str, utility: str = "cost") -> bool:
    """A cost cut down to another item's cost can leave a tie that nothing decides: then nothing wins."""
    try:
        return item in tally(election, "equalshares/add1", utility).winners
    except TieUnresolved:
        return False


def check_smallest(election: Election, utility: str) -> None:
    """Counted anew in full: the change wins, one less does not."""
    result = tally(election, "equalshares/add1", utility)
    explained = explain(election, result)
    if not election.ballots:
        assert not explained
        return
    assert [each.item for each in explained] == [lost.item for lost in result.losers]
    changes = changes_of(election, result)
    costs = {item.id: item.cost for item in election.items}
    for each in explained:
        assert each.counted
        if each.supporters is not None:
            assert wins(changes.changed.with_supporters(each.item, each.supporters), each.item, utility)
            assert not wins(
                changes.changed.with_supporters(each.item, each.supporters - 1), each.item, utility
            )
        if each.cheaper is not None:
            cost = costs[each.item] - each.cheaper
            assert wins(changes.changed.with_cost(each.item, cost), each.item, utility)
            assert not wins(changes.changed.with_cost(each.item, cost + 1), each.item, utility)


@pytest.mark.parametrize("seed", range(2))
def test_one_less_than_the_smallest_change_does_not_win(seed):
    check_smallest(portal_round(15 + seed, 8, 6000, seed), "cost")


@pytest.mark.parametrize("seed", range(2))
def test_the_smallest_changes_hold_with_points_too(seed):
    check_smallest(with_points(portal_round(15 + seed, 8, 6000, seed), seed), "points")


@given(election=elections(), utility=st.sampled_from(["cost", "cardinality"]))
@settings(max_examples=25, deadline=None)
def test_the_smallest_changes_hold_where_ties_are_the_rule(election, utility):
    try:
        check_smallest(election, utility)
    except TieUnresolved:
        return


@pytest.mark.parametrize("utility", ["cost", "cardinality", "points"])
def test_every_number_of_supporters_and_every_cost_counted_says_the_same(utility):
    """Against all changes there are, each counted by the rule: the answer wins, one less does not, and where there
    is no answer nothing wins."""
    answers = 0
    for seed in range(40):
        election = small_round(seed, utility)
        result = tally(election, "equalshares/add1", utility)
        changed = changes_of(election, result).changed
        costs = {item.id: int(item.cost) for item in election.items}
        for each in explain(election, result):
            id = each.item
            most = len(changed.others(id))
            joined = [k for k in range(1, most + 1) if wins(changed.with_supporters(id, k), id, utility)]
            cut = [c for c in range(1, costs[id]) if wins(changed.with_cost(id, costs[id] - c), id, utility)]
            for answer, winning in ((each.supporters, joined), (each.cheaper, cut)):
                if answer is None:
                    assert not winning, (seed, id)
                else:
                    assert answer in winning, (seed, id)
                    assert answer - 1 not in winning, (seed, id)
                    answers += 1
    assert answers > 100


def test_nothing_that_is_left_out_would_have_won():
    """Every number of supporters below the answer, and all where there is none."""
    election = portal_round(12, 6, 4500, 11)
    result = tally(election)
    changes = changes_of(election, result)
    for each in explain(election, result):
        below = each.supporters or len(changes.others(each.item)) + 1
        for count in range(below):
            assert not wins(changes.changed.with_supporters(each.item, count), each.item), (each.item, count)


def test_an_item_dearer_than_the_budget_says_so_and_no_supporter_helps():
    items = (Item("a", 60), Item("b", 500))
    election = Election(100, items, (Ballot("1", ("a", "b")), Ballot("2", ("b",)), Ballot("3", ("a",))))
    (explained,) = explain(election, tally(election))
    assert (explained.reason, explained.supporters) == (Reason.TOO_DEAR, None)
    assert explained.cheaper is not None
    assert explained.cheaper >= 400


def test_a_first_supporter_is_enough_where_everything_else_was_funded():
    items = (Item("a", 60), Item("b", 30))
    election = Election(100, items, (Ballot("1", ("a",)), Ballot("2", ("a",))))
    (explained,) = explain(election, tally(election))
    assert (explained.reason, explained.supporters, explained.cheaper) == (Reason.NO_SUPPORT, 1, None)


@given(election=elections())
@settings(max_examples=25, deadline=None)
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
    items = (Item("a", 90), Item("b", 80), Item("c", 1000), Item("d", 7), Item("e", 60), Item("f", 149))
    ballots = (
        Ballot("1", ("a", "b")),
        Ballot("2", ("a", "b")),
        Ballot("3", ("a", "c", "e", "f")),
    )
    election = Election(150, items, ballots)
    result = tally(election)
    reasons = {each.item: each.reason for each in explain(election, result)}
    assert result.winners == ("a",)
    assert reasons == {
        "b": Reason.OVERSPENDS,
        "c": Reason.TOO_DEAR,
        "d": Reason.NO_SUPPORT,
        "e": Reason.SPENT_ELSEWHERE,
        "f": Reason.TOO_LITTLE,
    }


def test_neither_the_order_of_ballots_nor_the_names_of_voters_matter():
    election = portal_round(20, 8, 6000, 2)
    other = renamed(election)
    assert explain(election, tally(election)) == explain(other, tally(other))
