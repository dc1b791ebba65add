"""Paired comparisons against published values, and against what they promise."""

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.paired import (
    Method,
    Unpaired,
    compare,
    detectable_share,
    mcnemar_exact,
    paired_share_interval,
    power_of_shares,
    resampled_means,
)


def pair(both: int, only_first: int, only_second: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    counts = [both, only_first, only_second, neither]
    return np.repeat([1.0, 1.0, 0.0, 0.0], counts), np.repeat([1.0, 0.0, 1.0, 0.0], counts)


@pytest.mark.parametrize(
    ("only_first", "only_second", "p"),
    [
        # Cumulative binomial tables: P(X ≤ 5 | 20, ½) = 0.020695, P(X ≤ 1 | 10, ½) = 11/1024, P(0 | 6, ½) = 1/64.
        (5, 15, 0.041389),
        (9, 1, 22 / 1024),
        (0, 6, 2 / 64),
        (0, 5, 2 / 32),
        (7, 7, 1.0),
        (0, 0, 1.0),
    ],
)
def test_mcnemar_gives_the_values_of_the_binomial_tables(only_first: int, only_second: int, p: float) -> None:
    assert mcnemar_exact(only_first, only_second) == pytest.approx(p, abs=1e-6)


@given(st.integers(0, 300), st.integers(0, 300))
def test_mcnemar_is_the_exact_sum_whatever_the_counts(only_first: int, only_second: int) -> None:
    pairs, fewer = only_first + only_second, min(only_first, only_second)
    exact = sum(comb(pairs, each) for each in range(fewer + 1)) / 2 ** (pairs - 1)
    assert mcnemar_exact(only_first, only_second) == pytest.approx(min(1.0, exact), rel=1e-9)
    assert mcnemar_exact(only_first, only_second) == mcnemar_exact(only_second, only_first)


def test_mcnemar_stands_a_hundred_thousand_discordant_pairs() -> None:
    assert 0 < mcnemar_exact(49_000, 51_000) < 1e-9
    assert mcnemar_exact(50_000, 50_000) == 1.0


def test_the_interval_of_a_paired_difference_is_the_adjusted_wald_interval() -> None:
    # By hand: n = 38, 3 and 12 discordant: 13/40 − 4/40 = 0.225, half 1.96·√((17/40 − 0.225²)/40) = 0.1896.
    found = paired_share_interval(3, 12, 38)
    assert (found.low, found.high) == pytest.approx((0.0354, 0.4146), abs=1e-4)


@pytest.mark.parametrize(
    ("difference", "simulated"),
    [(0.05, 0.915), (0.03, 0.49), (0.0, 0.025)],
)
def test_the_power_at_900_questions_and_a_fifth_of_discordant_answers_is_that_of_a_simulation(
    difference: float, simulated: float
) -> None:
    assert power_of_shares(900, 0.2, difference) == pytest.approx(simulated, abs=0.035)


def test_the_detectable_difference_is_the_one_that_is_seen_in_eight_of_ten() -> None:
    found = detectable_share(900, 0.2)
    assert found == pytest.approx(0.0416, abs=5e-4)
    assert power_of_shares(900, 0.2, found) == pytest.approx(0.8, abs=1e-6)
    assert found > 0.03, "three points cannot be told apart with 900 questions"


@given(st.integers(1, 20_000), st.floats(0, 1))
def test_a_detectable_difference_is_a_share_of_at_least_six_questions(
    questions: int, discordance: float
) -> None:
    found = detectable_share(questions, discordance)
    assert min(1.0, 6 / questions) <= found <= 1


def test_right_and_wrong_answers_are_compared_by_mcnemar() -> None:
    found = compare(*pair(both=20, only_first=5, only_second=15, neither=20), seed=1)
    assert (found.method, found.questions, found.only_first, found.only_second) == (
        Method.MCNEMAR,
        60,
        5,
        15,
    )
    assert found.first == pytest.approx(25 / 60)
    assert found.second == pytest.approx(35 / 60)
    assert found.difference == pytest.approx(10 / 60)
    assert found.p == pytest.approx(0.041389, abs=1e-6)


def test_the_order_of_the_two_only_turns_the_sign() -> None:
    first, second = pair(10, 4, 9, 7)
    there, back = compare(first, second, seed=1), compare(second, first, seed=1)
    assert there.difference == -back.difference
    assert there.p == back.p
    assert (there.interval.low, there.interval.high) == pytest.approx(
        (-back.interval.high, -back.interval.low)
    )


def test_shares_are_compared_by_a_bootstrap_that_can_be_repeated() -> None:
    source = np.random.default_rng(7)
    first = source.random(400)
    second = np.clip(first + source.normal(0.03, 0.1, 400), 0, 1)
    found, again, other = (compare(first, second, seed=seed) for seed in (11, 11, 12))
    assert found == again
    assert found != other
    assert found.method == Method.BOOTSTRAP
    # The bootstrap of a mean of 400 is the normal interval, up to its own noise.
    differences = second - first
    half = 1.96 * differences.std(ddof=1) / 20
    assert (found.interval.low, found.interval.high) == pytest.approx(
        (found.difference - half, found.difference + half), abs=0.002
    )
    assert found.p < 0.001


def test_equal_answers_differ_by_nothing_and_are_never_significant() -> None:
    same = np.linspace(0, 1, 50)
    found = compare(same, same.copy(), seed=3)
    assert (found.difference, found.p) == (0, 1)


def test_resampling_in_parts_gives_as_many_means_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evaluations.paired.DRAWN_AT_ONCE", 700)
    assert len(resampled_means(np.arange(100.0), seed=1, resamples=50)) == 50


@pytest.mark.parametrize(("one", "other"), [(3, 4), (0, 0)])
def test_answers_without_a_partner_are_not_compared(one: int, other: int) -> None:
    with pytest.raises(Unpaired):
        compare(np.zeros(one), np.zeros(other), seed=1)
