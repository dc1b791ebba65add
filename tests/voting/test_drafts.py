"""Preparing a ballot together, and releasing it by a second person."""

from functools import partial

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Membership
from accounts.roles import Role
from tests.voting.factories import codes_of, end_voting, make_open_round, vote
from tests.voting.worlds import CAST
from tests.world import World
from voting import chain
from voting.actions import Stale, VoteRefused
from voting.actions.ballots import cast_ballot
from voting.actions.chain import append
from voting.actions.drafts import prefer_four_eyes, release_draft, save_draft
from voting.models import Ballot, BallotDraft, Round, RoundVoter


def draft_for(cast, careful_round: Round) -> BallotDraft:
    return save_draft(by=cast.jonas, voting_round=careful_round, approvals=codes_of(careful_round)[:3])


CAREFUL = World(partial(make_open_round, four_eyes=True), upon=CAST)
careful_round, draft_of_jonas = CAREFUL.fixture(), World(draft_for, upon=CAREFUL).fixture()


def draft_address(voting_round):
    return f"/voting/{voting_round.slug}/draft/"


def test_any_member_saves_a_draft_and_colleagues_see_it(client, jonas, leyla, open_round):
    client.force_login(jonas)
    response = client.post(draft_address(open_round), {"approvals": codes_of(open_round)[:2]})
    assert response.status_code == 302
    assert BallotDraft.objects.get().prepared_by == jonas
    assert not Ballot.objects.exists()
    client.force_login(leyla)
    page = client.get(f"/voting/{open_round.slug}/")
    assert b"There is a draft; Jonas" in page.content
    form = client.get(f"/voting/{open_round.slug}/ballot/")
    assert sorted(form.context["chosen"]) == sorted(codes_of(open_round)[:2])


def test_nobody_outside_sees_or_changes_the_draft(client, jonas, ines, mira, open_round):
    save_draft(by=jonas, voting_round=open_round, approvals=codes_of(open_round)[:2])
    for reader in (ines, mira):
        client.force_login(reader)
        page = client.get(f"/voting/{open_round.slug}/")
        assert b"There is a draft" not in page.content
    client.force_login(mira)
    assert client.get(draft_address(open_round)).status_code == 403
    assert client.post(draft_address(open_round), {"approvals": []}).status_code == 403


def test_two_tabs_of_a_draft_do_not_overwrite_each_other(client, jonas, leyla, open_round):
    codes = codes_of(open_round)
    save_draft(by=leyla, voting_round=open_round, approvals=codes[:1])
    client.force_login(jonas)
    response = client.post(draft_address(open_round), {"approvals": codes[1:], "revision": 0, "replaces": 0})
    assert response.status_code == 409
    assert "Leyla Demir changed the draft after you had opened this form" in response.content.decode()
    assert sorted(response.context["chosen"]) == sorted(codes[1:])
    again = client.post(draft_address(open_round), {"approvals": codes[1:], **response.context["stand"]})
    assert again.status_code == 302
    assert BallotDraft.objects.get().revision == 2


def test_the_representative_casts_the_draft_as_it_stands(client, jonas, leyla, open_round):
    draft = save_draft(by=jonas, voting_round=open_round, approvals=codes_of(open_round)[:3])
    client.force_login(leyla)
    page = client.get(f"{draft_address(open_round)}release/")
    assert page.status_code == 200
    assert f'value="{draft.revision}"'.encode() in page.content
    assert (
        client.post(f"{draft_address(open_round)}release/", {"revision": draft.revision}).status_code == 302
    )
    ballot = Ballot.objects.get()
    assert (ballot.cast_by, ballot.prepared_by) == (leyla, jonas)
    assert not BallotDraft.objects.exists()


def test_an_incomplete_draft_is_not_cast(leyla, jonas, open_round):
    draft = save_draft(by=jonas, voting_round=open_round, approvals=codes_of(open_round)[:2])
    with pytest.raises(VoteRefused, match="at least 3"):
        release_draft(by=leyla, voting_round=open_round, revision=draft.revision)
    assert BallotDraft.objects.exists()


def test_a_draft_that_was_changed_meanwhile_is_not_released(
    client, jonas, leyla, careful_round, draft_of_jonas
):
    read = draft_of_jonas.revision
    save_draft(by=jonas, voting_round=careful_round, approvals=codes_of(careful_round)[1:])
    with pytest.raises(Stale, match="changed the draft"):
        release_draft(by=leyla, voting_round=careful_round, revision=read)
    client.force_login(leyla)
    response = client.post(f"{draft_address(careful_round)}release/", {"revision": read})
    assert response.status_code == 409
    assert not Ballot.objects.exists()


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 40])
def test_a_damaged_release_form_releases_nothing(client, leyla, careful_round, draft_of_jonas, revision):
    client.force_login(leyla)
    response = client.post(f"{draft_address(careful_round)}release/", {"revision": revision})
    assert response.status_code == 409
    assert not Ballot.objects.exists()


def test_with_two_people_nobody_casts_directly(client, leyla, careful_round):
    with pytest.raises(VoteRefused, match="need two people"):
        vote(careful_round, leyla, 0, 1, 2)
    client.force_login(leyla)
    page = client.get(f"/voting/{careful_round.slug}/ballot/")
    assert b"Cast the ballot" not in page.content
    assert (
        client.post(
            f"/voting/{careful_round.slug}/ballot/", {"approvals": codes_of(careful_round)}
        ).status_code
        == 422
    )


