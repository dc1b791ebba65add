"""Generated rounds of the portal: how long counting, explaining and repeating take, and whether a foreign program
accepts what is exported. `./run bench voting rounds [NUMBER]`: `NUMBER` rounds for the export, 210 without it."""

import io
import random
import resource
import time
import zipfile

from pabulib.checker import Checker

from benchmarks.machine import description, progress, say, table
from benchmarks.sealed import seal, split
from voting import verify_round
from voting.kit import account, build
from voting.tally import Ballot, Election, Item, TieUnresolved, reference, tally
from voting.tally.explain import explain
from voting.tally.robust import robustness

# Money asked for, in budgets.
ASKED = 2.2
SHARE = 667
# So many resamples are also counted at every endowment; `apart`: by how many the wins of an item differ at most.
COMPARED = 100


def main(argv: list[str]) -> int:
    say(description())
    say()
    rows = []
    for voters, items in ((60, 30), (300, 60)):
        progress(f"{voters} organisations, {items} items")
        election = generated(voters, items, 1)
        result, counted = _timed(lambda election=election: tally(election))
        _, confirmed = _timed(lambda election=election, result=result: reference.confirm(election, result))
        _, explained = _timed(lambda election=election, result=result: explain(election, result))
        _, repeated = _timed(lambda election=election, result=result: robustness(election, result))
        every = robustness(election, result, resamples=COMPARED, parts=10**9)
        stepped = robustness(election, result, resamples=COMPARED)
        assert every is not None
        assert stepped is not None
        apart = max(abs(every.wins[item] - stepped.wins[item]) for item in every.wins)
        rows.append(
            [
                f"{voters} × {items}",
                str(len(result.losers)),
                *(f"{t:.2f}" for t in (counted, confirmed, explained, repeated)),
                f"{apart} of {COMPARED}",
            ]
        )
    table(
        ["round", "losers", "count s", "second engine s", "explanations s", "1,000 resamples s", "apart"],
        rows,
    )
    say()
    say(f"Processor time; peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB.")
    say()
    made, tied, refused = exports(range(int(argv[0]) if argv else 210))
    say(
        f"{made} exported files of rounds with 10 to 1,000 organisations, {refused} refused by pabulib-checker or the verifier;"
    )
    say(f"{tied} more rounds ended in a tie and have no result.")
    return 1 if refused else 0


def generated(voters: int, items: int, seed: int) -> Election:
    """Random approvals with favourites; all costs differ."""
    chance = random.Random(seed)  # noqa: S311
    budget = voters * SHARE
    mean = budget * ASKED / items
    costs = chance.sample(range(int(mean * 0.3), int(mean * 1.7)), items)
    weights = [chance.random() ** 2 + 0.05 for _ in range(items)]
    ballots = []
    for voter in range(voters):
        chosen = sorted(set(chance.choices(range(items), weights, k=chance.randint(3, 12))))
        ballots.append(Ballot(f"v{voter}", tuple(f"p{item}" for item in chosen)))
    return Election(budget, tuple(Item(f"p{n}", cost) for n, cost in enumerate(costs)), tuple(ballots))


def exports(seeds: range) -> tuple[int, int, int]:
    """Of the rounds with these seeds: exported files, tied rounds, refused files. Every second round gives points, up to a third has two tracks."""
    made = tied = refused = 0
    for seed in seeds:
        chance = random.Random(seed)  # noqa: S311
        voters = min(1000, int(10 * 100 ** chance.random()) if seed else 1000)
        progress(f"round {seed}: {voters} organisations")
        election = generated(voters, chance.randint(4, 20), seed)
        if seed % 2:
            election = with_points(election, seed)
        parts: dict[str | None, Election] = {None: election}
        # What no track could pay is confirmed by no portal.
        if seed % 3 == 2 and max(item.cost for item in election.items) <= election.budget // 2:
            parts = dict(split(election, ("a", "b")))
        try:
            kit = build(account(*seal(parts, seed, changes=3, objections=seed % 2)), b"")
        except TieUnresolved:
            tied += 1
            continue
        refused += bool(verify_round.check(kit))
        with zipfile.ZipFile(io.BytesIO(kit)) as archive:
            texts = [archive.read(name).decode() for name in archive.namelist() if name.endswith(".pb")]
        for text in texts:
            reports = Checker().process_files([text])
            found = next(each for name, each in reports.items() if name not in ("metadata", "summary"))
            wrong = found["results"]["errors"] if isinstance(found["results"], dict) else {}
            made += 1
            refused += bool(wrong)
    return made, tied, refused


def with_points(election: Election, seed: int) -> Election:
    """The same approvals, each with one to five points."""
    chance = random.Random(seed)  # noqa: S311
    ballots = (
        each._replace(points=tuple(chance.randint(1, 5) for _ in each.items)) for each in election.ballots
    )
    return Election(election.budget, election.items, tuple(ballots))


def _timed(work):
    began = time.process_time()
    found = work()
    return found, time.process_time() - began
