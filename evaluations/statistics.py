"""How sure a score is. Pure functions, no Django."""

from dataclasses import dataclass
from math import sqrt

# Two-sided 95 % quantile of the standard normal distribution.
Z95 = 1.959963984540054


@dataclass(frozen=True)
class Interval:
    low: float
    high: float


def wilson_interval(right: int, questions: int, z: float = Z95) -> Interval:
    """Score interval for a share (Wilson 1927); also honest for few questions and near 0 and 1.

    ValueError without questions, or with more right answers than questions.
    """
    if not 0 <= right <= questions or questions == 0:
        raise ValueError(f"{right} right answers to {questions} questions")
    share = right / questions
    spread = z * z / questions
    centre = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / questions + spread / (4 * questions)) / (1 + spread)
    # At the ends the formula is exactly 0 or 1; rounding must not step over.
    return Interval(0.0 if right == 0 else centre - half, 1.0 if right == questions else centre + half)


def normal_interval(value: float, stderr: float, z: float = Z95) -> Interval:
    """value ± z standard errors."""
    return Interval(value - z * stderr, value + z * stderr)
