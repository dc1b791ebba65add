"""Why an item was not funded, and the smallest change with which it would have been.

The order in which organisations would newly approve an item is fixed: those with the most money left after the kept
run come first (they lose least by it), equal ones by the items that they approve. `k` supporters are the first k of
that order; nothing else about the ballots changes, and shares stay what they were.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from math import floor

import numpy as np

from voting.tally.batch import Batch, Variants
from voting.tally.compiled import Flags, Ints, apart, compile_election
from voting.tally.election import Ballot, Election, Number, TieUnresolved, Utility
from voting.tally.exact import charges, run_exactly
from voting.tally.fast import Ambiguous, Runner
from voting.tally.residues import Indivisible
from voting.tally.result import Result
from voting.tally.rules import Rule, ranks_by_standard, tally

# More endowments than this are asked one event after the other instead of all at once.
MOST_AT_ONCE = 1000
# Into so many parts the endowments are divided to find the first one that matters.
SECTIONS = 20


class Reason(StrEnum):
    """Why an item lost."""

    NO_SUPPORT = "no_support"
    TOO_LITTLE = "too_little"  # even unspent, the shares of its supporters do not reach its cost
    SPENT_ELSEWHERE = "spent_elsewhere"  # they would, but other items were bought with them
    OVERSPENDS = "overspends"  # one unit more per voter buys it, and then the budget does not suffice


@dataclass(frozen=True, slots=True)
class Explanation:
    """One item that was not funded.

    `held` is what its supporters held at first, together; `elsewhere` what they paid for other items, most first
    (exact rationals as text). `supporters` more approvals, or a cost lower by `cheaper` units, would have been
    enough, and one less of either not; None when no number is enough.
    """

    item: str
    reason: Reason
    held: str
    elsewhere: tuple[tuple[str, str], ...]
    supporters: int | None
    cheaper: int | None


def explain(election: Election, result: Result) -> tuple[Explanation, ...]:
    """An explanation for each loser of `equalshares/add1`, in the result's order; nothing for other rules."""
    if result.rule != Rule.ADD1 or result.endowment is None or not result.losers:
        return ()
    changes = Changes(election, result)
    found = changes.smallest([lost.item for lost in result.losers])
    endowment = Fraction(result.endowment)
    refused = _refused(election, result)
    explained = []
    for lost in result.losers:
        held = endowment * lost.votes
        if not lost.votes:
            reason = Reason.NO_SUPPORT
        elif lost.item in refused:
            reason = Reason.OVERSPENDS
        elif held < lost.cost:
            reason = Reason.TOO_LITTLE
        else:
            reason = Reason.SPENT_ELSEWHERE
        supporters, cheaper = found[lost.item]
        explained.append(
            Explanation(lost.item, reason, str(held), changes.elsewhere(lost.item), supporters, cheaper)
        )
    return tuple(explained)


def _refused(election: Election, result: Result) -> set[str]:
    """Items of the first run that overspends; empty where no run does."""
    compiled = compile_election(election, Utility(result.utility))
    if result.runs < 2:
        return set()
    share = Fraction(election.budget) / len(election.ballots)
    ranks = ranks_by_standard(compiled)
    endowment = Fraction(floor(share) + result.runs - 1) * compiled.scale
    try:
        order = Runner(compiled, ranks).run(endowment).order
    except (Ambiguous, Indivisible):
        order = run_exactly(compiled, ranks, endowment)
    if sum(compiled.costs[item] for item in order) <= compiled.budget:
        return set()
    return {election.items[item].id for item in order}


@dataclass(slots=True)
class _Search:
    """Between `low`, which is not enough, and `high`, which is. `adds`: of supporters, otherwise of cost.

    With a `step` the search walks away from where it began, faster and faster, until it has passed the answer.
    """

    item: int
    adds: bool
    low: int
    high: int
    probe: int
    step: int = 0
    side: bool | None = None

    @property
    def done(self) -> bool:
        return self.high - self.low <= 1

    def learn(self, wins: bool) -> None:
        if wins:
            self.high = self.probe
        else:
            self.low = self.probe
        if self.step and self.side in (None, wins):
            self.side = wins
            self.probe += -self.step if wins else self.step
            self.step *= 2
        else:
            self.step = 0
        if not self.step or not self.low < self.probe < self.high:
            self.step = 0
            self.probe = (self.low + self.high) // 2


