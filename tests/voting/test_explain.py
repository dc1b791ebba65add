"""Why items lost, the smallest changes that would have won, and how sure the result is."""

import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.voting.strategies import elections
from voting.tally import Ballot, Election, Item, TieUnresolved, tally
from voting.tally.explain import Reason, changes_of, explain
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


def wins(election: Election, item: str, utility: str = "cost") -> bool:
    """A cost cut down to another item's cost can leave a tie that nothing decides: then nothing wins."""
    try:
        return item in tally(election, "equalshares/add1", utility).winners
    except TieUnresolved:
        return False


def with_points(election: Election, seed: int) -> Election:
    chance = random.Random(seed)
    ballots = (
        Ballot(each.voter, each.items, tuple(chance.randint(1, 5) for _ in each.items))
        for each in election.ballots
    )
    return Election(election.budget, election.items, tuple(ballots))


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


def small_round(seed: int, utility: str) -> Election:
    """Few voters, items and units, so that equal prices and money that is a cost exactly are common."""
    chance = random.Random(seed)
    items = chance.randint(2, 7)
    largest = chance.choice([6, 12, 40])
    costs = [chance.randint(1, largest) for _ in range(items)]
    lots = chance.sample(range(items), items)
    ballots = []
    for voter in range(chance.randint(2, 14)):
        chosen = chance.sample(range(items), chance.randint(1, min(items, 4)))
        points = tuple(chance.randint(seed % 2, 5) for _ in chosen) if utility == "points" else ()
        ballots.append(Ballot(f"v{voter}", tuple(f"p{item}" for item in chosen), points))
    budget = chance.randint(1, max(2, int(sum(costs) * chance.random())))
    return Election(
        budget, tuple(Item(f"p{n}", cost, lots[n]) for n, cost in enumerate(costs)), tuple(ballots)
    )


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


@pytest.mark.parametrize("utility", ["cost", "cardinality", "points"])
def test_a_resample_is_counted_as_the_rule_counts_it(utility):
    """One after the other, by the rule itself; with ties and without."""
    tied = 0
    rounds = [small_round(seed, utility) for seed in range(8)]
    rounds += [
        with_points(portal_round(25, 8, 6000, 3), 3) if utility == "points" else portal_round(25, 8, 6000, 3)
    ]
    rounds += [replace(each, items=tuple(Item(i.id, i.cost) for i in each.items)) for each in rounds[:8]]
    for election in rounds:
        try:
            found = robustness(election, tally(election, "equalshares/add1", utility), resamples=20, seed=7)
        except TieUnresolved:
            continue
        assert found is not None
        counts: Counter[str] = Counter()
        ballots = sorted(election.ballots, key=lambda each: (each.items, each.points))
        chance = random.Random(7)
        for _ in range(20):
            drawn = chance.choices(range(len(ballots)), k=len(ballots))
            again = tuple(Ballot(str(n), *ballots[place][1:]) for n, place in enumerate(drawn))
            try:
                counts.update(tally(replace(election, ballots=again), "equalshares/add1", utility).winners)
            except TieUnresolved:
                tied += 1
        assert found.wins == {item.id: counts[item.id] for item in election.items}
    assert tied or utility == "points"


def test_too_large_a_question_about_chance_is_not_asked():
    election = portal_round(15, 8, 6000, 1)
    assert robustness(election, tally(election), resamples=10**9) is None
