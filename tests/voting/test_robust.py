"""How sure a result is: in how many resamples each item wins."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import pytest

from tests.voting.generated import portal_round, renamed, small_round, with_points
from voting.tally import Ballot, Election, Item, TieUnresolved, tally
from voting.tally.compiled import compile_election
from voting.tally.election import Utility
from voting.tally.exact import Tied
from voting.tally.fast import run_at
from voting.tally.robust import robustness
from voting.tally.rules import ranks_by_standard


def drawn_from(election: Election, resamples: int, seed: int) -> Iterator[Election]:
    ballots = sorted(election.ballots, key=lambda each: (each.items, each.points))
    chance = random.Random(seed)
    for _ in range(resamples):
        places = chance.choices(range(len(ballots)), k=len(ballots))
        yield replace(
            election, ballots=tuple(Ballot(str(n), *ballots[place][1:]) for n, place in enumerate(places))
        )


def by_steps(election: Election, parts: int) -> tuple[str, ...]:
    """Add1 with a part of the endowment more each time until one overspends, then halving that step; run after run."""
    compiled = compile_election(election, Utility.COST)
    ranks = ranks_by_standard(compiled)
    share = Fraction(compiled.budget, compiled.voters)
    supported = sum(votes > 0 for votes in compiled.votes)
    kept: tuple[int, ...] = ()

    def fits(number: int) -> bool:
        nonlocal kept
        endowment = Fraction((share // compiled.scale + number) * compiled.scale)
        try:
            order = run_at(compiled, ranks, endowment if number else share)
        except Tied:
            return False
        if sum(compiled.costs[item] for item in order) <= compiled.budget:
            kept = order
            return True
        return False

    last, number = 0, 0
    while fits(number):
        if len(kept) == supported:
            return tuple(election.items[item].id for item in kept)
        last, number = number, number + max(1, (share // compiled.scale + number) // parts)
    while number - last > 1:
        half = last + (number - last) // 2
        last, number = (half, number) if fits(half) else (last, half)
    return tuple(election.items[item].id for item in kept)


def test_a_sure_item_wins_in_all_resamples_and_a_hopeless_one_in_none():
    election = portal_round(30, 8, 6000, 1)
    items = (*election.items, Item("none", 5999))
    found = robustness(Election(6000, items, election.ballots), tally(election), resamples=100)
    assert found is not None
    assert found.wins["none"] == 0
    assert max(found.wins.values()) == 100


def test_neither_the_order_of_ballots_nor_the_names_of_voters_matter():
    election = portal_round(20, 8, 6000, 2)
    other = renamed(election)
    assert robustness(election, tally(election), resamples=50) == robustness(
        other, tally(other), resamples=50
    )


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
            found = robustness(
                election, tally(election, "equalshares/add1", utility), resamples=20, seed=7, parts=10**9
            )
        except TieUnresolved:
            continue
        assert found is not None
        counts: Counter[str] = Counter()
        for again in drawn_from(election, 20, 7):
            try:
                counts.update(tally(again, "equalshares/add1", utility).winners)
            except TieUnresolved:
                tied += 1
        assert found.wins == {item.id: counts[item.id] for item in election.items}
    assert tied or utility == "points"


@pytest.mark.parametrize("parts", [4, 16, 50])
def test_larger_steps_are_counted_as_they_are_described(parts):
    election = portal_round(25, 8, 6000, 3)
    found = robustness(election, tally(election), resamples=30, seed=7, parts=parts)
    assert found is not None
    counts: Counter[str] = Counter()
    for again in drawn_from(election, 30, 7):
        counts.update(by_steps(again, parts))
    assert found.wins == {item.id: counts[item.id] for item in election.items}


@pytest.mark.parametrize("seed", range(3))
def test_larger_steps_hardly_change_how_often_an_item_wins(seed):
    election = portal_round(30, 12, 12000, seed)
    result = tally(election)
    every = robustness(election, result, resamples=100, parts=10**9)
    stepped = robustness(election, result, resamples=100)
    assert every is not None
    assert stepped is not None
    assert max(abs(every.wins[item] - stepped.wins[item]) for item in every.wins) <= 3


def test_too_large_a_question_about_chance_is_not_asked():
    election = portal_round(15, 8, 6000, 1)
    assert robustness(election, tally(election), resamples=10**9) is None