class Changes:
    """Small changes of one counted election, and whether an item wins with them."""

    def __init__(self, election: Election, result: Result) -> None:
        self.election = election
        self.utility = Utility(result.utility)
        self.runs = result.runs
        self.index = {item.id: place for place, item in enumerate(election.items)}
        compiled = compile_election(election, self.utility)
        assert result.endowment is not None
        order = tuple(self.index[step.item] for step in result.steps)
        self.made, ledger = charges(compiled, order, Fraction(result.endowment) * compiled.scale)
        self.compiled = compiled
        ranks = ranks_by_standard(compiled)

        def first(place: int) -> tuple[object, ...]:
            ballot = election.ballots[place]
            group = compiled.group_of[ballot.items, ballot.points]
            return -ledger.held(group), sorted((ranks[self.index[id]], id) for id in ballot.items)

        self.queue = sorted(range(len(election.ballots)), key=first)
        self.supporting = [set(ballot.items) for ballot in election.ballots]
        self.single = apart(compiled)
        self.batch = Batch(self.single)
        starts: dict[int, int] = {}
        sizes: dict[int, int] = {}
        for ballot in election.ballots:
            group = compiled.group_of[ballot.items, ballot.points]
            sizes[group] = sizes.get(group, 0) + 1
        total = 0
        for group in range(compiled.group_count):
            starts[group] = total
            total += sizes[group]
        self.place: list[int] = []
        for ballot in election.ballots:
            group = compiled.group_of[ballot.items, ballot.points]
            self.place.append(starts[group])
            starts[group] += 1

    def elsewhere(self, item: str) -> tuple[tuple[str, str], ...]:
        """What the supporters of the item paid for others together, most first."""
        support = self.compiled.supports[self.index[item]]
        if support is None:
            return ()
        sizes = dict(zip(support.groups.tolist(), support.voters.astype(int).tolist(), strict=True))
        paid = []
        for charge in self.made:
            amount = sum(
                (charge.paid[group] * size for group, size in sizes.items() if group in charge.paid),
                Fraction(0),
            )
            if amount:
                paid.append((amount / self.compiled.scale, self.election.items[charge.item]))
        paid.sort(key=lambda each: (-each[0], each[1].cost, each[1].id))
        return tuple((bought.id, str(amount)) for amount, bought in paid)

    def with_supporters(self, item: str, count: int) -> Election:
        """The election in which the first `count` of the others approve the item as well."""
        others = [place for place in self.queue if item not in self.supporting[place]]
        chosen = set(others[:count])
        ballots = [
            Ballot(ballot.voter, (*ballot.items, item)) if place in chosen else ballot
            for place, ballot in enumerate(self.election.ballots)
        ]
        return replace(self.election, ballots=tuple(ballots))

    def with_cost(self, item: str, cost: Number) -> Election:
        items = [replace(each, cost=cost) if each.id == item else each for each in self.election.items]
        return replace(self.election, items=tuple(items))

    def smallest(self, items: Sequence[str]) -> dict[str, tuple[int | None, int | None]]:
        """Per item the fewest further supporters, and the smallest cut of the cost, with which it wins."""
        searches = []
        for id in items:
            item = self.index[id]
            most = len(self.election.ballots) - self.compiled.votes[item]
            # A ballot with points does not say how many a new supporter would give.
            if self.utility is not Utility.POINTS and most:
                searches.append(_Search(item, True, 0, most, most))
            if (cut := floor(self.election.items[item].cost) - 1) > 0:
                searches.append(_Search(item, False, 0, cut, cut))
        # What does not win with all voters, or for almost nothing, is not asked about any further.
        possible = [
            search for search, wins in zip(searches, self._seems_to_win(searches), strict=True) if wins
        ]
        for search in possible:
            search.probe = search.high // 2
        self._guess(possible)
        while going := [search for search in possible if not search.done]:
            for search, wins in zip(going, self._wins(going), strict=True):
                search.learn(wins)
        found: dict[str, tuple[int | None, int | None]] = dict.fromkeys(items, (None, None))
        for search in possible:
            id = self.election.items[search.item].id
            supporters, cheaper = found[id]
            found[id] = (search.high, cheaper) if search.adds else (supporters, search.high)
        return found

    def _guess(self, searches: list[_Search]) -> None:
        """Where to begin: the answer if every run with more money bought what one with less money buys."""
        rough = [replace(search) for search in searches]
        while going := [search for search in rough if not search.done]:
            for search, wins in zip(going, self._seems_to_win(going), strict=True):
                search.learn(wins)
        for search, guess in zip(searches, rough, strict=True):
            if not search.done:
                search.probe, search.step = min(guess.high, search.high - 1), 1

    def _wins(self, searches: list[_Search]) -> list[bool]:
        if self.runs > MOST_AT_ONCE:
            return [self._wins_exactly(search) for search in searches]
        variants = self._variants(searches)
        begin, _ = self._first_bought(searches, variants)
        won = self.batch.add1(variants, begin=begin)
        return [bool(row[search.item]) for row, search in zip(won, searches, strict=True)]

    def _seems_to_win(self, searches: list[_Search]) -> list[bool]:
        """Whether the run that buys the item first stays within the budget."""
        if not searches:
            return []
        _, within = self._first_bought(searches, self._variants(searches))
        return within.tolist()

    def _first_bought(self, searches: list[_Search], variants: Variants) -> tuple[Ints, Flags]:
        """Number of the first endowment at which the item is bought or the budget overspent, and whether it is
        bought there within the budget. All runs before are those of the election as it was."""
        count = len(searches)
        items = np.array([search.item for search in searches])
        voters = np.full(count, float(len(self.election.ballots)))
        low, high = np.full(count, -1), np.full(count, self.runs)
        within = np.zeros(count, dtype=np.bool)
        while (going := np.flatnonzero(high - low > 1)).size:
            gap = high[going] - low[going]
            asked = low[going, None] + np.ceil(gap[:, None] * np.arange(1, SECTIONS) / SECTIONS).astype(
                np.int64
            )
            asked = np.minimum(asked, high[going, None] - 1)
            rows = np.repeat(going, SECTIONS - 1)
            endowments = self.batch.endowments(voters[going], asked)
            won, over, _ = self.batch.runs(variants.take(rows), endowments.ravel())
            bought = won[np.arange(len(rows)), items[rows]]
            stops = (bought | over).reshape(asked.shape)
            some = stops.any(axis=1)
            first = stops.argmax(axis=1)
            at = np.arange(len(going))
            inside = (bought & ~over).reshape(asked.shape)[at, first]
            within[going[some]] = inside[some]
            high[going] = np.where(some, asked[at, first], high[going])
            below = np.where(some, first - 1, SECTIONS - 2)
            low[going] = np.where(below >= 0, asked[at, below], low[going])
        return np.minimum(high, self.runs - 1), within

    def _wins_exactly(self, search: _Search) -> bool:
        item = self.election.items[search.item]
        changed = (
            self.with_supporters(item.id, search.probe)
            if search.adds
            else self.with_cost(item.id, item.cost - search.probe)
        )
        try:
            return item.id in tally(changed, Rule.ADD1, self.utility).winners
        except TieUnresolved:
            return False

    def _variants(self, searches: list[_Search]) -> Variants:
        count, voters = len(searches), len(self.election.ballots)
        costs = np.tile(np.array(self.compiled.costs, dtype=np.float64), (count, 1))
        ties = np.empty(costs.shape, dtype=np.int64)
        target = np.full(count, -1)
        order = np.zeros((count, voters), dtype=np.int64)
        reach = np.zeros(count, dtype=np.int64)
        items = self.election.items
        for row, search in enumerate(searches):
            votes = list(self.compiled.votes)
            if search.adds:
                id = items[search.item].id
                for_it = [place for place in self.queue if id in self.supporting[place]]
                others = [place for place in self.queue if id not in self.supporting[place]]
                order[row] = [self.place[place] for place in (*for_it, *others)]
                target[row] = search.item
                votes[search.item] += search.probe
                reach[row] = votes[search.item]
            else:
                costs[row, search.item] -= search.probe * self.compiled.scale
            keys = [
                (costs[row, item], -votes[item], each.lot is None, each.lot or 0, item)
                for item, each in enumerate(items)
            ]
            ties[row] = [key[-1] for key in sorted(keys)]
        return Variants(costs, np.ones((count, voters)), ties, target, order, reach)
