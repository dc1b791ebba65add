"""Results of one round under other names and in other orders: `permuted.py SEED COUNT` prints each distinct one.

Run as a process of its own, so that each run begins anew, with other hashes of the same texts.
"""

import hashlib
import json
import random
import sys

from voting.tally import Ballot, Election, Item, Utility, tally
from voting.tally.explain import explain

ITEMS, VOTERS = 9, 24


def round_of(pointed: bool) -> Election:
    """A round with losers; some items cost alike, so that votes and lots have to decide."""
    chance = random.Random(5)
    items = tuple(Item(f"i{number}", 300 + 40 * (number // 2), lot=number) for number in range(ITEMS))
    ballots = []
    for number in range(VOTERS):
        chosen = tuple(f"i{item}" for item in sorted(chance.sample(range(ITEMS), chance.randint(3, 5))))
        points = tuple(chance.randint(1, 4) for _ in chosen) if pointed else ()
        ballots.append(Ballot(f"v{number}", chosen, points))
    return Election(1500, items, tuple(ballots))


def permuted(election: Election, chance: random.Random) -> tuple[Election, dict[str, str]]:
    """The same round with other ids, and items and ballots in another order; and the way back to the old ids."""
    names = [f"n{number}" for number in chance.sample(range(10_000), ITEMS + VOTERS)]
    items = dict(zip((item.id for item in election.items), names, strict=False))
    voters = dict(zip((ballot.voter for ballot in election.ballots), names[ITEMS:], strict=True))
    new_items = [Item(items[item.id], item.cost, item.lot) for item in election.items]
    new_ballots = []
    for ballot in election.ballots:
        places = chance.sample(range(len(ballot.items)), len(ballot.items))
        chosen = tuple(items[ballot.items[place]] for place in places)
        points = tuple(ballot.points[place] for place in places) if ballot.points else ()
        new_ballots.append(Ballot(voters[ballot.voter], chosen, points))
    chance.shuffle(new_items)
    chance.shuffle(new_ballots)
    return Election(election.budget, tuple(new_items), tuple(new_ballots)), {
        new: old for old, new in items.items()
    }


def outcome(election: Election, back: dict[str, str], utility: Utility, explained: bool) -> bytes:
    """Result and reasons as canonical JSON, in the old ids; what lost stands in their order."""
    result = tally(election, utility=utility)
    shown = result.as_dict()
    losers = sorted(shown.pop("losers"), key=lambda lost: back[lost["item"]])
    reasons = sorted(explain(election, result), key=lambda each: back[each.item]) if explained else []
    said = [(each.item, each.reason, each.supporters, each.cheaper) for each in reasons]
    text = json.dumps([shown, losers, said], sort_keys=True)
    for new, old in back.items():
        text = text.replace(f'"{new}"', f'"{old}"')
    return text.encode()


def main(seed: int, count: int) -> None:
    chance = random.Random(seed)
    for pointed, utility in ((False, Utility.COST), (True, Utility.POINTS)):
        election = round_of(pointed)
        found = {
            hashlib.sha256(outcome(*permuted(election, chance), utility, number % 20 == 0)).hexdigest()
            + (" explained" if number % 20 == 0 else "")
            for number in range(count // 2)
        }
        sys.stdout.write("".join(f"{utility} {each}\n" for each in sorted(found)))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
