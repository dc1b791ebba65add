"""Numbers of a result as people read them."""

from fractions import Fraction

import pytest

from voting.outcome import percent
from voting.templatetags.rationals import rational


@pytest.mark.parametrize(
    ("value", "text"),
    [(Fraction(1250, 3), "416.7"), (Fraction(400), "400"), (Fraction(1, 40), "< 0.1"), (None, "–")],
)
def test_what_is_more_than_nothing_never_reads_as_nothing(value, text):
    assert rational(value) == text


@pytest.mark.parametrize(
    ("part", "whole", "expected"), [(11, 12, 92), (1, 8, 13), (1, 3, 33), (0, 0, 0), (5, 5, 100)]
)
def test_a_percentage_is_the_nearest_whole_number(part, whole, expected):
    assert percent(part, whole) == expected
