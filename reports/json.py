"""A report as canonical JSON: the form that is compared, checked and kept.

Equal reports give equal bytes: keys sorted, no spaces, UTF-8 without escapes, one newline at the
end. Money is whole euro cents, percentages are whole basis points, days are ISO 8601, decimals are
strings, "not known" is ``null``.
"""

import datetime
import json
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any

from reports.structure import Report

SCHEMA = "cesai-report/1"


def document(report: Report) -> dict[str, Any]:
    """The report as plain dictionaries, lists, strings, integers and ``None``."""
    return {"schema": SCHEMA, **_plain(report)}


def render(report: Report) -> bytes:
    text = json.dumps(
        document(report), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.encode() + b"\n"


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value
