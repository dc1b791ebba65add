"""Casting ballots: who, when, what, and what nobody may see."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import Role
from activity.models import Event
from tests.voting.factories import codes_of, end_voting, make_firm, make_open_round, vote
from voting import chain
from voting.actions import VoteRefused
from voting.actions.ballots import cast_ballot
from voting.actions.chain import append
from voting.models import Ballot, Round, RoundVoter


def address(voting_round: Round) -> str:
    return f"/voting/{voting_round.slug}/ballot/"


def test_the_representative_casts_the_ballot(client, leyla, brenner, open_round):
    client.force_login(leyla)
    response = client.post(address(open_round), {"approvals": codes_of(open_round)[:3]})
    assert response.status_code == 302
    ballot = Ballot.objects.get()
    assert ballot.voter.organisation == brenner
    assert (ballot.version, ballot.cast_by) == (1, leyla)
    assert sorted(ballot.approvals) == sorted(
        open_round.items.order_by("cost")[:3].values_list("pk", flat=True)
    )
    assert Event.objects.get(verb="voting.ballot_cast").data == {}


def test_a_second_ballot_replaces_the_first_and_both_are_kept(leyla, open_round):
    vote(open_round, leyla, 0, 1, 2)
    vote(open_round, leyla, 1, 2, 3)
    assert [each.version for each in Ballot.objects.order_by("version")] == [1, 2]
    current = Ballot.objects.current().get()
    assert current.version == 2


@pytest.mark.parametrize("name", ["jonas", "mira", "anke", "paul"])
def test_nobody_but_a_representative_gets_a_ballot(client, cast, open_round, name):
    client.force_login(getattr(cast, name))
    assert client.get(address(open_round)).status_code == 403
    assert client.post(address(open_round), {"approvals": codes_of(open_round)}).status_code == 403
    assert not Ballot.objects.exists()


def test_an_organisation_that_came_later_does_not_vote(client, open_round):
    newcomer = make_firm("Spätkommer GmbH")
    client.force_login(newcomer)
    assert client.post(address(open_round), {"approvals": codes_of(open_round)}).status_code == 403
    with pytest.raises(VoteRefused, match="Spätkommer GmbH is not among"):
        vote(open_round, newcomer, 0, 1, 2)


def test_a_withdrawn_representative_does_not_vote(client, leyla, open_round):
    Membership.objects.filter(user=leyla, role=Role.VOTING_REPRESENTATIVE).update(
        starts_on=timezone.localdate() - timedelta(days=9), ends_on=timezone.localdate() - timedelta(days=1)
    )
    client.force_login(leyla)
    # Without a membership the round itself is out of sight.
    assert client.post(address(open_round), {"approvals": codes_of(open_round)}).status_code == 404
    assert not Ballot.objects.exists()


def test_too_few_approvals_are_refused_and_what_was_ticked_stays(client, leyla, open_round):
    client.force_login(leyla)
    codes = codes_of(open_round)
    response = client.post(address(open_round), {"approvals": codes[:2]})
    assert response.status_code == 422
    assert list(response.context["chosen"]) == codes[:2]
    assert response.content.count(b" checked") == 2
    assert b"at least 3 proposals; you have chosen 2" in response.content
    assert not Ballot.objects.exists()


def test_an_empty_ballot_is_refused(client, leyla, open_round):
    client.force_login(leyla)
    response = client.post(address(open_round), {})
    assert response.status_code == 422
    assert not Ballot.objects.exists()


def test_what_is_not_on_the_ballot_cannot_be_approved(client, leyla, open_round):
    client.force_login(leyla)
    response = client.post(address(open_round), {"approvals": [*codes_of(open_round), "MV-1999-0001"]})
    assert response.status_code == 422
    assert b"is not on this ballot" in response.content
    with pytest.raises(VoteRefused, match="not on this ballot"):
        cast_ballot(by=leyla, voting_round=open_round, approvals=[*codes_of(open_round), "<script>"])
    assert not Ballot.objects.exists()


def test_one_item_named_three_times_is_one_approval(leyla, open_round):
    with pytest.raises(VoteRefused, match="chosen 1"):
        cast_ballot(by=leyla, voting_round=open_round, approvals=codes_of(open_round)[:1] * 3)


def test_a_vote_after_the_end_is_refused_and_nothing_typed_is_lost(client, leyla, open_round):
    vote(open_round, leyla, 0, 1, 2)
    end_voting(open_round)
    client.force_login(leyla)
    codes = codes_of(open_round)
    response = client.post(address(open_round), {"approvals": codes[1:]})
    assert response.status_code == 422
    assert b"The voting ended on" in response.content
    assert list(response.context["chosen"]) == codes[1:]
    assert Ballot.objects.get().version == 1


def test_a_vote_before_the_beginning_is_refused(cast, leyla):
    ahead = make_open_round(cast, opens_at=timezone.now() + timedelta(hours=1))
    with pytest.raises(VoteRefused, match="begins on"):
        vote(ahead, leyla, 0, 1, 2)


def test_a_draft_takes_no_vote(cast, leyla):
    from tests.voting.factories import make_round

    with pytest.raises(VoteRefused, match="not among"):
        vote(make_round(cast), leyla, 0, 1, 2)


def test_the_ballot_page_of_an_ended_round_leads_back_to_the_round(client, leyla, open_round):
    end_voting(open_round)
    client.force_login(leyla)
    response = client.get(address(open_round))
    assert (response.status_code, response["Location"]) == (302, open_round.get_absolute_url())


def test_the_database_refuses_a_ballot_outside_the_period_whoever_writes_it(leyla, brenner, open_round):
    voter = RoundVoter.objects.get(round=open_round, organisation=brenner)
    end_voting(open_round)
    entry = append(open_round, chain.BALLOT, voter="x", version=1, commitment="y")
    with pytest.raises(IntegrityError, match="takes no ballots"), transaction.atomic():
        Ballot.objects.create(voter=voter, version=1, approvals=[1], record=entry, cast_by=leyla)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_change_a_ballot(leyla, open_round, change):
    vote(open_round, leyla, 0, 1, 2)
    rows = Ballot.objects.all()
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        rows.update(approvals=[1]) if change == "update" else rows.delete()


def test_the_page_offers_every_item_and_marks_the_own(client, cast, leyla, ines, open_round):
    client.force_login(leyla)
    text = client.get(address(open_round)).content.decode()
    assert text.count('type="checkbox"') == 4
    assert text.count("From your organisation") == 4
    client.force_login(ines)
    assert "From your organisation" not in client.get(address(open_round)).content.decode()


def test_the_counter_is_one_fragment_of_the_page(client, leyla, open_round):
    client.force_login(leyla)
    codes = codes_of(open_round)
    response = client.get(address(open_round), {"approvals": codes[:2]}, headers={"HX-Request": "true"})
    text = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in text
    assert 'id="counter"' in text
    assert "2 chosen, 1 more is needed" in text
    assert "900 of 1,200 GPU-h" in text
    assert not Ballot.objects.exists()


def test_the_previous_choice_is_ticked(client, leyla, open_round):
    vote(open_round, leyla, 0, 1, 3)
    client.force_login(leyla)
    response = client.get(address(open_round))
    assert set(response.context["chosen"]) == {codes_of(open_round)[place] for place in (0, 1, 3)}
    assert b"You replace version 1" in response.content


def test_colleagues_see_the_ballot_of_their_organisation_and_nobody_elses(
    client, jonas, leyla, stefan, open_round
):
    vote(open_round, leyla, 0, 1, 2)
    vote(open_round, stefan, 1, 2, 3)
    client.force_login(jonas)
    response = client.get(open_round.get_absolute_url())
    assert response.context["own"].ballot.voter.organisation == jonas.organisations[0]
    assert b"cast by Leyla Demir" in response.content
    assert b"Stefan" not in response.content


def pages(voting_round: Round) -> list[str]:
    return [
        "/voting/",
        f"/voting/{voting_round.slug}/",
        f"/voting/{voting_round.slug}/ballot/",
        f"/voting/{voting_round.slug}/result/",
        "/api/v1/voting/rounds/",
        f"/api/v1/voting/rounds/{voting_round.slug}/",
        f"/api/v1/voting/rounds/{voting_round.slug}/ballot/",
        f"/api/v1/voting/rounds/{voting_round.slug}/result/",
        "/admin/voting/round/",
        f"/admin/voting/round/{voting_round.pk}/change/",
        "/admin/voting/result/",
    ]


def what_is_seen(client, reader, voting_round: Round) -> dict[str, object]:
    client.force_login(reader)
    seen = {}
    for page in pages(voting_round):
        response = client.get(page)
        content = response.content.decode()
        # Tokens differ from request to request.
        lines = [
            line
            for line in content.splitlines()
            if "csrf" not in line and "X-CSRFToken" not in line and "nonce=" not in line
        ]
        seen[page] = (response.status_code, lines)
    return seen


@pytest.mark.parametrize("name", ["mira", "anke", "jonas", "leyla", "ines", "petra", "frank", "sven", "gast"])
def test_before_the_end_no_page_depends_on_what_others_voted(client, cast, stefan, open_round, name):
    reader = getattr(cast, name)
    vote(open_round, stefan, 0, 1, 2)
    before = what_is_seen(client, reader, open_round)
    vote(open_round, stefan, 1, 2, 3)
    assert what_is_seen(client, reader, open_round) == before
