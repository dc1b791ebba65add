"""Before the close nothing that anybody else can see depends on what an organisation voted.

Two worlds that differ in one ballot of Kelheim alone: every answer at every door, for every role, must be the same byte
for byte. What may differ is named here and nothing else: times, tokens, and the hashes of the chain, which cover a
ballot's content under a nonce that stays inside.
"""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse

from accounts.models import User
from activity.models import Mail
from activity.tasks import send_mails
from tests.samples import SAMPLES
from tests.test_access import OWN, PEOPLE, listed
from tests.world import demo_world
from voting import demo, tasks
from voting.actions.ballots import cast_ballot
from voting.actions.drafts import save_draft
from voting.models import ChainRecord, Round

CHOICES = [(demo.SOUND, demo.TASKS, demo.ENERGY), (demo.WIND, demo.DOCUMENTS, demo.SOUND)]
TIMES = re.compile(
    rb"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)?|\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]\.?m\.?)?"
    # The full hour is said without minutes.
    rb"|\b(?:\d{1,2} [ap]\.m\.|noon|midnight)"
    # How long something has been going on.
    rb'|(?<="seconds":)[\d.]+|\d+ (?:h|min|s)(?: \d+ (?:min|s))* \xe2\x80\xa6'
)
TOKENS = re.compile(
    rb'(?<=name="csrfmiddlewaretoken" value=")\w+|(?<="csrftoken": ")\w+|(?<=nonce=")[\w+/=-]+'
    rb"|(?<='nonce-)[\w+/=-]+"
    rb'|(?<="X-CSRFToken": ")\w+|(?<=Fachsprachmodell )\d+'
    rb"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<= at )0x[0-9a-f]+|(?<=succeeded in )[\d.e-]+"
)
# The length of a body depends on the digits of a time in it; a session is the reader's own.
OWN_HEADERS = {"Content-Length", "Set-Cookie"}
# What an empty POST at these does to a round is the same whatever was voted; others would change the world.
HARMLESS_POSTS = (
    "round_publish",
    "round_confirm",
    "round_freeze",
    "round_tally",
    "round_finalise",
    "round_close",
)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), demo_world():
        yield Round.objects.get(title=demo.OPEN)


def doors(voting_round: Round) -> dict[str, str]:
    """Every address of the portal by name, and every list and page of the administration that could show a round."""
    found = {name: reverse(name, kwargs=SAMPLES[name]() if name in SAMPLES else {}) for name in OWN}
    for name in (
        "voting:round_result",
        "voting:round_walk",
        "voting:round_payments",
        "voting:round_kit",
        "voting_api:round_result",
        "voting_api:payment_list",
        "voting_api:reserve_list",
    ):
        found[f"{name} of the open round"] = reverse(name, args=[voting_round.slug])
    for model in admin.site._registry:
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        found[f"admin:{label}"] = reverse(f"admin:{label}_changelist")
    found["admin:round"] = reverse("admin:voting_round_change", args=[voting_round.pk])
    found["admin:round history"] = reverse("admin:voting_round_history", args=[voting_round.pk])
    last = ChainRecord.objects.filter(round=voting_round).order_by("-sequence")[0]
    found["admin:record"] = reverse("admin:voting_chainrecord_change", args=[last.pk])
    found["api_schema"] = reverse("api_schema")
    return found


def reaches(name: str, person: str, table: dict[str, tuple[str, str]]) -> bool:
    """Whether the person gets anything but a refusal there; the matrix of `tests/access.txt` says so."""
    return name not in table or table[name][0][PEOPLE.index(person)] in "ou>"


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        # The statements, and what the tests themselves make for addresses that need an object, are nobody's door.
        if not record.name.startswith(("django.db", "factory", "faker")):
            self.said.append(f"{record.name} {record.levelname} {record.getMessage()}")


@contextmanager
def listening() -> Iterator[list[str]]:
    """What the portal writes into its log, down to the smallest level that can be asked for."""
    handler, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield handler.said
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@contextmanager
def kelheim_votes(voting_round: Round, choice: tuple[str, ...]) -> Iterator[dict[bytes, bytes]]:
    """A world in which Kelheim votes so; gone afterwards, keys of rows included. Gives the names of the new hashes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname, sequencename, last_value FROM pg_sequences")
        sequences = cursor.fetchall()
    codes = dict(voting_round.items.values_list("title", "code"))
    ines = User.objects.get(email="ines@demo.example.org")
    with transaction.atomic():
        ballot = cast_ballot(by=ines, voting_round=voting_round, approvals=[codes[each] for each in choice])
        # What they only prepare is as secret as what they cast.
        drafted = [codes[each] for each in choice[:2]]
        save_draft(by=ines, voting_round=voting_round, approvals=drafted, revision=0)
        said = json.loads(ballot.record.body)
        yield {ballot.record.digest.encode(): b"DIGEST", said["commitment"].encode(): b"COMMITMENT"}
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        for schema, name, value in sequences:
            cursor.execute(
                "SELECT setval(%s, coalesce(%s, 1), %s)", [f'"{schema}"."{name}"', value, value is not None]
            )


def letters_of_others() -> bytes:
    """Everything that waits in the post for anybody but Kelheim's people."""
    theirs = User.objects.filter(memberships__organisation__slug="kelheim")
    letters = Mail.objects.exclude(recipient__in=theirs).order_by("pk")
    return repr(list(letters.values_list("recipient", "key", "subject", "body"))).encode()


