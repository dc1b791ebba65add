"""Scores, leaderboards and comparisons as plain tables for machines: names in English, no formatting, ISO dates."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from evaluations.leaderboard import Leaderboard
from evaluations.models import Score


class Kind(StrEnum):
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    YES_NO = "yes or no"
    MOMENT = "moment"


@dataclass(frozen=True)
class Column:
    name: str
    kind: Kind


@dataclass(frozen=True)
class Table:
    """Rows hold None where a value is unknown; moments carry their zone."""

    columns: Sequence[Column]
    rows: Sequence[tuple[Any, ...]]


SCORE_COLUMNS = (
    Column("run", Kind.TEXT),
    Column("model", Kind.TEXT),
    Column("version", Kind.TEXT),
    Column("release", Kind.INTEGER),
    Column("suite", Kind.TEXT),
    Column("suite_version", Kind.INTEGER),
    Column("task", Kind.TEXT),
    Column("metric", Kind.TEXT),
    Column("value", Kind.NUMBER),
    Column("stderr", Kind.NUMBER),
    Column("low", Kind.NUMBER),
    Column("high", Kind.NUMBER),
    Column("questions", Kind.INTEGER),
    Column("right", Kind.INTEGER),
    Column("higher_is_better", Kind.YES_NO),
    Column("harness", Kind.TEXT),
    Column("harness_version", Kind.TEXT),
    Column("shots", Kind.INTEGER),
    Column("applies_chat_template", Kind.YES_NO),
    Column("seed", Kind.INTEGER),
    Column("content_hash", Kind.TEXT),
    Column("fingerprint", Kind.TEXT),
    Column("finished_at", Kind.MOMENT),
)


def score_table(scores: Iterable[Score]) -> Table:
    """One row per metric of a task; `low` and `high` are the 95 % interval, `stderr` one standard error."""
    return Table(SCORE_COLUMNS, [_score(score) for score in scores])


def _score(score: Score) -> tuple[Any, ...]:
    run, task, interval = score.run, score.task, score.interval
    version = run.suite_version
    return (
        run.code,
        run.release.model.slug,
        run.release.version,
        run.release_id,
        version.suite.slug,
        version.number,
        task.name,
        score.metric,
        score.value,
        score.stderr,
        interval.low if interval else None,
        interval.high if interval else None,
        score.questions,
        score.right,
        score.higher_is_better,
        version.harness,
        version.harness_version,
        task.shots,
        version.applies_chat_template,
        version.seed,
        task.content_hash,
        run.fingerprint,
        run.finished_at,
    )


def leaderboard_table(board: Leaderboard) -> Table:
    """One row per ranked release, and a column per task."""
    columns = (
        *(Column("best_rank", Kind.INTEGER), Column("worst_rank", Kind.INTEGER)),
        *(Column("model", Kind.TEXT), Column("version", Kind.TEXT), Column("run", Kind.TEXT)),
        Column("mean", Kind.NUMBER),
        *(Column(task.name, Kind.NUMBER) for task in board.tasks),
    )
    rows = [
        (
            entry.standing.best_rank,
            entry.standing.worst_rank,
            entry.run.release.model.slug,
            entry.run.release.version,
            entry.run.code,
            entry.standing.mean,
            *(score.value for score in entry.scores),
        )
        for entry in board.entries
    ]
    return Table(columns, rows)


# Spreadsheets run a cell that starts like this as a formula, even from a CSV file.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(table: Table) -> bytes:
    """UTF-8, commas, decimal points, ISO 8601; an unknown value is empty."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.name for column in table.columns])
    for row in table.rows:
        writer.writerow([_cell(value) for value in row])
    return out.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def as_json(table: Table) -> bytes:
    """A list of objects; numbers to the last digit that the database holds."""
    names = [column.name for column in table.columns]
    rows = [dict(zip(names, row, strict=True)) for row in table.rows]
    return json.dumps(rows, ensure_ascii=False, indent=1, default=lambda moment: moment.isoformat()).encode()
