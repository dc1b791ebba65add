"""A round whose data were changed behind the portal's back gives no kit, but a sentence, and an entry in the log."""

from functools import partial

import pgtrigger
import pytest
from structlog.testing import capture_logs

from tests.voting.factories import close_and_count, make_open_round, vote
from tests.voting.worlds import CAST
from tests.world import World
from voting.actions import VoteRefused
from voting.actions.objections import finalise_round
from voting.models import Ballot, ChainRecord, ProofKit, Result, Round


def make_counted(cast, **content) -> Round:
    voting_round = make_open_round(cast, **content)
    vote(voting_round, cast.leyla, 0, 1, 2)
    vote(voting_round, cast.stefan, 0, 1, 3)
    return close_and_count(voting_round, cast.mira)


preliminary = World(partial(make_counted, objection_days=7), upon=CAST).fixture()
final = World(make_counted, upon=CAST).fixture()


def other_ballot(voting_round):
    keys = list(voting_round.items.order_by("code").values_list("pk", flat=True))[1:]
    with pgtrigger.ignore("voting.Ballot:append_only"):
        Ballot.objects.filter(voter__round=voting_round).update(approvals=keys, own=[])


def unknown_item(voting_round):
    with pgtrigger.ignore("voting.Ballot:append_only"):
        Ballot.objects.filter(voter__round=voting_round).update(approvals=[10**9], own=[])


def torn_record(voting_round):
    with pgtrigger.ignore("voting.ChainRecord:append_only"):
        ChainRecord.objects.filter(round=voting_round, kind="freeze").update(body="{")


def empty_record(voting_round):
    with pgtrigger.ignore("voting.ChainRecord:append_only"):
        ChainRecord.objects.filter(round=voting_round, kind="rules").update(body="{}")


def lost_record(voting_round):
    with pgtrigger.ignore("voting.ChainRecord:append_only"):
        ChainRecord.objects.filter(round=voting_round, kind="close").delete()


DAMAGE = [other_ballot, unknown_item, torn_record, empty_record, lost_record]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_round_gives_a_page_and_no_kit(client, cast, preliminary, damage):
    damage(preliminary)
    client.force_login(cast.leyla)
    with capture_logs() as said:
        response = client.get(f"/voting/{preliminary.slug}/kit/")
    assert response.status_code == 409
    text = response.content.decode()
    assert "Somebody changed the data behind the portal" in text
    assert "Tell the programme management" in text
    errors = [entry for entry in said if entry["log_level"] == "error"]
    assert [(entry["round"], bool(entry["error"])) for entry in errors] == [(preliminary.slug, True)]


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (other_ballot, "Ein Stimmzettel wurde geändert"),
        (lost_record, "Ein Eintrag der Kette wurde geändert, fehlt"),
    ],
)
def test_the_page_says_in_the_language_of_the_reader_what_does_not_fit(
    client, cast, preliminary, damage, sentence
):
    damage(preliminary)
    client.force_login(cast.leyla)
    response = client.get(f"/voting/{preliminary.slug}/kit/", headers={"accept-language": "de"})
    assert sentence in response.content.decode()


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_round_does_not_become_final(cast, preliminary, damage):
    damage(preliminary)
    with pgtrigger.ignore("voting.Round:steps"):
        Round.objects.filter(pk=preliminary.pk).update(objections_until=preliminary.closed_at)
    with pytest.raises(VoteRefused, match="can not become final"):
        finalise_round(by=cast.mira, voting_round=preliminary)
    assert not ProofKit.objects.exists()


def test_a_changed_archive_is_not_given_out(client, final):
    with pgtrigger.ignore("voting.ProofKit:append_only"):
        data = bytes(ProofKit.objects.get().data)
        ProofKit.objects.update(data=data[:-1] + b"x", sha256="0" * 64)
    response = client.get(f"/voting/{final.slug}/kit/")
    assert response.status_code == 409
    assert "the archived kit is not the one" in response.content.decode()


def test_a_last_record_that_cannot_be_read_proves_no_archive(client, final):
    with pgtrigger.ignore("voting.ChainRecord:append_only"):
        ChainRecord.objects.filter(round=final, kind="final").update(body="[]")
    assert client.get(f"/voting/{final.slug}/kit/").status_code == 409


def test_a_whole_round_gives_its_kit(client, cast, preliminary, final):
    assert client.get(f"/voting/{final.slug}/kit/").status_code == 200
    client.force_login(cast.leyla)
    with capture_logs() as said:
        assert client.get(f"/voting/{preliminary.slug}/kit/").status_code == 200
    assert [entry for entry in said if entry["log_level"] == "error"] == []
    assert Result.objects.count() == 2
