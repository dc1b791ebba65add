"""The clock of the database: it alone decides whether a round is open."""

from typing import Any

from django.db.models import DateTimeField, Func


class ClockTimestamp(Func):
    """The real time, also within a long transaction (PostgreSQL's clock_timestamp)."""

    template = "clock_timestamp()"
    output_field = DateTimeField()

    def get_group_by_cols(self) -> list[Any]:
        """Nothing: grouping by a time that differs from row to row would tear every group apart."""
        return []
