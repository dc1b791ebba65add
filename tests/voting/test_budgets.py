"""The number of statements does not grow with the number of rows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.voting.factories import codes_of, make_firm, make_open_round, vote
from voting.actions.results import tally_round
from voting.actions.rounds import close_round


def statements(client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


@pytest.mark.parametrize(
    "page",
    [
        "/voting/",
        "/voting/{slug}/",
        "/voting/{slug}/ballot/",
        "/api/v1/voting/rounds/",
        "/api/v1/voting/rounds/{slug}/",
        "/dashboard/",
    ],
)
def test_pages_of_an_open_round(client, cast, leyla, page):
    small = make_open_round(cast, costs=(401, 402, 403))
    vote(small, leyla, 0, 1, 2)
    client.force_login(leyla)
    few = statements(client, page.format(slug=small.slug))
    for number in range(6):
        make_firm(f"Firma {number}")
    large = make_open_round(cast, costs=tuple(range(500, 512)))
    make_open_round(cast, costs=tuple(range(600, 612)))
    vote(large, leyla, 0, 1, 2)
    assert statements(client, page.format(slug=large.slug)) == few


@pytest.mark.parametrize(
    "page", ["/voting/{slug}/result/", "/api/v1/voting/rounds/{slug}/result/", "/voting/{slug}/"]
)
def test_pages_of_a_counted_round(client, cast, leyla, page):
    counts = []
    for costs in ((401, 402, 403), tuple(range(500, 512))):
        voting_round = make_open_round(cast, costs=costs)
        vote(voting_round, leyla, 0, 1, 2)
        close_round(by=cast.mira, voting_round=voting_round)
        tally_round(by=cast.mira, voting_round=voting_round)
        client.force_login(leyla)
        counts.append(statements(client, page.format(slug=voting_round.slug)))
    assert counts[0] == counts[1]


def test_casting_a_ballot_needs_few_statements(client, leyla, open_round):
    from voting.actions.ballots import cast_ballot

    codes = codes_of(open_round)
    leyla.representing  # noqa: B018 - memberships are read once per request
    with CaptureQueriesContext(connection) as seen:
        cast_ballot(by=leyla, voting_round=open_round, approvals=codes)
    work = [each["sql"] for each in seen if "SAVEPOINT" not in each["sql"]]
    assert len(work) <= 5
