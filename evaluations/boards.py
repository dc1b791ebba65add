"""Many comparisons at once: which of them hold, and which ranks are possible. Pure, no Django."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from evaluations.paired import ALPHA, Vector, mcnemar_exact

_normal = NormalDist()


def benjamini_hochberg(values: Sequence[float]) -> list[float]:
    """Adjusted p in the order given: of all with q ≤ 5 %, at most one in twenty is expected to be false.

    q of the i-th smallest of m is the smallest p·m/j over all j ≥ i (Benjamini and Hochberg 1995, J. Royal Statistical
    Society B 57:289). Holds for independent and for positively dependent tests (Benjamini and Yekutieli 2001).
    """
    order = sorted(range(len(values)), key=values.__getitem__)
    adjusted = [1.0] * len(values)
    smallest = 1.0
    for rank in range(len(values), 0, -1):
        place = order[rank - 1]
        smallest = min(smallest, values[place] * len(values) / rank)
        adjusted[place] = smallest
    return adjusted


def holm(values: Sequence[float]) -> list[float]:
    """Adjusted p in the order given: with 95 % certainty none of those ≤ 5 % is false (Holm 1979, Scandinavian J.
    of Statistics 6:65). No assumption about dependence.
    """
    order = sorted(range(len(values)), key=values.__getitem__)
    adjusted = [1.0] * len(values)
    largest = 0.0
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, values[place] * (len(values) - rank)))
        adjusted[place] = largest
    return adjusted


@dataclass(frozen=True)
class Standing:
    """`mean` over the tasks, and the ranks that the data allow, 1 is best."""

    mean: float
    best_rank: int
    worst_rank: int


def standings(tasks: Sequence[NDArray[np.float64]], *, higher_is_better: bool = True) -> list[Standing]:
    """Models with rank intervals; each task is a matrix, one row per model and one column per question.

    All pairs are tested on the same questions and adjusted by Holm. The best possible rank of a model is one more than
    the number of models that are significantly better, its worst leaves below it only those that are significantly
    worse. All intervals hold the true ranks at once in 95 of 100 boards (Mohamad, Goeman and van Zwet 2022, Biometrics
    78:1238, for intervals from pairwise tests).
    """
    means: Vector = np.mean([task.mean(axis=1) for task in tasks], axis=0)
    count = len(means)
    pairs = [(one, other) for one in range(count) for other in range(one + 1, count)]
    adjusted = holm(_pairwise(tasks, pairs))
    better, worse = [0] * count, [0] * count
    for (one, other), p in zip(pairs, adjusted, strict=True):
        if p > ALPHA or means[one] == means[other]:
            continue
        ahead, behind = (one, other) if (means[one] > means[other]) == higher_is_better else (other, one)
        better[behind] += 1
        worse[ahead] += 1
    return [Standing(float(means[each]), 1 + better[each], count - worse[each]) for each in range(count)]


def _pairwise(tasks: Sequence[NDArray[np.float64]], pairs: list[tuple[int, int]]) -> list[float]:
    """p of each pair: exact McNemar on one task with answers right or wrong, else the normal test of `_from_means`."""
    first = tasks[0]
    if len(tasks) == 1 and np.all((first == 0) | (first == 1)):
        right = first.astype(np.int64)
        only = right @ (1 - right).T
        return [mcnemar_exact(int(only[one, other]), int(only[other, one])) for one, other in pairs]
    return _from_means(tasks, pairs)


def _from_means(tasks: Sequence[NDArray[np.float64]], pairs: list[tuple[int, int]]) -> list[float]:
    """Two-sided p for the difference of two means over tasks, from the paired differences in each task:
    SE² = Σ var(d) / n / T² (Miller 2024, Adding Error Bars to Evals, section 4, with tasks as strata).
    """
    means: Vector = np.mean([task.mean(axis=1) for task in tasks], axis=0)
    covariances = [np.cov(task, ddof=1) / task.shape[1] for task in tasks]
    covariance = np.sum(covariances, axis=0) / len(tasks) ** 2
    found = []
    for one, other in pairs:
        difference = abs(means[one] - means[other])
        variance = covariance[one, one] + covariance[other, other] - 2 * covariance[one, other]
        if difference == 0:
            found.append(1.0)
        elif variance <= 1e-18:
            # All answers differ by the same amount: too few questions to know how they vary.
            found.append(1.0)
        else:
            found.append(2 * _normal.cdf(-difference / sqrt(variance)))
    return found
