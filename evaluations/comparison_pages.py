"""A board of comparisons as pages show it."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import number_format

from evaluations.comparing import Board, Row
from evaluations.presenting import metric_label
from evaluations.wording import (
    effect,
    interval_text,
    is_share,
    method_text,
    p_text,
    signed,
    tone,
    value_of,
    verdict,
)


@dataclass(frozen=True)
class ComparisonRow:
    task: str
    metric: str
    first: str
    second: str
    difference: str
    interval: str
    questions: str
    apart: str
    p: str
    q: str
    method: str
    verdict: str
    tone: str
    effect: str
    answers_url: str


def rows_of(board: Board) -> list[ComparisonRow]:
    return [_row(row) for row in board.rows]


def _row(row: Row) -> ComparisonRow:
    comparison, share = row.comparison, is_share(row.second)
    address = reverse("evaluations:answer_list", args=[row.second.run.code])
    chosen = urlencode({"task": row.second.task.name, "changed": row.first.run.code})
    return ComparisonRow(
        task=str(row.second.task),
        metric=metric_label(row.second.metric),
        first=value_of(row.first),
        second=value_of(row.second),
        difference=signed(comparison.difference, share),
        interval=interval_text(comparison.interval, share),
        questions=number_format(comparison.questions, force_grouping=True),
        apart=f"{comparison.only_first} / {comparison.only_second}"
        if comparison.only_first is not None
        else "–",
        p=p_text(comparison.p),
        q=p_text(row.q),
        method=method_text(comparison),
        verdict=verdict(row),
        tone=tone(row),
        effect=effect(row),
        answers_url=f"{address}?{chosen}",
    )
