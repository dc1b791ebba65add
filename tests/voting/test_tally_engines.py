"""The fast engine and the plain one agree on everything, and the order of the input does not matter."""

import random
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.voting.strategies import elections
from voting.tally import Ballot, Election, Item, TieUnresolved, Utility, reference, tally
from voting.tally.compiled import apart, compile_election
from voting.tally.exact import run_exactly
from voting.tally.fast import Runner
from voting.tally.rules import ranks_by_id


def agree(election: Election, rule: str, utility: str) -> None:
    try:
        expected = reference.tally(election, rule, utility)
    except TieUnresolved as error:
        tie = error
    else:
        result = tally(election, rule, utility)
        assert result.winners == expected.winners
        reference.confirm(election, result)
        return
    with pytest.raises(TieUnresolved) as refused:
        tally(election, rule, utility)
    assert (refused.value.items, refused.value.endowment) == (tie.items, tie.endowment)


@pytest.mark.parametrize("utility", ["cost", "cardinality"])
@pytest.mark.parametrize("rule", ["equalshares/add1", "add1u"])
@settings(max_examples=100, deadline=None)
@given(election=elections())
def test_engines_agree_on_approvals(rule, utility, election):
    agree(election, rule, utility)


@settings(max_examples=100, deadline=None)
@given(election=elections(points=True), rule=st.sampled_from(["equalshares/add1", "add1u"]))
def test_engines_agree_on_points(election, rule):
    agree(election, rule, "points")


@settings(max_examples=80, deadline=None)
@given(election=elections(lots=False))
def test_engines_agree_on_what_is_an_unresolved_tie(election):
    agree(election, "equalshares/add1", "cost")


@settings(max_examples=80, deadline=None)
@given(election=elections(fractions=True))
def test_engines_agree_on_fractional_costs(election):
    agree(election, "equalshares/add1", "cost")


def portal_round(seed: int, organisations: int, items: int) -> Election:
    """Sectors with own favourites, costs of a round, a budget for about a third of the items."""
    rng = random.Random(seed)
    costs = rng.sample(range(200, 4_000), items)
    favourites = [rng.sample(range(items), items // 2) for _ in range(5)]
    ballots = []
    for number in range(organisations):
        liked = rng.sample(rng.choice(favourites), rng.randint(3, items // 3))
        ballots.append(Ballot(f"o{number}", tuple(f"p{item}" for item in liked)))
    return Election(
        sum(costs) // 3, tuple(Item(f"p{n}", cost, n) for n, cost in enumerate(costs)), tuple(ballots)
    )


@pytest.mark.parametrize("seed", range(4))
def test_engines_agree_on_rounds_of_the_portal(seed):
    election = portal_round(seed, organisations=40, items=16)
    reference.confirm(election, tally(election))


@settings(max_examples=60, deadline=None)
@given(election=elections(), seed=st.integers(0, 1000))
def test_the_order_of_items_and_ballots_does_not_matter(election, seed):
    rng = random.Random(seed)
    items, ballots = list(election.items), list(election.ballots)
    rng.shuffle(items)
    rng.shuffle(ballots)
    shuffled = Election(
        election.budget,
        tuple(items),
        tuple(
            ballot._replace(items=tuple(rng.sample(ballot.items, len(ballot.items)))) for ballot in ballots
        ),
    )
    assert tally(shuffled).steps == tally(election).steps


@settings(max_examples=60, deadline=None)
@given(election=elections())
def test_no_result_overspends_and_every_step_is_paid_in_full(election):
    result = tally(election)
    assert result.spent == sum(step.cost for step in result.steps) <= election.budget
    outcome = reference.tally(election)
    for purchase, step in zip(outcome.purchases, result.steps, strict=True):
        assert sum(purchase.payments.values()) == step.cost


@settings(max_examples=60, deadline=None)
@given(election=elections(), endowment=st.fractions(min_value=1, max_value=500, max_denominator=6))
def test_the_run_in_fractions_is_the_run_in_floats(election, endowment):
    compiled = compile_election(election, Utility.COST)
    ranks = ranks_by_id(compiled)
    assert run_exactly(compiled, ranks, endowment) == Runner(compiled, ranks).run(endowment).order


@settings(max_examples=60, deadline=None)
@given(election=elections(), start=st.integers(1, 60), rng=st.randoms())
def test_a_run_repeats_itself_as_far_as_it_says(election, start, rng):
    compiled = compile_election(election, Utility.COST)
    ranks = ranks_by_id(compiled)
    runner = Runner(compiled, ranks)
    run = runner.run(Fraction(start))
    within = min(run.reach, 1000.0) * rng.random()
    if within > 0:
        assert run_exactly(compiled, ranks, start + Fraction(within)) == run.order


def test_money_that_differs_by_less_than_floats_can_see_is_still_decided():
    # One unit in 10**17 separates enough from too little.
    big = 10**17
    for cost, funded in ((2 * big, ("a",)), (2 * big + 1, ())):
        election = Election(2 * big, (Item("a", cost),), (Ballot("x", ("a",)), Ballot("y", ("a",))))
        assert tally(election).winners == funded


def test_prices_that_differ_by_less_than_floats_can_see_are_still_ordered():
    big = 10**16
    items = (Item("a", 3 * big + 1), Item("b", 3 * big), Item("c", 9 * big))
    ballots = tuple(Ballot(f"v{n}", ("a", "b", "c")) for n in range(3))
    election = Election(20 * big, items, ballots)
    for utility in ("cost", "cardinality"):
        assert tally(election, utility=utility).winners == reference.tally(election, utility=utility).winners


def test_a_wrong_result_is_not_confirmed():
    election = portal_round(1, organisations=20, items=9)
    result = tally(election)
    for wrong in (
        replace(result, steps=result.steps[::-1]),
        replace(result, steps=result.steps[:-1]),
        replace(result, endowment="1"),
        replace(result, steps=(replace(result.steps[0], price="7/3"), *result.steps[1:])),
    ):
        with pytest.raises(reference.EnginesDisagree):
            reference.confirm(election, wrong)


def test_a_bound_below_the_equal_price_hides_nobody_who_cannot_pay_it():
    """Costs 300 for three supporters; one holds 98, so the others pay 101. A bound carried over may say 52."""
    items = (Item("a", Fraction(300), lot=0),)
    ballots = tuple(Ballot(voter, ("a",)) for voter in "xyz")
    # Ballots apart, so that each supporter can hold an amount of its own.
    compiled = apart(compile_election(Election(Fraction(900), items, ballots), Utility.CARDINALITY))
    runner = Runner(compiled, (0,))
    runner.run(Fraction(300))
    runner.money[:] = [98, 150, 300]
    runner.bounds[0] = 52
    runner._evaluate(0)
    assert runner.offers[0].price == 101
    assert runner.offers[0].poor.tolist() == [True, False, False]
