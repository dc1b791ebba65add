"""Entrusting a vote: asked for, agreed to, capped, revocable, and copied when the voting ends."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from tests.voting.factories import close, end_voting, make_firm, make_open_round, vote
from tests.voting.worlds import CAST
from tests.world import World
from voting.actions import VoteRefused
from voting.actions.delegations import accept_delegation, ask_delegate, revoke_delegation
from voting.actions.results import tally_round
from voting.elections import election_of
from voting.models import Ballot, Delegation, Round, RoundVoter


def make_trusting(cast) -> Round:
    """Eight more firms: with those of the cast enough for one entrusted vote in each hand, and not for two."""
    for number in range(8):
        make_firm(f"Werk {number}")
    return make_open_round(cast, delegation=True)


trusting = World(make_trusting, upon=CAST).fixture()


def voter_of(voting_round, user: User) -> RoundVoter:
    return RoundVoter.objects.get(round=voting_round, organisation=user.representing)


def entrust(voting_round, giver: User, holder: User) -> Delegation:
    asked = ask_delegate(by=giver, voting_round=voting_round, delegate=voter_of(voting_round, holder))
    return accept_delegation(by=holder, delegation=asked)


def test_a_vote_is_asked_for_and_agreed_to_on_the_pages(client, leyla, stefan, trusting):
    client.force_login(leyla)
    address = f"/voting/{trusting.slug}/delegation/"
    assert client.get(address).status_code == 200
    assert client.post(address, {"delegate": voter_of(trusting, stefan).pk}).status_code == 302
    asked = Delegation.objects.get()
    assert asked.accepted_at is None
    assert b"has not agreed yet" in client.get(f"/voting/{trusting.slug}/").content
    client.force_login(stefan)
    assert b"asks your organisation to vote for it" in client.get(f"/voting/{trusting.slug}/").content
    assert client.post(f"{address}{asked.pk}/accept/").status_code == 302
    asked.refresh_from_db()
    assert asked.accepted_by == stefan


def test_closing_copies_the_ballot_and_both_pay(cast, leyla, stefan, trusting):
    entrust(trusting, leyla, stefan)
    vote(trusting, stefan, 0, 1, 2)
    close(trusting, cast.mira)
    copy = Ballot.objects.get(copied_from__isnull=False)
    assert copy.voter == voter_of(trusting, leyla)
    assert copy.approvals == copy.copied_from.approvals
    assert copy.nonce != copy.copied_from.nonce
    assert len(election_of(trusting).ballots) == 2
    assert tally_round(by=cast.mira, voting_round=trusting).voters == 2


def test_an_own_ballot_goes_before(cast, leyla, stefan, trusting):
    entrust(trusting, leyla, stefan)
    vote(trusting, stefan, 0, 1, 2)
    own = vote(trusting, leyla, 1, 2, 3)
    close(trusting, cast.mira)
    assert not Ballot.objects.filter(copied_from__isnull=False).exists()
    assert Ballot.objects.current().get(voter=own.voter) == own


@pytest.mark.parametrize(
    "ends", ["revoked by the one", "revoked by the other", "never agreed to", "no ballot"]
)
def test_without_a_delegation_in_force_nothing_is_copied(cast, leyla, stefan, trusting, ends):
    asked = ask_delegate(by=leyla, voting_round=trusting, delegate=voter_of(trusting, stefan))
    if ends != "never agreed to":
        accept_delegation(by=stefan, delegation=asked)
    if ends.startswith("revoked"):
        revoke_delegation(by=leyla if "one" in ends else stefan, delegation=asked)
    if ends != "no ballot":
        vote(trusting, stefan, 0, 1, 2)
    close(trusting, cast.mira)
    assert not Ballot.objects.filter(copied_from__isnull=False).exists()


def test_the_delegator_sees_the_ballot_only_after_the_other_agreed(
    client, leyla, jonas, ines, stefan, trusting
):
    asked = ask_delegate(by=leyla, voting_round=trusting, delegate=voter_of(trusting, stefan))
    vote(trusting, stefan, 0, 1, 2)
    client.force_login(leyla)
    assert client.get(f"/voting/{trusting.slug}/").context["entrusted"].seen is None
    accept_delegation(by=stefan, delegation=asked)
    for member in (leyla, jonas):
        client.force_login(member)
        assert client.get(f"/voting/{trusting.slug}/").context["entrusted"].seen.voter == asked.delegate
    client.force_login(ines)
    assert client.get(f"/voting/{trusting.slug}/").context["entrusted"].seen is None
    client.force_login(leyla)
    revoke_delegation(by=leyla, delegation=asked)
    assert client.get(f"/voting/{trusting.slug}/").context["entrusted"].seen is None


def test_a_round_has_no_delegation_unless_it_says_so(client, leyla, stefan, open_round):
    with pytest.raises(VoteRefused, match="votes for itself"):
        ask_delegate(by=leyla, voting_round=open_round, delegate=voter_of(open_round, stefan))
    client.force_login(leyla)
    assert client.get(f"/voting/{open_round.slug}/delegation/").status_code == 302


def test_a_delegation_leads_no_further(leyla, stefan, ines, trusting):
    entrust(trusting, leyla, stefan)
    with pytest.raises(VoteRefused, match="leads no further"):
        ask_delegate(by=stefan, voting_round=trusting, delegate=voter_of(trusting, ines))
    with pytest.raises(VoteRefused, match="leads no further"):
        ask_delegate(by=ines, voting_round=trusting, delegate=voter_of(trusting, leyla))
    with pytest.raises(VoteRefused, match="already"):
        ask_delegate(by=leyla, voting_round=trusting, delegate=voter_of(trusting, ines))
    with pytest.raises(VoteRefused, match="for itself anyway"):
        ask_delegate(by=ines, voting_round=trusting, delegate=voter_of(trusting, ines))


def test_one_hand_holds_a_tenth_of_all_shares_at_most(leyla, stefan, ines, trusting):
    assert RoundVoter.objects.filter(round=trusting).count() in range(10, 30)
    limit = RoundVoter.objects.filter(round=trusting).count() // 10
    givers = [leyla, ines, *(User.objects.filter(full_name__startswith="Vertretung").order_by("pk"))]
    for giver in givers[:limit]:
        entrust(trusting, giver, stefan)
    asked = ask_delegate(by=givers[limit], voting_round=trusting, delegate=voter_of(trusting, stefan))
    with pytest.raises(VoteRefused, match="at most 10 % of all shares"):
        accept_delegation(by=stefan, delegation=asked)
    with pytest.raises(IntegrityError, match="too many votes in one hand"), transaction.atomic():
        Delegation.objects.filter(pk=asked.pk).update(accepted_at=timezone.now(), accepted_by=stefan)


def test_strangers_neither_see_nor_settle_a_delegation(client, leyla, stefan, ines, jonas, trusting):
    asked = ask_delegate(by=leyla, voting_round=trusting, delegate=voter_of(trusting, stefan))
    accept = f"/voting/{trusting.slug}/delegation/{asked.pk}/accept/"
    client.force_login(ines)
    assert client.post(accept).status_code == 404
    client.force_login(jonas)
    assert client.post(accept).status_code == 403
    with pytest.raises(VoteRefused, match="Only the organisation that was asked"):
        accept_delegation(by=leyla, delegation=asked)
    with pytest.raises(VoteRefused, match="Only the two organisations"):
        revoke_delegation(by=ines, delegation=asked)


def test_after_the_end_nothing_is_delegated_or_revoked(leyla, stefan, ines, trusting):
    delegation = entrust(trusting, leyla, stefan)
    end_voting(trusting)
    with pytest.raises(VoteRefused, match="voting ended"):
        revoke_delegation(by=leyla, delegation=delegation)
    with pytest.raises(VoteRefused, match="voting ended"):
        ask_delegate(by=ines, voting_round=trusting, delegate=voter_of(trusting, stefan))
    with pytest.raises(IntegrityError, match="takes no delegations"), transaction.atomic():
        Delegation.objects.update(revoked_at=timezone.now(), revoked_by=leyla)


def test_the_database_keeps_every_delegation(leyla, stefan, trusting):
    entrust(trusting, leyla, stefan)
    with pytest.raises(DatabaseError, match="never_deleted"), transaction.atomic():
        Delegation.objects.all().delete()


def test_the_database_refuses_a_copy_that_nobody_delegated(cast, leyla, stefan, trusting):
    from voting import chain
    from voting.actions.chain import append

    source = vote(trusting, stefan, 0, 1, 2)
    entry = append(trusting, chain.BALLOT, voter="x", version=1, commitment="y")
    with pytest.raises(IntegrityError, match="nobody delegated"), transaction.atomic():
        Ballot.objects.create(
            voter=voter_of(trusting, leyla),
            version=1,
            approvals=source.approvals,
            copied_from=source,
            record=entry,
            cast_by=leyla,
        )


def test_delegations_through_the_api(client, leyla, stefan, ines, trusting):
    address = f"/api/v1/voting/rounds/{trusting.slug}/delegations/"
    client.force_login(leyla)
    name = voter_of(trusting, stefan).name
    made = client.post(address, {"delegate": name}, content_type="application/json")
    assert (made.status_code, made.json()[0]["delegate"]) == (201, name)
    one = f"{address}{made.json()[0]['id']}/"
    client.force_login(ines)
    assert client.get(address).json() == []
    assert client.post(one).status_code == 404
    client.force_login(stefan)
    assert client.post(one).json()[0]["accepted_at"]
    assert client.delete(one).json()[0]["revoked_at"]
    assert client.delete(one).status_code == 422
