"""Equal Shares on cases that a person can recompute on paper."""

import subprocess
import sys
from fractions import Fraction

import pytest

from voting.tally import (
    Ballot,
    Election,
    InvalidElection,
    Item,
    TieUnresolved,
    payments,
    tally,
)


def election(budget, costs, ballots, lots=()):
    items = tuple(Item(id, cost, lots.index(id) if id in lots else None) for id, cost in costs.items())
    return Election(
        budget, items, tuple(Ballot(f"v{n}", tuple(ballot.split())) for n, ballot in enumerate(ballots))
    )


def sectors(large, small, items=10):
    """Two sectors that approve only their own items, all costs nearly equal (distinct, so that nothing ties)."""
    costs = {f"L{n}": 1000 + n for n in range(items)} | {f"S{n}": 1010 + n for n in range(items)}
    chemistry, tools = " ".join(f"L{n}" for n in range(items)), " ".join(f"S{n}" for n in range(items))
    return election(10 * 1020, costs, [chemistry] * large + [tools] * small)


def test_supporters_split_the_price_equally_and_the_poor_pay_what_they_have():
    # 30 each. b costs 38, 19 from each supporter (a is worth as much and dearer). Then a: y has 11, x pays 29.
    result = tally(election(90, {"a": 40, "b": 38}, ["a", "a b", "b"]))
    assert result.winners == ("b", "a")
    first, second = result.steps
    assert (first.price, first.payers, first.paid_in_full) == ("19", 2, 2)
    assert (second.price, second.payers, second.paid_in_full) == ("29", 2, 1)
    assert second.effective_votes == "40/29"
    assert (result.endowment, result.runs, result.spent) == ("30", 1, 78)


def test_every_voter_sees_what_was_paid_for_what():
    paid = payments(e := election(90, {"a": 40, "b": 38}, ["a", "a b", "b"]), tally(e))
    assert paid == {"v0": [("a", "29")], "v1": [("b", "19"), ("a", "11")], "v2": [("b", "19")]}


def test_add1_goes_from_the_exact_share_to_whole_units():
    # 100/3 each, then 34, 35, ...: a is bought at 35, b at 36; 70 would buy c, too, and overspend.
    result = tally(election(100, {"a": 35, "b": 36, "c": 70}, ["a", "b", "c"]))
    assert result.winners == ("a", "b")
    assert result.endowment == "69"
    assert result.spent == 71
    assert result.runs == 1 + (70 - 33)


def test_add1_does_not_stop_at_an_exhaustive_outcome_but_add1u_does():
    # At 10 each a and b are bought and nothing more fits into 21; only the rule without stop finds c instead of b.
    e = election(21, {"a": 5, "b": 12, "c": 16}, ["a b", "a b", "c", "c"], lots=("a", "b", "c"))
    assert tally(e, "add1u").runs < tally(e, "equalshares/add1").runs


def test_money_equal_to_the_cost_is_enough():
    result = tally(election(30, {"a": 30}, ["a", "a", "a"]))
    assert result.winners == ("a",)
    assert result.runs == 1


def test_one_unit_less_than_the_cost_is_not_enough():
    result = tally(election(29, {"a": 30}, ["a", "a", "a"]))
    assert result.winners == ()
    assert result.losers[0].money_left == "29"


def test_equal_prices_go_to_the_lower_cost_first():
    # Both have two supporters, so with cost utility both offer the same; b is cheaper.
    result = tally(election(40, {"a": 20, "b": 10}, ["a b", "a b"]))
    assert result.winners == ("b", "a")


def test_equal_costs_go_to_more_votes_first():
    # After "x" is bought, p's three supporters are worth as much as q's two: p has more votes.
    e = election(
        40,
        {"x": 10, "p": 12, "q": 12},
        ["x p", "p q", "p", "q"],
    )
    order = tally(e).winners
    assert order.index("p") < order.index("q")


def test_a_tie_that_nothing_separates_gives_no_result():
    with pytest.raises(TieUnresolved) as refused:
        tally(election(10, {"a": 10, "b": 10}, ["a b", "a b"]))
    assert refused.value.items == ("a", "b")


@pytest.mark.parametrize(("lots", "winner"), [(("a", "b"), "a"), (("b", "a"), "b")])
def test_the_declared_lot_order_separates_what_is_equal(lots, winner):
    assert tally(election(10, {"a": 10, "b": 10}, ["a b", "a b"], lots)).winners == (winner,)


