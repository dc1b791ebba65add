"""Two models on the same questions: what differs, how surely, and what could have been seen. Pure, no Django.

Everything here takes answers in pairs. There is no function for two samples that are not paired: two models that
answered different questions are not compared at all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import exp, lgamma, log, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from evaluations.statistics import Z95, Interval

Vector = NDArray[np.float64]

ALPHA = 0.05
POWER = 0.8
RESAMPLES = 4999
# Numbers drawn at once: 8 bytes each, so at most 16 MB.
DRAWN_AT_ONCE = 2_000_000
# An exact test on fewer discordant pairs than this cannot reach 5 %: 2 · 0.5⁶ = 0.031, 2 · 0.5⁵ = 0.063.
FEWEST_DISCORDANT = 6

_normal = NormalDist()


class Unpaired(ValueError):
    """The answers do not belong together question by question."""


class Method(StrEnum):
    MCNEMAR = "mcnemar"
    BOOTSTRAP = "bootstrap"


@dataclass(frozen=True)
class Comparison:
    """`difference` is second minus first, on the metric's scale, with its 95 % interval.

    `p` is two-sided. `only_first` and `only_second` count the questions that only one of both answered rightly; None
    where answers are not right or wrong. `detectable` is the smallest true difference that this number of questions
    shows in eight of ten such comparisons.
    """

    questions: int
    first: float
    second: float
    difference: float
    interval: Interval
    p: float
    method: Method
    only_first: int | None
    only_second: int | None
    detectable: float


def compare(first: Vector, second: Vector, *, seed: int) -> Comparison:
    """Exact McNemar test where all answers count 0 or 1, else a paired bootstrap that `seed` makes repeatable.

    Raises Unpaired for vectors of different length or without entries.
    """
    if first.shape != second.shape or first.ndim != 1 or not len(first):
        raise Unpaired(f"{first.shape} and {second.shape}")
    if _is_binary(first) and _is_binary(second):
        return _compare_binary(first, second)
    return _compare_by_bootstrap(first, second, seed)


def _is_binary(values: Vector) -> bool:
    return bool(np.all((values == 0) | (values == 1)))


def _compare_binary(first: Vector, second: Vector) -> Comparison:
    questions = len(first)
    only_first = int(np.count_nonzero((first == 1) & (second == 0)))
    only_second = int(np.count_nonzero((first == 0) & (second == 1)))
    return Comparison(
        questions=questions,
        first=float(first.mean()),
        second=float(second.mean()),
        difference=(only_second - only_first) / questions,
        interval=paired_share_interval(only_first, only_second, questions),
        p=mcnemar_exact(only_first, only_second),
        method=Method.MCNEMAR,
        only_first=only_first,
        only_second=only_second,
        detectable=detectable_share(questions, (only_first + only_second) / questions),
    )


def _compare_by_bootstrap(first: Vector, second: Vector, seed: int) -> Comparison:
    differences = second - first
    observed = float(differences.mean())
    means = resampled_means(differences, seed=seed)
    low, high = np.quantile(means, [0.025, 0.975])
    # The observed sample counts as one of the resamples, so that p is never 0.
    extreme = np.count_nonzero(np.abs(means - observed) >= abs(observed) - 1e-12)
    questions = len(differences)
    spread = float(differences.std(ddof=1)) if questions > 1 else 0.0
    return Comparison(
        questions=questions,
        first=float(first.mean()),
        second=float(second.mean()),
        difference=observed,
        interval=Interval(float(low), float(high)),
        p=(1 + int(extreme)) / (1 + len(means)),
        method=Method.BOOTSTRAP,
        only_first=None,
        only_second=None,
        detectable=(Z95 + _normal.inv_cdf(POWER)) * spread / sqrt(questions),
    )


def resampled_means(values: Vector, *, seed: int, resamples: int = RESAMPLES) -> Vector:
    """Means of `resamples` samples drawn with replacement from `values`, the same for the same seed.

    Drawing differences of pairs is drawing questions, which keeps the pairs together (Efron and Tibshirani 1993,
    An Introduction to the Bootstrap, chapters 8 and 16).
    """
    source = np.random.default_rng(seed)
    rows = max(1, DRAWN_AT_ONCE // len(values))
    parts = []
    for start in range(0, resamples, rows):
        chosen = source.integers(0, len(values), (min(rows, resamples - start), len(values)))
        parts.append(values[chosen].mean(axis=1))
    return np.concatenate(parts)


@lru_cache(maxsize=16384)
def mcnemar_exact(only_first: int, only_second: int) -> float:
    """Two-sided p of the exact McNemar test (McNemar 1947, Psychometrika 12:153): under equal models a discordant
    pair falls to either side like a fair coin, so p = min(1, 2 · P(X ≤ min)) with X ~ Binomial(sum, 1/2).
    """
    pairs = only_first + only_second
    fewer = min(only_first, only_second)
    if pairs == 0:
        return 1.0
    term = exp(lgamma(pairs + 1) - lgamma(fewer + 1) - lgamma(pairs - fewer + 1) - pairs * log(2))
    total = 0.0
    for count in range(fewer, -1, -1):
        total += term
        # Terms fall faster than a geometric series from here on; the rest is below the rounding of the sum.
        if term < total * 1e-17:
            break
        term *= count / (pairs - count + 1)
    return min(1.0, 2 * total)


def paired_share_interval(only_first: int, only_second: int, questions: int, z: float = Z95) -> Interval:
    """Interval for the difference of two paired shares, second minus first: Wald with one pair added to each
    discordant cell (Bonett and Price 2012, J. Educational and Behavioral Statistics 37:479, equation 5).

    Honest also where both are nearly equal; cut at ±1.
    """
    wins, losses = (only_second + 1) / (questions + 2), (only_first + 1) / (questions + 2)
    centre = wins - losses
    half = z * sqrt(max(0.0, wins + losses - centre * centre) / (questions + 2))
    return Interval(max(-1.0, centre - half), min(1.0, centre + half))


def power_of_shares(questions: int, discordance: float, difference: float, alpha: float = ALPHA) -> float:
    """How often the paired test sees a true `difference` when `discordance` is the share of questions that exactly
    one of both answers rightly (Connor 1987, Biometrics 43:207, solved for the power).
    """
    rest = discordance - difference * difference
    if rest <= 0:
        return 1.0 if difference else 0.0
    z = -_normal.inv_cdf(alpha / 2)
    return _normal.cdf((abs(difference) * sqrt(questions) - z * sqrt(discordance)) / sqrt(rest))


@lru_cache(maxsize=4096)
def detectable_share(questions: int, discordance: float, alpha: float = ALPHA, power: float = POWER) -> float:
    """Smallest difference of two paired shares that the test sees with this power.

    Connor's formula at the observed discordance. Where so few answers differ that no difference they allow would be
    seen, the discordance grows until one is; and never less than six questions, below which the exact test is mute.
    """
    if power_of_shares(questions, discordance, discordance, alpha) >= power:
        found = _root(lambda each: power_of_shares(questions, discordance, each, alpha), power, discordance)
    else:
        found = _root(lambda each: power_of_shares(questions, each, each, alpha), power, 1.0)
    return min(1.0, max(found, FEWEST_DISCORDANT / questions))


def _root(function: Callable[[float], float], wanted: float, high: float) -> float:
    """Where a rising function reaches `wanted` in (0, high], to 2⁻⁴⁰ of it."""
    low = 0.0
    for _step in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if function(middle) >= wanted else (middle, high)
    return high
