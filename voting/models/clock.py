"""The clock of the database: it alone decides whether a round is open."""

from django.db.models import DateTimeField, Func


class ClockTimestamp(Func):
    """The real time, also within a long transaction (PostgreSQL's clock_timestamp)."""

    template = "clock_timestamp()"
    output_field = DateTimeField()
