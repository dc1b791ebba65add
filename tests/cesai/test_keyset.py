"""Pages by key: every row once, in both directions, whatever the data."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import BadRequest
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activity.models import Event
from cesai.lib.keyset import Page, paginate

MORNING = datetime(2026, 9, 1, 8, tzinfo=UTC)


def page(address: str, **options) -> Page:
    rows = options.pop("rows", None)
    rows = Event.objects.all() if rows is None else rows
    return paginate(RequestFactory().get(f"/{address}"), rows, key=options.pop("key", "at"), **options)


def walk(start: Page, direction: str, **options) -> list[Page]:
    pages = [start]
    while address := getattr(pages[-1], direction):
        pages.append(page(address, **options))
    return pages


@pytest.mark.django_db
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    minutes=st.lists(st.integers(0, 4), max_size=17),
    size=st.integers(1, 6),
    descending=st.booleans(),
    as_values=st.booleans(),
)
def test_walking_forward_and_back_visits_every_row_once(minutes, size, descending, as_values):
    Event.objects.all().delete()
    created = Event.objects.bulk_create(
        [Event(verb="x", target_type="x.x", target_id=number) for number in range(len(minutes))]
    )
    for event, minute in zip(created, minutes, strict=True):
        Event.objects.filter(pk=event.pk).update(at=MORNING + timedelta(minutes=minute))
    rows = Event.objects.values("id", "at") if as_values else Event.objects.all()
    sign = "-" if descending else ""
    wanted = list(Event.objects.order_by(f"{sign}at", f"{sign}id").values_list("id", flat=True))
    options = {"rows": rows, "size": size, "descending": descending}

    def ids(pages: list[Page]) -> list[int]:
        return [row["id"] if as_values else row.id for each in pages for row in each.rows]

    forward = walk(page("", **options), "next_url", **options)
    assert ids(forward) == wanted
    assert all(len(each.rows) == size for each in forward[:-1])
    back = walk(forward[-1], "previous_url", **options)
    assert ids(back[::-1]) == wanted
    assert back[-1].previous_url == forward[0].previous_url == ""


@pytest.mark.django_db
def test_filters_stay_in_the_address():
    Event.objects.bulk_create([Event(verb="x", target_type="x.x", target_id=1) for _ in range(3)])
    following = page("?status=open&q=a%26b", size=2).next_url
    assert following.startswith("?status=open&q=a%26b&page=")


@pytest.mark.django_db
def test_rows_that_came_meanwhile_do_not_shift_the_next_page():
    Event.objects.bulk_create([Event(verb="x", target_type="x.x", target_id=n) for n in range(4)])
    first = page("", size=2)
    Event.objects.create(verb="x", target_type="x.x", target_id=99)
    second = page(first.next_url, size=2)
    assert not {row.pk for row in first.rows} & {row.pk for row in second.rows}
    assert {row.target_id for row in [*first.rows, *second.rows]} == {0, 1, 2, 3}


@pytest.mark.django_db
def test_one_page_is_one_statement(django_assert_num_queries):
    Event.objects.bulk_create([Event(verb="x", target_type="x.x", target_id=n) for n in range(9)])
    with django_assert_num_queries(2):
        page(page("", size=3).next_url, size=3)


def cursor(*content: object) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "damaged",
    [
        "x",
        "é",
        "%00",
        "a" * 5000,
        cursor(),
        cursor("after"),
        cursor("sideways", "2026-09-01T08:00:00+00:00", 1),
        cursor("after", "2026-09-01T08:00:00+00:00", "1"),
        cursor("after", "2026-09-01T08:00:00+00:00", True),
        cursor("after", "2026-09-01T08:00:00+00:00", None),
        cursor("after", "2026-09-01T08:00:00", 1),
        cursor("after", "2026-13-01T08:00:00+00:00", 1),
        cursor("after", "yesterday", 1),
        cursor("after", "a\0b", 1),
        cursor("after", 1, 1),
        cursor("after", None, 1),
        cursor("after", {"a": 1}, 1),
        cursor("after", ["2026-09-01"], 1),
        urlsafe_b64encode(b'{"a": 1, "b": 2, "c": 3}').decode(),
        urlsafe_b64encode(b"5").decode(),
    ],
)
@pytest.mark.django_db
def test_a_damaged_address_is_a_bad_request(damaged):
    with pytest.raises(BadRequest, match="This page address is damaged"):
        page(f"?page={damaged}")


@pytest.mark.parametrize("key", ["verb", "target_id"])
@pytest.mark.django_db
def test_lists_may_be_ordered_by_words_and_numbers(key):
    Event.objects.bulk_create(
        [Event(verb="abc"[n % 3], target_type="x.x", target_id=n % 2) for n in range(7)]
    )
    pages = walk(page("", size=2, key=key, descending=False), "next_url", size=2, key=key, descending=False)
    rows = [row for each in pages for row in each.rows]
    assert rows == sorted(Event.objects.all(), key=lambda row: (getattr(row, key), row.pk))


@pytest.mark.django_db
def test_a_key_beyond_every_row_shows_an_empty_page():
    Event.objects.create(verb="x", target_type="x.x", target_id=1)
    assert page(f"?page={cursor('after', '1990-01-01T00:00:00+00:00', 2**63)}").rows == []