def named(text: bytes, hashes: dict[bytes, bytes]) -> bytes:
    for value, name in hashes.items():
        text = text.replace(value, name)
    return text


def plain(text: bytes) -> bytes:
    return TOKENS.sub(b"TOKEN", TIMES.sub(b"TIME", text))


def plain_where_they_differ(one: bytes, other: bytes) -> tuple[bytes, bytes]:
    """Both without times and tokens; lines that are the same anyway stay as they are, because looking for these takes long."""
    ours, theirs = one.split(b"\n"), other.split(b"\n")
    if len(ours) != len(theirs):
        return plain(one), plain(other)
    for place, (first, second) in enumerate(zip(ours, theirs, strict=True)):
        if first != second:
            ours[place], theirs[place] = plain(first), plain(second)
    return b"\n".join(ours), b"\n".join(theirs)


def answered(response: HttpResponseBase, hashes: dict[bytes, bytes]) -> bytes:
    """Status, headers and body."""
    body = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]
    headers = [f"{name}: {value}" for name, value in sorted(response.items()) if name not in OWN_HEADERS]
    return named("\n".join([str(response.status_code), *headers, ""]).encode() + body, hashes)


def seen(voting_round: Round, choice: tuple[str, ...], people: list[str]) -> dict[tuple[str, str], bytes]:
    """What everybody gets everywhere when Kelheim votes so, and what the portal writes into its log meanwhile."""
    table = listed()
    answers: dict[tuple[str, str], bytes] = {}
    with listening() as log, kelheim_votes(voting_round, choice) as hashes:
        answers[("letters", "")] = named(letters_of_others(), hashes)
        for task in (tasks.open_due_rounds, tasks.close_due_rounds, tasks.finalise_due_rounds, send_mails):
            answers[("task", task.name)] = repr(task.apply().result).encode()
        found = doors(voting_round)
        for person in people:
            client = Client(headers={"accept-language": "en"}, raise_request_exception=False)
            if person != "visitor":
                client.force_login(User.objects.get(email=f"{person}@demo.example.org"))
            for name, path in found.items():
                if not reaches(name, person, table):
                    continue
                answers[(person, name)] = answered(client.get(path), hashes)
            for verb in HARMLESS_POSTS:
                path = reverse(f"voting:{verb}", args=[voting_round.slug])
                with transaction.atomic():
                    response = client.post(path)
                    transaction.set_rollback(True)
                answers[(person, verb)] = answered(response, hashes)
        answers[("log", "")] = named("\n".join(log).encode(), hashes)
    return answers


def differences(
    one: dict[tuple[str, str], bytes], other: dict[tuple[str, str], bytes]
) -> dict[tuple[str, str], bytes]:
    """Each door that differs, with what it said from shortly before the first differing byte on."""
    found = {}
    for door in sorted(one.keys() | other.keys()):
        first, second = plain_where_they_differ(one.get(door, b""), other.get(door, b""))
        if first != second:
            pairs = zip(first + b" ", second + b" ", strict=False)
            same = next((i for i, (a, b) in enumerate(pairs) if a != b), 0)
            found[door] = first[max(0, same - 80) : same + 80] + b" <> " + second[same : same + 80]
    return found


@pytest.fixture(scope="module")
def found(world) -> dict[tuple[str, str], bytes]:
    one, other = (seen(world, choice, PEOPLE) for choice in CHOICES)
    assert len(one) > 500
    return differences(one, other)


@pytest.mark.slow
def test_nothing_that_others_can_see_depends_on_a_ballot(found):
    assert {door: said for door, said in found.items() if door[0] != "ines"} == {}


@pytest.mark.slow
def test_the_comparison_finds_what_does_depend_on_it(found):
    """The own organisation sees its own ballot: a test that could not see that could not see a leak either."""
    assert ("ines", "voting:round_detail") in found
    assert ("ines", "voting_api:ballot") in found
