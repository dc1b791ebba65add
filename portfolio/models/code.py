"""Readable codes: AF-2026-0042 for a use case, MV- for a proposal, MO- for a model, SB- for a Schnellboot."""

from django.db import connection, models
from django.utils import timezone


class CodeCounter(models.Model):
    prefix = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(name="code_counter_once", fields=["prefix", "year"])]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}-{self.last:04d}"


def next_code(prefix: str) -> str:
    """The next code of this year, e.g. `AF-2026-0042`; two callers at once never get the same.

    The row stays locked until the surrounding transaction ends, so a rolled-back one leaves no gap.
    """
    year = timezone.localdate().year
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO portfolio_codecounter (prefix, year, last) VALUES (%s, %s, 1)"
            " ON CONFLICT (prefix, year) DO UPDATE SET last = portfolio_codecounter.last + 1 RETURNING last",
            [prefix, year],
        )
        (number,) = cursor.fetchone()
    return f"{prefix}-{year}-{number:04d}"
