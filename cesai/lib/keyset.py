"""Pages by key: the cost of a page does not depend on how far it lies from the first one."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from django.core.exceptions import BadRequest, FieldDoesNotExist, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.timezone import is_naive
from django.utils.translation import gettext as _

PARAMETER = "page"


@dataclass(frozen=True)
class Page:
    """`rows` in list order; the addresses of the neighbouring pages keep the filters and are empty at the ends."""

    rows: list[Any]
    previous_url: str
    next_url: str


def _encode(direction: str, value: Any, pk: int) -> str:
    if isinstance(value, datetime | date):
        value = value.isoformat()
    return urlsafe_b64encode(orjson.dumps([direction, value, pk])).decode().rstrip("=")


def _decode(cursor: str, rows: QuerySet, key: str) -> tuple[str, Any, int]:
    try:
        direction, value, pk = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if direction not in {"after", "before"} or type(pk) is not int:
            raise ValueError(direction)
        return direction, _as_column(rows, key, value), pk
    except (ValueError, TypeError, ValidationError) as error:
        raise BadRequest(_("This page address is damaged; please start from the first page.")) from error


def _as_column(rows: QuerySet, key: str, value: Any) -> Any:
    """`value` as the column `key` holds it; raises ValueError, TypeError or ValidationError for what it cannot hold."""
    if not isinstance(value, int | float | str) or (isinstance(value, str) and "\0" in value):
        raise TypeError(value)
    with suppress(FieldDoesNotExist):  # an annotation has no field
        value = rows.model._meta.get_field(key).to_python(value)
    if isinstance(value, datetime) and is_naive(value):
        raise ValueError(value)
    return value


def paginate(
    request: HttpRequest, rows: QuerySet, *, key: str, size: int = 25, descending: bool = True
) -> Page:
    """One page of `rows` ordered by (`key`, id), newest or largest first unless `descending` is False.

    `rows` may be a QuerySet of instances, or of `.values()` that include `key` and `id`; `key` is never null. The place is read from the
    query parameter `page`. Raises BadRequest (status 400) for a damaged one. One statement, whatever the page.
    """
    cursor = request.GET.get(PARAMETER, "")
    going_back = False
    if cursor:
        direction, value, pk = _decode(cursor, rows, key)
        going_back = direction == "before"
        smaller = descending != going_back
        op = "lt" if smaller else "gt"
        # The first condition follows from the second; with it PostgreSQL starts in the index where the page starts.
        rows = rows.filter(
            Q(**{f"{key}__{op}e": value}), Q(**{f"{key}__{op}": value}) | Q(**{key: value, f"id__{op}": pk})
        )
    sign = "-" if descending != going_back else ""
    found = list(rows.order_by(f"{sign}{key}", f"{sign}id")[: size + 1])
    more = len(found) > size
    found = found[:size]
    if going_back:
        found.reverse()

    def cursor_of(direction: str, row: Any) -> str:
        get = row.__getitem__ if isinstance(row, dict) else lambda name: getattr(row, name)
        return _encode(direction, get(key), get("id"))

    def address(direction: str, row: Any) -> str:
        parameters = request.GET.copy()
        parameters[PARAMETER] = cursor_of(direction, row)
        return f"?{parameters.urlencode()}"

    has_before = bool(found) and (more if going_back else bool(cursor))
    has_after = bool(found) and (going_back or more)
    return Page(
        rows=found,
        previous_url=address("before", found[0]) if has_before else "",
        next_url=address("after", found[-1]) if has_after else "",
    )
