"""What pages cost: their budget in statements, whatever the number of rows."""

import pytest

from tests.budgets import budget, counting
from tests.voting.factories import close, codes_of, make_firm, make_open_round, vote
from tests.voting.worlds import CAST
from tests.world import World
from voting.actions.ballots import cast_ballot
from voting.actions.results import tally_round
from voting.models import Round


def assert_constant(client, name: str, *addresses: str) -> None:
    counts = []
    for address in addresses:
        client.get(address)
        with budget(name) as statements:
            assert client.get(address).status_code == 200
        counts.append(len(statements))
    assert len(set(counts)) == 1, counts


def make_small_and_large(cast) -> tuple[Round, Round]:
    """Both exist before the first request, so that their history looks the same."""
    for number in range(6):
        make_firm(f"Firma {number}")
    small = make_open_round(cast, costs=(401, 402, 403))
    large = make_open_round(cast, costs=tuple(range(500, 512)))
    for each in (small, large):
        vote(each, cast.leyla, 0, 1, 2)
    return small, large


def count_both(cast, both: tuple[Round, Round]) -> tuple[Round, Round]:
    for each in both:
        close(each, cast.mira)
        tally_round(by=cast.mira, voting_round=each)
    return both


BOTH = World(make_small_and_large, upon=CAST)
small_and_large, both_counted = BOTH.fixture(), World(count_both, upon=BOTH).fixture()


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("voting:round_detail", "/voting/{}/"),
        ("voting:ballot_cast", "/voting/{}/ballot/"),
        ("voting_api:round_detail", "/api/v1/voting/rounds/{}/"),
    ],
)
def test_pages_of_an_open_round(client, leyla, small_and_large, name, address):
    client.force_login(leyla)
    assert_constant(client, name, *(address.format(each.slug) for each in small_and_large))


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("voting:round_result", "/voting/{}/result/"),
        ("voting:round_walk", "/voting/{}/result/steps/"),
        ("voting:round_payments", "/voting/{}/result/payments/"),
        ("voting_api:payment_list", "/api/v1/voting/rounds/{}/payments/"),
        ("voting_api:reserve_list", "/api/v1/voting/rounds/{}/reserve/"),
        ("voting_api:round_result", "/api/v1/voting/rounds/{}/result/"),
    ],
)
def test_pages_of_a_counted_round(client, leyla, both_counted, name, address):
    client.force_login(leyla)
    assert_constant(client, name, *(address.format(each.slug) for each in both_counted))


@pytest.mark.parametrize(
    ("name", "address"),
    [("voting:round_list", "/voting/"), ("voting_api:round_list", "/api/v1/voting/rounds/")],
)
def test_lists(client, cast, leyla, name, address):
    make_open_round(cast)
    client.force_login(leyla)
    client.get(address)
    with counting() as few:
        client.get(address)
    for place in range(4):
        make_open_round(cast, costs=tuple(100 * place + each for each in (301, 302, 303)))
    with budget(name) as many:
        client.get(address)
    assert len(few) == len(many)


def test_casting_a_ballot(leyla, open_round):
    codes = codes_of(open_round)
    assert leyla.representing
    with budget("cast_ballot"):
        cast_ballot(by=leyla, voting_round=open_round, approvals=codes)
