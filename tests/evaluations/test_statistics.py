import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.statistics import normal_interval, wilson_interval


@pytest.mark.parametrize(
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3.
    ("right", "questions", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_intervals_agree_with_newcombes_table(
    right: int, questions: int, low: float, high: float
) -> None:
    interval = wilson_interval(right, questions)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_stays_between_0_and_1(pair: tuple[int, int]) -> None:
    right, questions = pair
    interval = wilson_interval(right, questions)
    assert 0 <= interval.low <= right / questions <= interval.high <= 1


def test_more_right_answers_than_questions_are_refused() -> None:
    with pytest.raises(ValueError, match="5 right answers to 4 questions"):
        wilson_interval(5, 4)


def test_a_mean_gets_1_96_standard_errors() -> None:
    interval = normal_interval(0.5, 0.1)
    assert interval.low == pytest.approx(0.304, abs=1e-4)
    assert interval.high == pytest.approx(0.696, abs=1e-4)
