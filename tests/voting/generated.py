"""Elections made from a seed."""

import random

from voting.tally import Ballot, Election, Item


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


def with_points(election: Election, seed: int) -> Election:
    chance = random.Random(seed)
    ballots = (
        Ballot(each.voter, each.items, tuple(chance.randint(1, 5) for _ in each.items))
        for each in election.ballots
    )
    return Election(election.budget, election.items, tuple(ballots))


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


def renamed(election: Election) -> Election:
    """The same ballots in another order under other names."""
    chance = random.Random(5)
    ballots = [Ballot(f"x{chance.random()}", *ballot[1:]) for ballot in election.ballots]
    chance.shuffle(ballots)
    return Election(election.budget, election.items, tuple(ballots))
