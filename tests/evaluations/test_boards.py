"""Many comparisons at once, against published values and simulations."""

import numpy as np
import pytest

from evaluations.boards import benjamini_hochberg, holm, standings
from evaluations.paired import ALPHA, mcnemar_exact

# Benjamini and Hochberg 1995, section 3.2: fifteen tests of a study on myocardial infarction.
PUBLISHED = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
]


def test_benjamini_hochberg_keeps_the_four_of_the_published_example() -> None:
    adjusted = benjamini_hochberg(PUBLISHED)
    assert [q <= 0.05 for q in adjusted] == [True] * 4 + [False] * 11
    assert adjusted[3] == pytest.approx(0.0095 * 15 / 4)


def test_holm_keeps_the_three_that_bonferroni_keeps_in_the_published_example() -> None:
    assert [p <= 0.05 for p in holm(PUBLISHED)] == [True] * 3 + [False] * 12


def test_adjusted_values_keep_the_order_given_and_never_shrink() -> None:
    given = [0.04, 0.01, 0.03]
    assert benjamini_hochberg(given) == pytest.approx([0.04, 0.03, 0.04])
    assert holm(given) == pytest.approx([0.06, 0.03, 0.06])
    assert benjamini_hochberg([]) == holm([]) == []


def test_of_a_thousand_equal_pairs_at_most_one_in_twenty_raises_an_alarm() -> None:
    """One task of 900 questions; two models that know each question equally well."""
    source = np.random.default_rng(20261122)
    alarms = 0
    for _pair in range(1000):
        known = source.beta(1.5, 1.5, 900)
        first, second = source.random((2, 900)) < known
        only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
        alarms += mcnemar_exact(only_first, only_second) <= ALPHA
    assert alarms <= 50


def test_of_a_thousand_boards_of_equal_pairs_at_most_one_in_twenty_raises_an_alarm() -> None:
    """Six tasks of 400 questions, adjusted together; the alarm is any task that is worse in the second release."""
    source = np.random.default_rng(4)
    alarms = 0
    for _board in range(1000):
        known = source.beta(1.5, 1.5, (6, 400))
        first, second = source.random((2, 6, 400)) < known
        losses, wins = (first & ~second).sum(axis=1), (second & ~first).sum(axis=1)
        adjusted = benjamini_hochberg(
            [mcnemar_exact(int(a), int(b)) for a, b in zip(losses, wins, strict=True)]
        )
        alarms += any(q <= ALPHA and loss > win for q, loss, win in zip(adjusted, losses, wins, strict=True))
    assert alarms <= 50


def test_a_true_loss_of_five_points_is_seen_in_nine_of_ten_at_900_questions() -> None:
    """A fifth of the answers differ: 12.5 % lost, 7.5 % won."""
    source = np.random.default_rng(5)
    drawn = source.multinomial(900, [0.125, 0.075, 0.8], 1000)
    seen = sum(mcnemar_exact(int(lost), int(won)) <= ALPHA and lost > won for lost, won, _same in drawn)
    assert seen >= 880


def test_models_that_differ_clearly_have_ranks_of_one_place() -> None:
    source = np.random.default_rng(6)
    task = (source.random((3, 900)) < [[0.9], [0.6], [0.3]]).astype(float)
    assert [(each.best_rank, each.worst_rank) for each in standings([task])] == [(1, 1), (2, 2), (3, 3)]


def test_models_that_cannot_be_told_apart_share_all_ranks() -> None:
    source = np.random.default_rng(7)
    task = (source.random((3, 60)) < 0.5).astype(float)
    assert [(each.best_rank, each.worst_rank) for each in standings([task])] == [(1, 3)] * 3


def test_where_less_is_better_the_smallest_mean_comes_first() -> None:
    source = np.random.default_rng(8)
    tasks = [source.normal([[1.0], [3.0]], 0.5, (2, 200)) for _task in range(2)]
    ranks = [(each.best_rank, each.worst_rank) for each in standings(tasks, higher_is_better=False)]
    assert ranks == [(1, 1), (2, 2)]


def test_ranks_over_several_tasks_weigh_each_task_alike() -> None:
    few, many = np.array([[1.0] * 10, [0.0] * 10]), np.array([[0.0] * 1000, [1.0] * 1000])
    assert [each.mean for each in standings([few, many])] == [0.5, 0.5]


def test_all_rank_intervals_hold_the_true_ranks_in_95_of_100_boards() -> None:
    """Four models, two of them equal; a board misses when any interval leaves out a possible true rank."""
    source = np.random.default_rng(9)
    true = [(1, 1), (2, 3), (2, 3), (4, 4)]
    missed = 0
    for _board in range(300):
        easy = source.normal(0, 1, 300)
        strength = np.array([[0.5], [0.0], [0.0], [-0.5]])
        task = (source.random((4, 300)) < 1 / (1 + np.exp(-(strength + easy)))).astype(float)
        missed += any(
            standing.best_rank > best or standing.worst_rank < worst
            for standing, (best, worst) in zip(standings([task]), true, strict=True)
        )
    assert missed <= 15


def test_one_model_alone_is_first_and_last() -> None:
    (alone,) = standings([np.array([[1.0, 0.0]])])
    assert (alone.best_rank, alone.worst_rank) == (1, 1)
