"""The exact side of a run: every amount of money modulo two primes, computed only when equality is asked.

Two amounts that floats cannot tell apart are equal when both residues are; unequal amounts would have equal
residues with a chance of about 2**-62. The primes are below 2**31, so products fit into 64 bits.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from voting.tally.compiled import Compiled, Flags, Ints
from voting.tally.election import Utility

PRIMES = (2_147_483_647, 2_147_483_629)
_COLUMN = np.array(PRIMES, dtype=np.int64).reshape(2, 1)


class Indivisible(Exception):
    """A denominator is a multiple of a prime, so that residues cannot say anything."""


@dataclass(frozen=True, slots=True)
class Settled:
    """An exact price: its residues."""

    price: tuple[int, int]


class Residues:
    """Replays the charges of the current run, and no more of them than a question needs."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self._charges: list[tuple[int, Flags]] = []
        self._done = 0
        self._money: Ints = np.empty((2, compiled.group_count), dtype=np.int64)
        self._endowment = Fraction(0)
        self._weights: dict[int, tuple[Ints, Ints]] = {}

    def start(self, endowment: Fraction) -> None:
        self.resume(endowment, 0)

    def resume(self, endowment: Fraction, steps: int) -> None:
        """Another endowment, with the same first `steps` charges."""
        del self._charges[steps:]
        self._endowment = endowment
        self._done = 0

    def charged(self, item: int, poor: Flags) -> None:
        self._charges.append((item, poor))

    def holds_exactly(self, item: int) -> bool:
        """Whether the supporters' money equals the cost."""
        self._catch_up()
        voters, _ = self._exact(item)
        support = self.compiled.support(item)
        held = (voters * self._money[:, support.groups] % _COLUMN).sum(axis=1)
        cost = self.compiled.costs[item]
        return all((int(total) - cost) % prime == 0 for total, prime in zip(held, PRIMES, strict=True))

    def price(self, item: int, poor: Flags) -> Settled:
        self._catch_up()
        return Settled(self._price(item, poor))

    def all_hold(self, item: int, near: Flags, settled: Settled) -> bool:
        """Whether each of the `near` groups holds exactly the price (times its points)."""
        self._catch_up()
        _, points = self._exact(item)
        support = self.compiled.support(item)
        due = np.array(settled.price, dtype=np.int64).reshape(2, 1) * points[:, near] % _COLUMN
        return bool((self._money[:, support.groups[near]] == due).all())

    def per_cost(self, item: int, price: tuple[int, int]) -> tuple[int, int]:
        if self.compiled.utility is not Utility.COST:
            return price
        cost = self.compiled.costs[item]
        first, second = (_divide(value, cost, prime) for value, prime in zip(price, PRIMES, strict=True))
        return first, second

    def _catch_up(self) -> None:
        if not self._done:
            whole, part = self._endowment.numerator, self._endowment.denominator
            self._money[:] = np.array([_divide(whole, part, prime) for prime in PRIMES]).reshape(2, 1)
        for item, poor in self._charges[self._done :]:
            support = self.compiled.support(item)
            _, points = self._exact(item)
            price = np.array(self._price(item, poor), dtype=np.int64).reshape(2, 1)
            left = (self._money[:, support.groups] - price * points % _COLUMN) % _COLUMN
            left[:, poor] = 0
            self._money[:, support.groups] = left
        self._done = len(self._charges)

    def _price(self, item: int, poor: Flags) -> tuple[int, int]:
        support = self.compiled.support(item)
        voters, points = self._exact(item)
        paid = (voters[:, poor] * self._money[:, support.groups[poor]] % _COLUMN).sum(axis=1)
        weight = (voters * points % _COLUMN)[:, ~poor].sum(axis=1)
        cost = self.compiled.costs[item]
        first, second = (
            _divide(cost - int(given), int(rich), prime)
            for given, rich, prime in zip(paid, weight, PRIMES, strict=True)
        )
        return first, second

    def _exact(self, item: int) -> tuple[Ints, Ints]:
        """Voters and points of the item's groups, modulo each prime."""
        if item not in self._weights:
            support = self.compiled.support(item)
            voters: Ints = support.voters.astype(np.int64) % _COLUMN
            given = support.points_given or (1,) * len(support.groups)
            points = np.array([[value % prime for value in given] for prime in PRIMES], dtype=np.int64)
            self._weights[item] = voters, points
        return self._weights[item]


def _divide(value: int, by: int, prime: int) -> int:
    if by % prime == 0:
        raise Indivisible
    return value * pow(by, -1, prime) % prime
