"""The receipt as a letter: to the own organisation alone, once for each version, and without the choice."""

import json

import pytest
from django.core import mail

from accounts.models import Membership, User
from accounts.roles import Role
from activity.models import Mail
from activity.tasks import send_mails
from tests.voting.factories import close, codes_of, end_voting, make_firm, make_open_round, vote
from tests.voting.worlds import CAST
from tests.world import World
from voting.actions import VoteRefused
from voting.actions.ballots import cast_ballot
from voting.actions.delegations import accept_delegation, ask_delegate
from voting.actions.drafts import release_draft, save_draft
from voting.models import Ballot, RoundVoter


def receipts():
    return Mail.objects.filter(key__startswith="voting.receipt:").order_by("pk")


def make_colleague(cast) -> User:
    """A second voting representative of Leyla's organisation, who reads English."""
    other = make_firm("Zweitstimme")
    Membership.objects.filter(user=other).update(organisation=cast.leyla.representing)
    other.language = "en"
    other.save(update_fields=["language"])
    return other


colleague = World(make_colleague, upon=CAST).fixture()


def test_every_version_is_told_to_all_representatives_of_the_organisation(cast, colleague, leyla, open_round):
    first = vote(open_round, leyla, 0, 1, 2)
    assert {letter.recipient for letter in receipts()} == {leyla, colleague}
    second = vote(open_round, colleague, 1, 2, 3)
    assert receipts().count() == 4
    for ballot, letter in ((first, receipts()[0]), (second, receipts()[2])):
        commitment = json.loads(ballot.record.body)["commitment"]
        assert commitment in letter.body
        assert f"/voting/{open_round.slug}/receipt/{ballot.version}/" in letter.body
        assert f"/voting/{open_round.slug}/board/?q={commitment}" in letter.body
        assert ballot.cast_by.full_name in letter.body


def test_each_reads_it_in_the_own_language(cast, colleague, leyla, open_round):
    leyla.language = "de"
    leyla.save(update_fields=["language"])
    vote(open_round, leyla, 0, 1, 2)
    said = {letter.recipient: letter for letter in receipts()}
    assert said[leyla].subject.startswith("Quittung zu Ihrem Stimmzettel")
    assert said[colleague].subject.startswith("Receipt of your ballot")
    assert "Number of chosen proposals: 3." in said[colleague].body


def test_the_letter_says_how_many_and_never_which(leyla, open_round):
    vote(open_round, leyla, 0, 1, 2)
    letter = receipts().get()
    for item in open_round.items.all():
        assert item.code not in letter.body
        assert item.title not in letter.body
    ballot = Ballot.objects.get()
    assert ballot.nonce not in letter.body
    assert ballot.voter.pseudonym not in letter.body


def test_others_get_no_letter_whatever_is_voted(cast, leyla, stefan, ines, open_round):
    before = Mail.objects.exclude(recipient=leyla).count()
    vote(open_round, leyla, 0, 1, 2)
    vote(open_round, leyla, *range(4))
    assert Mail.objects.exclude(recipient=leyla).count() == before


def test_a_released_draft_gives_a_receipt(jonas, leyla, open_round):
    draft = save_draft(by=jonas, voting_round=open_round, approvals=codes_of(open_round)[:3])
    assert not receipts().exists()
    release_draft(by=leyla, voting_round=open_round, revision=draft.revision)
    assert receipts().get().recipient == leyla


def test_a_ballot_through_the_api_gives_a_receipt(client, leyla, open_round):
    client.force_login(leyla)
    body = {"approvals": codes_of(open_round)[:3], "replaces": 0}
    for _twice in range(2):
        client.post(f"/api/v1/voting/rounds/{open_round.slug}/ballot/", body, content_type="application/json")
    assert receipts().count() == 1


def test_a_copied_ballot_is_told_to_whoever_delegated_and_not_to_the_delegate(cast, leyla, stefan):
    for number in range(8):
        make_firm(f"Werk {number}")
    trusting = make_open_round(cast, delegation=True)
    delegate = RoundVoter.objects.get(round=trusting, organisation=stefan.representing)
    asked = ask_delegate(by=leyla, voting_round=trusting, delegate=delegate)
    accept_delegation(by=stefan, delegation=asked)
    vote(trusting, stefan, 0, 1, 2)
    assert receipts().get().recipient == stefan
    close(trusting, cast.mira)
    copy = Ballot.objects.get(copied_from__isnull=False)
    letter = receipts().get(key=f"voting.receipt:{copy.pk}")
    assert letter.recipient == leyla
    assert delegate.name in letter.body
    assert json.loads(copy.record.body)["commitment"] in letter.body


def test_a_refused_ballot_gives_no_receipt(leyla, open_round):
    with pytest.raises(VoteRefused):
        vote(open_round, leyla, 0)
    end_voting(open_round)
    with pytest.raises(VoteRefused):
        vote(open_round, leyla, 0, 1, 2)
    assert not receipts().exists()


def test_whoever_represents_the_organisation_no_more_gets_none(colleague, leyla, open_round):
    Membership.objects.filter(user=colleague).update(role=Role.STAKEHOLDER)
    vote(open_round, leyla, 0, 1, 2)
    assert [letter.recipient for letter in receipts()] == [leyla]


def test_the_letter_goes_out(leyla, open_round):
    Mail.objects.all().delete()
    cast_ballot(by=leyla, voting_round=open_round, approvals=codes_of(open_round))
    send_mails()
    assert [message.to for message in mail.outbox] == [[leyla.email]]
