"""How much the result depends on who happened to vote: the count repeated on resampled ballots."""

import random
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

import numpy as np

from voting.tally.batch import Batch
from voting.tally.compiled import Compiled, Flags, compile_election
from voting.tally.election import Ballot, Election, Utility
from voting.tally.exact import Tied
from voting.tally.fast import run_at
from voting.tally.resampled import Resampled
from voting.tally.result import Result
from voting.tally.rules import Rule, ranks_by_standard
from voting.tally.variants import plain_variants

RESAMPLES = 1000
PARTS = 32
# Larger questions (resamples x voters x items) are left out: the answer would take minutes.
MOST_WORK = 200_000_000


@dataclass(frozen=True, slots=True)
class Robustness:
    """In how many of `resamples` counts each item won, by item id."""

    resamples: int
    wins: dict[str, int]


def robustness(
    election: Election,
    result: Result,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    parts: int = PARTS,
) -> Robustness | None:
    """Bootstrap: as many ballots as were cast, drawn from them with repetition, counted by Add1; all of it again.

    Each count goes up in steps of a `parts`-th of the endowment and halves the last one (`voting.tally.resampled`); with
    more parts than the endowment has units it looks at every endowment.

    The same election and seed give the same numbers, whatever the order of ballots and the names of voters.
    Where a tie leaves a count without an answer, nothing wins in it. None for other rules, where nobody voted, and where
    the question is larger than MOST_WORK.
    """
    if resamples * len(election.ballots) * len(election.items) > MOST_WORK:
        return None
    if result.rule != Rule.ADD1 or not election.ballots:
        return None
    ballots = tuple(sorted(election.ballots, key=_content))
    ordered = Election(
        election.budget,
        election.items,
        tuple(Ballot(str(place), *each[1:]) for place, each in enumerate(ballots)),
    )
    compiled = compile_election(ordered, Utility(result.utility))
    group = np.array([compiled.group_of[each.items, each.points] for each in ballots])
    # Python promises the same numbers for the same seed in every version; NumPy does not.
    chance = random.Random(seed)  # noqa: S311
    count = len(ballots)
    drawn = np.array([chance.choices(range(count), k=count) for _ in range(resamples)])
    weights = np.zeros((resamples, compiled.group_count))
    np.add.at(weights, (np.arange(resamples)[:, None], group[drawn]), 1.0)
    # A few voters draw the same ballots again and again; each different draw is counted once.
    weights, first, times = np.unique(weights, axis=0, return_index=True, return_counts=True)
    drawn = drawn[first]
    variants = plain_variants(compiled, weights, ranks_by_standard(compiled))

    @cache
    def exact(resample: int) -> tuple[Compiled, tuple[int, ...]]:
        again = [ballots[place] for place in drawn[resample].tolist()]
        election = replace(ordered, ballots=tuple(Ballot(str(n), *each[1:]) for n, each in enumerate(again)))
        found = compile_election(election, Utility(result.utility))
        return found, ranks_by_standard(found)

    def exactly(resample: int, endowment: Fraction) -> Flags | None:
        bought = np.zeros(len(election.items), dtype=np.bool)
        try:
            bought[list(run_at(*exact(resample), endowment))] = True
        except Tied:
            return None
        return bought

    wins = (times @ Resampled(Batch(compiled), variants, exactly, parts).winners()).tolist()
    return Robustness(resamples, {item.id: wins[place] for place, item in enumerate(election.items)})


def _content(ballot: Ballot) -> tuple[object, ...]:
    return (ballot.items, ballot.points)
