"""Two hands at the same instant, in real transactions."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts import demo
from accounts.models import StaticPage, User
from tests.voting.factories import close, codes_of, make_firm, make_open_round
from voting import chain
from voting.actions import VoteRefused
from voting.actions.ballots import cast_ballot
from voting.actions.delegations import accept_delegation, ask_delegate, most_votes_in_one_hand
from voting.actions.drafts import release_draft, save_draft
from voting.actions.results import tally_round
from voting.models import Ballot, ChainRecord, Delegation, Result, Round, RoundVoter

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module", autouse=True)
def _legal_pages(django_db_setup, django_db_blocker):
    """Real transactions end with an empty database; what migrations had put there belongs to the tests after these."""
    with django_db_blocker.unblock():
        pages = list(StaticPage.objects.values())
    yield
    with django_db_blocker.unblock():
        StaticPage.objects.bulk_create((StaticPage(**page) for page in pages), ignore_conflicts=True)


@pytest.fixture
def people():
    return demo.load(password=None)


def at_once(*calls):
    """Runs the calls in threads that begin together; returns results and refusals in order."""
    gate = Barrier(len(calls))

    def run(call):
        try:
            gate.wait(timeout=10)
            return call()
        except VoteRefused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def caster(user_id, voting_round, approvals):
    return lambda: cast_ballot(
        by=User.objects.get(pk=user_id), voting_round=voting_round, approvals=approvals
    )


def test_two_votes_at_the_same_instant_are_both_kept_and_one_counts(people):
    voting_round = make_open_round(people)
    codes = codes_of(voting_round)
    outcomes = at_once(*[caster(people.leyla.pk, voting_round, codes[n % 2 :]) for n in range(6)])
    assert all(isinstance(each, Ballot) for each in outcomes)
    assert sorted(each.version for each in outcomes) == [1, 2, 3, 4, 5, 6]
    assert Ballot.objects.current().count() == 1


def test_votes_of_different_organisations_do_not_wait_for_each_other_wrongly(people):
    voting_round = make_open_round(people)
    codes = codes_of(voting_round)
    voters = [people.leyla, people.stefan, people.ines]
    outcomes = at_once(*[caster(user.pk, voting_round, codes) for user in voters])
    assert [each.version for each in outcomes] == [1, 1, 1]
    assert Ballot.objects.current().count() == 3


def test_the_chain_never_forks_however_many_vote_at_once(people):
    voting_round = make_open_round(people)
    codes = codes_of(voting_round)
    voters = [people.leyla, people.stefan, people.ines] * 3
    at_once(*[caster(user.pk, voting_round, codes) for user in voters])
    records = ChainRecord.objects.filter(round=voting_round).order_by("sequence")
    assert [each.sequence for each in records] == list(range(1, 13))
    assert chain.verify(records) == []


def test_a_vote_beside_the_closing_is_either_counted_or_refused(people):
    voting_round = make_open_round(people)
    codes = codes_of(voting_round)
    vote, closed = at_once(
        caster(people.leyla.pk, voting_round, codes),
        lambda: close(voting_round, User.objects.get(pk=people.mira.pk)),
    )
    assert closed.status == Round.Status.CLOSED
    result = tally_round(by=people.mira, voting_round=voting_round)
    assert result.voters == (1 if isinstance(vote, Ballot) else 0)
    if isinstance(vote, Ballot):
        assert vote.cast_at <= closed.closes_at


def test_counting_twice_at_once_gives_one_result(people):
    voting_round = make_open_round(people)
    cast_ballot(by=people.leyla, voting_round=voting_round, approvals=codes_of(voting_round))
    close(voting_round, people.mira)
    counted = at_once(
        *[lambda: tally_round(by=None, voting_round=Round.objects.get(pk=voting_round.pk)) for _ in range(3)]
    )
    assert len({each.pk for each in counted}) == 1
    assert Result.objects.count() == 1


def test_agreeing_at_the_same_instant_does_not_exceed_the_limit(people):
    givers = [make_firm(f"Firma {number}") for number in range(8)]
    voting_round = make_open_round(people, delegation=True)
    voters = RoundVoter.objects.filter(round=voting_round)
    holder = voters.get(organisation=people.rheinchemie)
    limit = most_votes_in_one_hand(voting_round)
    asked = [
        ask_delegate(by=giver, voting_round=voting_round, delegate=holder) for giver in givers[: limit + 2]
    ]

    def agree(pk):
        return lambda: accept_delegation(
            by=User.objects.get(pk=people.stefan.pk),
            delegation=Delegation.objects.select_related("round").get(pk=pk),
        )

    outcomes = at_once(*[agree(each.pk) for each in asked])
    assert sum(isinstance(each, Delegation) for each in outcomes) == limit
    assert Delegation.objects.in_force().count() == limit


def test_delegations_in_a_circle_at_the_same_instant_do_not_both_stand(people):
    make_firm("Firma")
    voting_round = make_open_round(people, delegation=True)
    one, other = (
        RoundVoter.objects.get(round=voting_round, organisation=each)
        for each in (people.brenner, people.rheinchemie)
    )

    def ask(user, delegate):
        return lambda: ask_delegate(
            by=User.objects.get(pk=user.pk), voting_round=voting_round, delegate=delegate
        )

    at_once(ask(people.leyla, other), ask(people.stefan, one))
    assert Delegation.objects.standing().count() == 1


def test_a_draft_is_released_once(people):
    voting_round = make_open_round(people, four_eyes=True)
    draft = save_draft(by=people.jonas, voting_round=voting_round, approvals=codes_of(voting_round))
    outcomes = at_once(
        *[
            lambda: release_draft(
                by=User.objects.get(pk=people.leyla.pk), voting_round=voting_round, revision=draft.revision
            )
            for _ in range(3)
        ]
    )
    assert sum(isinstance(each, Ballot) for each in outcomes) == 1
    assert Ballot.objects.count() == 1


def test_closing_beside_votes_and_delegations_waits_for_nobody_forever(people):
    """Casting holds a voter and waits for the round; closing holds the round and copies for voters."""
    givers = [make_firm(f"Firma {number}") for number in range(8)]
    voting_round = make_open_round(people, delegation=True)
    holder = RoundVoter.objects.get(round=voting_round, organisation=people.rheinchemie)
    codes = codes_of(voting_round)
    cast_ballot(by=people.stefan, voting_round=voting_round, approvals=codes)
    asked = ask_delegate(by=givers[0], voting_round=voting_round, delegate=holder)
    accept_delegation(by=people.stefan, delegation=asked)
    *votes, closed = at_once(
        caster(givers[0].pk, voting_round, codes),
        caster(people.stefan.pk, voting_round, codes[1:]),
        lambda: close(voting_round, User.objects.get(pk=people.mira.pk)),
    )
    assert closed.status == Round.Status.CLOSED
    assert all(isinstance(each, Ballot | VoteRefused) for each in votes)
    own = isinstance(votes[0], Ballot)
    assert Ballot.objects.filter(copied_from__isnull=False).count() == (0 if own else 1)
    assert Ballot.objects.current().count() == 2
