"""Differences and how sure they are, in words."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluations.comparing import Board, Row
from evaluations.models import Score
from evaluations.paired import ALPHA, Comparison, Method
from evaluations.presenting import percent
from evaluations.statistics import Interval


def is_share(score: Score) -> bool:
    """Whether the metric is a share of 0 to 1, as accuracies are, and can be written in percent."""
    return score.right is not None or (0 <= score.value <= 1 and score.higher_is_better)


def amount(value: float, share: bool) -> str:
    """`12.3` percentage points for shares, else a plain number; without a unit and without a sign."""
    return number_format(round(abs(value) * (100 if share else 1), 1 if share else 3), 1 if share else 3)


def signed(value: float, share: bool) -> str:
    """`+1.2` and `−1.2`; a difference that rounds to nothing has no sign."""
    text = amount(value, share)
    if not any(digit in text for digit in "123456789"):
        return text
    return ("+" if value > 0 else "−") + text


def value_of(score: Score) -> str:
    return percent(score.value) if is_share(score) else number_format(round(score.value, 3), 3)


def interval_text(interval: Interval, share: bool) -> str:
    return _("%(low)s to %(high)s") % {
        "low": signed(interval.low, share),
        "high": signed(interval.high, share),
    }


def p_text(p: float) -> str:
    """Three decimals are as many as anybody can use."""
    return _("< 0.001") if p < 0.001 else number_format(round(p, 3), 3)


def difference_text(value: float, share: bool) -> str:
    """`3.0 points` for shares, else the number alone."""
    return _("%(number)s points") % {"number": amount(value, share)} if share else amount(value, share)


def effect(row: Row) -> str:
    """What the difference is worth, in one sentence, for somebody who has never heard of p."""
    comparison, share = row.comparison, is_share(row.second)
    facts = {
        "points": difference_text(comparison.difference, share),
        "questions": number_format(comparison.questions, force_grouping=True),
        "detectable": difference_text(comparison.detectable, share),
    }
    if row.is_significant:
        if row.gain > 0:
            return _("Better by %(points)s. Chance alone hardly explains this.") % facts
        return _("Worse by %(points)s. Chance alone hardly explains this.") % facts
    if comparison.difference == 0:
        return (
            _("No difference. With %(questions)s questions, one of %(detectable)s or more would show.")
            % facts
        )
    if comparison.p <= ALPHA:
        return (
            _("%(points)s would be remarkable in one test, but not among so many: it may well be chance.")
            % facts
        )
    return (
        _(
            "%(points)s cannot be told apart with %(questions)s questions; a difference of %(detectable)s or more "
            "would show."
        )
        % facts
    )


def tone(row: Row) -> str:
    if not row.is_significant:
        return "neutral"
    return "success" if row.gain > 0 else "danger"


def verdict(row: Row) -> str:
    if not row.is_significant:
        return _("not told apart")
    return _("better") if row.gain > 0 else _("worse")


def method_text(comparison: Comparison) -> str:
    return {Method.MCNEMAR: _("McNemar, exact"), Method.BOOTSTRAP: _("paired bootstrap")}[comparison.method]


def summary(board: Board) -> str:
    """The board in one sentence."""
    better = sum(row.is_significant and row.gain > 0 for row in board.rows)
    worse = sum(row.is_significant and row.gain < 0 for row in board.rows)
    counts = {
        "all": len(board.rows),
        "better": better,
        "worse": worse,
        "rest": len(board.rows) - better - worse,
    }
    return (
        ngettext(
            "Of %(all)d task, the second release is better in %(better)d and worse in %(worse)d; %(rest)d cannot be "
            "told apart.",
            "Of %(all)d tasks, the second release is better in %(better)d and worse in %(worse)d; %(rest)d cannot be "
            "told apart.",
            len(board.rows),
        )
        % counts
    )
