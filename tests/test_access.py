"""Every address × every role: the complete matrix. A new address fails here until `tests/access.txt` lists it.

Each line of the table is an address, one letter per person for GET and one for an empty POST:

    o 200   > redirect within the portal   L redirect to the sign-in   3 forbidden   4 not found
    m 405 (GET is not offered)   b 400   u 422   c 409 (something else stands there by now)

`CESAI_WRITE_ACCESS=1 ./run test tests/test_access.py` rewrites the table from what the portal does; read the
difference line by line before you commit it.
"""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from tests.samples import SAMPLES
from tests.world import demo_world

pytestmark = pytest.mark.slow

TABLE = Path(__file__).with_name("access.txt")
PEOPLE = [
    "visitor", "gast", "jonas", "leyla", "stefan", "ines", "paul", "greta",
    "mira", "petra", "samir", "frank", "anke", "sven", "gero", "dienst",
]  # fmt: skip
# Addresses of libraries, described and tested by them; the admin is tested page by page in tests/test_admin.py.
FOREIGN = ("admin:", "account_", "api_docs", "api_schema")


def addresses(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[str]:
    """The names of all URL patterns, with their namespace."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern, inner)
        elif isinstance(pattern, URLPattern):
            # An address without a name would escape the table: it shows up here and fails.
            yield f"{namespace}{pattern.name or pattern.pattern}"


OWN = sorted({name for name in addresses() if not name.startswith(FOREIGN)})


def letter(client: Client, path: str, method: str) -> str:
    # A failed statement must not spoil the answers that follow in the shared transaction.
    with transaction.atomic():
        response = getattr(client, method)(path)
        transaction.set_rollback(True)
    if response.status_code in {301, 302}:
        return "L" if response.url.startswith("/accounts/login/") else ">"
    if response.status_code == 415:
        return "u"  # the API takes JSON; whoever gets this far may send it
    known = {200: "o", 204: "o", 400: "b", 401: "L", 403: "3", 404: "4", 405: "m", 409: "c", 422: "u"}
    return known.get(response.status_code, f"[{response.status_code}]")


def listed() -> dict[str, tuple[str, str]]:
    """Letters for GET and for POST of each address."""
    rows = (line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#"))
    return {name: (get, post) for name, get, post in rows}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), demo_world():
        yield


@pytest.fixture(scope="module")
def seen(world) -> dict[str, tuple[str, str]]:
    """What every person gets at every address."""
    clients = []
    for name in PEOPLE:
        client = Client(headers={"accept-language": "en"}, raise_request_exception=False)
        if name != "visitor":
            client.force_login(User.objects.get(email=f"{name}@demo.example.org"))
        clients.append(client)
    paths = {name: reverse(name, kwargs=SAMPLES[name]() if name in SAMPLES else {}) for name in OWN}
    # Thousands of refusals are expected here, and a line about each takes time; errors are still said.
    logging.disable(logging.WARNING)
    try:
        return {
            name: tuple(
                "".join(letter(client, path, method) for client in clients) for method in ("get", "post")
            )  # type: ignore[misc]
            for name, path in paths.items()
        }
    finally:
        logging.disable(logging.NOTSET)


def test_every_address_is_listed():
    if os.environ.get("CESAI_WRITE_ACCESS"):
        pytest.skip("rewriting the table")
    assert set(listed()) == set(OWN)


def test_everybody_gets_what_the_table_says(seen):
    if os.environ.get("CESAI_WRITE_ACCESS"):
        width = max(map(len, OWN)) + 2
        head = f"# {', '.join(PEOPLE)}\n"
        TABLE.write_text(
            head + "".join(f"{name:<{width}}{get} {post}\n" for name, (get, post) in seen.items())
        )
    assert seen == listed()


def test_no_address_answers_with_a_server_error(seen):
    assert not {name: letters for name, letters in seen.items() if "[" in "".join(letters)}