def test_with_two_people_nobody_releases_the_own_draft(client, stefan, careful_round):
    draft = save_draft(by=stefan, voting_round=careful_round, approvals=codes_of(careful_round)[:3])
    with pytest.raises(VoteRefused, match="prepared this draft yourself"):
        release_draft(by=stefan, voting_round=careful_round, revision=draft.revision)
    client.force_login(stefan)
    page = client.get(f"{draft_address(careful_round)}release/")
    assert b"another representative has to release it" in page.content
    assert b"Cast this draft" not in page.content


def test_with_two_people_another_representative_releases(leyla, careful_round, draft_of_jonas):
    ballot = release_draft(by=leyla, voting_round=careful_round, revision=draft_of_jonas.revision)
    assert ballot.version == 1


def test_a_mere_stakeholder_releases_nothing(client, jonas, careful_round, draft_of_jonas):
    client.force_login(jonas)
    assert client.post(f"{draft_address(careful_round)}release/", {"revision": 1}).status_code == 403


@pytest.mark.parametrize("prepared_by_whom", ["nobody", "the same person"])
def test_the_database_refuses_one_pair_of_eyes(leyla, brenner, careful_round, prepared_by_whom):
    voter = RoundVoter.objects.get(round=careful_round, organisation=brenner)
    keys = list(careful_round.items.order_by("code").values_list("pk", flat=True))[:3]
    entry = append(careful_round, chain.BALLOT, voter="x", version=1, commitment="y")
    preparer = leyla if prepared_by_whom == "the same person" else None
    with pytest.raises(IntegrityError, match="two people"), transaction.atomic():
        Ballot.objects.create(
            voter=voter, version=1, approvals=keys, record=entry, cast_by=leyla, prepared_by=preparer
        )


def test_an_organisation_chooses_two_people_for_itself(client, cast, leyla, stefan):
    client.force_login(leyla)
    assert client.post("/voting/preferences/", {"four_eyes": "on"}).status_code == 302
    opened = make_open_round(cast)
    with pytest.raises(VoteRefused, match="need two people"):
        vote(opened, leyla, 0, 1, 2)
    assert vote(opened, stefan, 0, 1, 2).version == 1


def test_only_the_own_representative_chooses(client, jonas, mira, brenner):
    for person in (jonas, mira):
        client.force_login(person)
        assert client.get("/voting/preferences/").status_code == 403
        with pytest.raises(VoteRefused):
            prefer_four_eyes(by=person, organisation=brenner, four_eyes=True)


def test_no_draft_after_the_end(jonas, open_round):
    end_voting(open_round)
    with pytest.raises(VoteRefused, match="voting ended"):
        save_draft(by=jonas, voting_round=open_round, approvals=codes_of(open_round))


def test_a_discarded_draft_is_gone_and_cannot_be_discarded_twice(
    client, jonas, leyla, careful_round, draft_of_jonas
):
    client.force_login(leyla)
    assert client.post(f"{draft_address(careful_round)}discard/").status_code == 302
    assert not BallotDraft.objects.exists()
    response = client.post(f"{draft_address(careful_round)}discard/", follow=True)
    assert b"There is no draft." in response.content


def test_a_stale_tab_is_told_and_loses_nothing(client, brenner, jonas, leyla, open_round):
    codes = codes_of(open_round)
    Membership.objects.create(user=jonas, organisation=brenner, role=Role.VOTING_REPRESENTATIVE)
    client.force_login(leyla)
    stale = client.get(f"/voting/{open_round.slug}/ballot/").context["stand"]
    cast_ballot(by=type(jonas).objects.get(pk=jonas.pk), voting_round=open_round, approvals=codes[:3])
    response = client.post(f"/voting/{open_round.slug}/ballot/", {"approvals": codes[1:], **stale})
    assert response.status_code == 409
    assert "cast version 1 of the ballot" in response.content.decode()
    assert sorted(response.context["chosen"]) == sorted(codes[1:])
    assert Ballot.objects.count() == 1
    sure = client.post(
        f"/voting/{open_round.slug}/ballot/", {"approvals": codes[1:], **response.context["stand"]}
    )
    assert sure.status_code == 302
    assert Ballot.objects.current().get().version == 2


def test_another_mistake_does_not_make_a_stale_form_fresh(client, leyla, open_round):
    codes = codes_of(open_round)
    vote(open_round, leyla, 0, 1, 2)
    client.force_login(leyla)
    response = client.post(f"/voting/{open_round.slug}/ballot/", {"approvals": codes[:1], "replaces": 0})
    assert response.status_code == 422
    assert str(response.context["stand"]["replaces"]) == "0"


def test_a_form_that_is_sent_twice_casts_one_ballot(client, leyla, open_round):
    client.force_login(leyla)
    sent = {"approvals": codes_of(open_round)[:3], "replaces": 0}
    for _ in range(2):
        assert client.post(f"/voting/{open_round.slug}/ballot/", sent).status_code == 302
    assert Ballot.objects.count() == 1