def test_a_small_sector_gets_its_share():
    """36 firms against 24, ten items each, budget for ten: greedy gives 10:0, Equal Shares 6:4."""
    e = sectors(36, 24)
    greedy, shares = tally(e, "greedy").winners, tally(e).winners
    assert [sum(id[0] == sector for id in greedy) for sector in "LS"] == [10, 0]
    assert [sum(id[0] == sector for id in shares) for sector in "LS"] == [6, 4]


def test_a_tenth_of_the_firms_decides_about_a_tenth_of_the_budget():
    winners = tally(sectors(54, 6)).winners
    assert [sum(id[0] == sector for id in winners) for sector in "LS"] == [9, 1]


def test_points_are_paid_in_proportion():
    # 60 each. rho solves 10 rho + 30 rho = 60: x pays 15 and y pays 45.
    e = Election(120, (Item("a", 60),), (Ballot("x", ("a",), (1,)), Ballot("y", ("a",), (3,))))
    result = tally(e, utility="points")
    assert result.steps[0].price == "15"
    assert payments(e, result) == {"x": [("a", "15")], "y": [("a", "45")]}


def test_zero_points_are_no_support():
    e = Election(120, (Item("a", 60),), (Ballot("x", ("a",), (0,)), Ballot("y", ("a",), (3,))))
    assert tally(e, utility="points").losers == () or tally(e, utility="points").steps[0].payers == 1
    assert e.votes() == {"a": 1}


def test_cardinality_prefers_the_cheap_and_cost_the_popular():
    e = election(60, {"cheap": 10, "dear": 50}, ["dear cheap", "dear", "dear cheap"])
    assert tally(e, utility="cardinality").winners[0] == "cheap"
    assert tally(e, utility="cost").winners[0] == "dear"


def test_fractional_costs_stay_exact():
    e = election(Fraction(3, 10), {"a": Fraction(1, 10), "b": Fraction(2, 10)}, ["a b", "a b", "a b"])
    result = tally(e)
    assert result.winners == ("a", "b")
    assert result.spent == Fraction(3, 10)
    assert result.as_dict()["left"] == 0


def test_nobody_voted():
    result = tally(election(100, {"a": 10}, []))
    assert (result.winners, result.runs, result.voters) == ((), 0, 0)


def test_an_empty_ballot_still_holds_its_share():
    # Two voters, 10 each: the supporter alone cannot pay 15 until Add1 gives 15 to each.
    result = tally(election(20, {"a": 15}, ["a", ""]))
    assert result.endowment == "15"


def test_everything_funded_ends_the_rule():
    result = tally(election(10**9, {"a": 5, "b": 7}, ["a b"] * 3))
    assert result.winners == ("a", "b")
    assert result.runs == 1


def test_a_tiny_unit_is_skipped_over_and_not_walked():
    # Half of 10**15 each, one needs 6*10**14: about 10**14 endowments, none of them different.
    result = tally(election(10**15, {"a": 6 * 10**14, "b": 6 * 10**14 + 1}, ["a", "b"]))
    assert result.winners == ("a",)
    assert result.runs == 10**14 + 2


def test_unsupported_items_never_win_by_shares_but_fill_up_add1u():
    e = election(100, {"a": 10, "nobody": 20}, ["a"])
    assert tally(e).winners == ("a",)
    assert tally(e, "add1u").completion == ("nobody",)


def test_the_result_is_json_ready():
    shown = tally(election(90, {"a": 40, "b": 38}, ["a", "a b", "b"])).as_dict()
    assert shown["steps"][0]["price"] == "19"
    assert shown["left"] == 12


@pytest.mark.parametrize(
    ("budget", "items", "ballots"),
    [
        (-1, (Item("a", 1),), ()),
        (1, (Item("a", 0),), ()),
        (1, (Item("a", -3),), ()),
        (1, (Item("a", 1), Item("a", 2)), ()),
        (1, (Item("a", 1, 0), Item("b", 2, 0)), ()),
        (1, (Item("a", 1),), (Ballot("x", ("b",)),)),
        (1, (Item("a", 1),), (Ballot("x", ("a", "a")),)),
        (1, (Item("a", 1),), (Ballot("x", ("a",)), Ballot("x", ()))),
        (1, (Item("a", 1),), (Ballot("x", ("a",), (1, 2)),)),
        (1, (Item("a", 1),), (Ballot("x", ("a",), (-1,)),)),
    ],
)
def test_a_contradictory_election_is_refused(budget, items, ballots):
    with pytest.raises(InvalidElection):
        Election(budget, items, ballots)


def test_unknown_rules_are_refused():
    with pytest.raises(ValueError, match="borda"):
        tally(election(1, {"a": 1}, ["a"]), "borda")


def test_the_tally_runs_without_django():
    code = "import sys, voting.tally, voting.pabulib; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
