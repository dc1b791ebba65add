"""How much the result depends on who happened to vote: the count repeated on resampled ballots."""

import random
from dataclasses import dataclass

import numpy as np

from voting.tally.batch import Batch
from voting.tally.compiled import compile_election
from voting.tally.election import Ballot, Election, Utility
from voting.tally.result import Result
from voting.tally.rules import Rule, ranks_by_standard
from voting.tally.variants import plain_variants

RESAMPLES = 1000
# A resample raises the shares in steps of this part of a share, not of one unit: hundreds of times faster, and the
# frequencies differ by less than chance.
STEPS_PER_SHARE = 32


@dataclass(frozen=True, slots=True)
class Robustness:
    """In how many of `resamples` counts each item won, by item id; `stride`: the step of the shares, in units."""

    resamples: int
    stride: int
    wins: dict[str, int]


def robustness(
    election: Election, result: Result, *, resamples: int = RESAMPLES, seed: int = 0
) -> Robustness | None:
    """Bootstrap: as many ballots as were cast, drawn from them with repetition, counted by Add1; all of it again.

    The same election and seed give the same numbers, whatever the order of ballots and the names of voters.
    None for other rules, and where nobody voted.
    """
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
    stride = max(1, int(election.budget / count) // STEPS_PER_SHARE)
    won = Batch(compiled).add1(plain_variants(compiled, weights, ranks_by_standard(compiled)), stride=stride)
    wins = won.sum(axis=0).tolist()
    return Robustness(resamples, stride, {item.id: wins[place] for place, item in enumerate(election.items)})


def _content(ballot: Ballot) -> tuple[object, ...]:
    return (ballot.items, ballot.points)
