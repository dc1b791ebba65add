"""Between the count and the final result."""

import hashlib
from datetime import timedelta

import pgtrigger
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from activity.models import Mail
from portfolio.models import ModelProposal
from tests.voting.factories import close_and_count, make_open_round, vote
from tests.voting.worlds import CAST
from tests.world import World
from voting import chain
from voting.actions import VoteRefused
from voting.actions.objections import decide_objection, file_objection, finalise_round
from voting.actions.steps import cancel_round
from voting.models import ChainRecord, Objection, Round
from voting.tasks import finalise_due_rounds


def make_waiting(cast) -> Round:
    """A round with a result against which organisations can object for two weeks."""
    made = make_open_round(cast, objection_days=14)
    vote(made, cast.leyla, 0, 1, 2)
    vote(made, cast.stefan, 0, 1, 3)
    return close_and_count(made, cast.mira)


counted = World(make_waiting, upon=CAST).fixture()


def end_objections(voting_round):
    """As if two weeks had passed."""
    with pgtrigger.ignore("voting.Round:steps"):
        Round.objects.filter(pk=voting_round.pk).update(
            objections_until=timezone.now() - timedelta(milliseconds=1)
        )


def test_a_counted_round_waits_for_objections(counted):
    assert counted.status == Round.Status.TALLIED
    assert timedelta(days=13) < counted.objections_until - timezone.now() <= timedelta(days=14)
    states = set(counted.items.values_list("proposal__status", flat=True))
    assert states == {ModelProposal.Status.ON_BALLOT}


def test_an_organisation_objects_and_is_told_the_decision(client, cast, counted):
    client.force_login(cast.leyla)
    page = client.get(counted.get_absolute_url()).content.decode()
    assert "File an objection" in page
    assert client.get(f"/voting/{counted.slug}/objections/new/").status_code == 200
    assert client.post(f"/voting/{counted.slug}/objections/new/", {"text": " "}).status_code == 422
    filed = client.post(f"/voting/{counted.slug}/objections/new/", {"text": "Unser Preis war falsch."})
    assert filed.status_code == 302
    objection = Objection.objects.get()
    client.force_login(cast.mira)
    assert "Decide objection 1" in client.get("/dashboard/").content.decode()
    assert "Decide objection 1" in client.get(counted.get_absolute_url()).content.decode()
    address = f"/voting/{counted.slug}/objections/1/"
    assert "Unser Preis war falsch." in client.get(address).content.decode()
    assert client.post(address, {"decision": "rejected", "reason": ""}).status_code == 422
    client.post(address, {"decision": "rejected", "reason": "Der Preis stand seit Mai fest."})
    objection.refresh_from_db()
    assert (objection.status, objection.decided_by) == ("rejected", cast.mira)
    assert "Der Preis stand seit Mai fest." in Mail.objects.get(key=f"voting.decided:{objection.pk}").body
    client.force_login(cast.leyla)
    assert "Der Preis stand seit Mai fest." in client.get(counted.get_absolute_url()).content.decode()


def test_other_organisations_do_not_read_an_objection(client, cast, counted):
    file_objection(by=cast.leyla, voting_round=counted, text="Vertraulich")
    seen = {}
    for name in ("mira", "anke", "leyla", "jonas", "stefan", "ines", "gast", "frank"):
        client.force_login(getattr(cast, name))
        seen[name] = "Vertraulich" in client.get(counted.get_absolute_url()).content.decode()
    assert seen == dict.fromkeys(("mira", "anke", "leyla", "jonas"), True) | dict.fromkeys(
        ("stefan", "ines", "gast", "frank"), False
    )


@pytest.mark.parametrize("name", ["jonas", "paul", "gast", "mira", "anke"])
def test_only_representatives_of_the_round_object(client, cast, counted, name):
    client.force_login(getattr(cast, name))
    assert client.post(f"/voting/{counted.slug}/objections/new/", {"text": "x"}).status_code == 403
    with pytest.raises(VoteRefused, match="Only a voting representative"):
        file_objection(by=getattr(cast, name), voting_round=counted, text="x")


@pytest.mark.parametrize("name", ["leyla", "anke", "petra", "gast"])
def test_only_managers_decide(client, cast, counted, name):
    file_objection(by=cast.leyla, voting_round=counted, text="x")
    client.force_login(getattr(cast, name))
    answer = client.post(f"/voting/{counted.slug}/objections/1/", {"decision": "upheld", "reason": "x"})
    assert answer.status_code == 403


def test_objections_and_decisions_are_in_the_chain(cast, counted):
    objection = file_objection(by=cast.leyla, voting_round=counted, text="Unser Preis war falsch.")
    decide_objection(by=cast.mira, objection=objection, uphold=False, reason="Nein.")
    filed, decided = ChainRecord.objects.filter(round=counted).order_by("-sequence")[:2][::-1]
    assert hashlib.sha256(b"Unser Preis war falsch.").hexdigest() in filed.body
    assert '"decision":"rejected"' in decided.body
    assert chain.verify(ChainRecord.objects.filter(round=counted).order_by("sequence")) == []


def test_there_is_no_objection_before_the_count_nor_after_the_period(cast, counted):
    with pytest.raises(VoteRefused, match="once there is a result"):
        file_objection(by=cast.leyla, voting_round=make_open_round(cast, costs=(410, 510, 610)), text="x")
    end_objections(counted)
    with pytest.raises(VoteRefused, match="were possible until"):
        file_objection(by=cast.leyla, voting_round=counted, text="x")
    voter = counted.voters.all()[0]
    with pytest.raises(IntegrityError, match="takes no objections"), transaction.atomic():
        Objection.objects.create(round=counted, voter=voter, number=1, text="x", filed_by=cast.leyla)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE voting_objection SET text = 'x'",
        "UPDATE voting_objection SET status = 'open', reason = '', decided_by_id = NULL, decided_at = NULL",
        "UPDATE voting_objection SET reason = 'x'",
        "DELETE FROM voting_objection",
    ],
)
def test_the_database_refuses_to_change_a_decided_objection(cast, counted, statement):
    objection = file_objection(by=cast.leyla, voting_round=counted, text="x")
    decide_objection(by=cast.mira, objection=objection, uphold=False, reason="Nein.")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_objection_is_decided_once(cast, counted):
    objection = file_objection(by=cast.leyla, voting_round=counted, text="x")
    decide_objection(by=cast.mira, objection=objection, uphold=False, reason="Nein.")
    with pytest.raises(VoteRefused, match="decided already"):
        decide_objection(by=cast.tariq, objection=objection, uphold=True, reason="Doch.")


def test_a_result_becomes_final_by_itself_when_the_period_is_over(cast, counted):
    finalise_due_rounds()
    counted.refresh_from_db()
    assert counted.status == Round.Status.TALLIED
    with pytest.raises(VoteRefused, match="possible until"):
        finalise_round(by=cast.mira, voting_round=counted)
    end_objections(counted)
    finalise_due_rounds()
    finalise_due_rounds()
    counted.refresh_from_db()
    assert counted.status == Round.Status.FINAL
    states = {each.proposal.status for each in counted.items.select_related("proposal")}
    assert states == {ModelProposal.Status.PRIORITISED, ModelProposal.Status.UNDER_REVIEW}
    final = ChainRecord.objects.get(round=counted, kind=chain.FINAL)
    assert f'"kit":"{counted.kit.sha256}"' in final.body
    assert hashlib.sha256(bytes(counted.kit.data)).hexdigest() == counted.kit.sha256
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.filter(pk=counted.pk).update(status="tallied")


@pytest.mark.parametrize(("uphold", "sentence"), [(None, "waits for its decision"), (True, "was upheld")])
def test_an_open_or_upheld_objection_keeps_a_result_from_becoming_final(cast, counted, uphold, sentence):
    objection = file_objection(by=cast.leyla, voting_round=counted, text="x")
    if uphold:
        decide_objection(by=cast.mira, objection=objection, uphold=True, reason="Ja.")
    end_objections(counted)
    finalise_due_rounds()
    counted.refresh_from_db()
    assert counted.status == Round.Status.TALLIED
    with pytest.raises(VoteRefused, match=sentence):
        finalise_round(by=cast.mira, voting_round=counted)
    cancel_round(by=cast.mira, voting_round=counted, reason="Der Preis war falsch.")
    counted.refresh_from_db()
    assert counted.status == Round.Status.CANCELLED
    assert not ModelProposal.objects.filter(status=ModelProposal.Status.ON_BALLOT).exists()


def test_the_api_walks_the_whole_way(client, cast):
    made = make_open_round(cast, objection_days=14)
    vote(made, cast.leyla, 0, 1, 2)
    api = f"/api/v1/voting/rounds/{made.slug}/"
    client.force_login(cast.mira)

    def step(name, **more):
        return client.post(f"{api}steps/", {"step": name, **more}, content_type="application/json")

    assert step("publish").status_code == 422
    assert step("close").status_code == 422
    assert step("close", reason="Alle haben abgestimmt.").json()["status"] == "closed"
    assert step("tally").json()["status"] == "tallied"
    assert step("finalise").status_code == 422
    client.force_login(cast.leyla)
    assert step("cancel", reason="x").status_code == 403
    filed = client.post(f"{api}objections/", {"text": "x"}, content_type="application/json")
    assert (filed.status_code, filed.json()["number"]) == (201, 1)
    client.force_login(cast.stefan)
    assert client.get(f"{api}objections/").json() == []
    client.force_login(cast.mira)
    decided = client.post(
        f"{api}objections/1/decision/", {"uphold": False, "reason": "Nein."}, content_type="application/json"
    )
    assert decided.json()["status"] == "rejected"
    end_objections(made)
    assert step("finalise").json()["status"] == "final"


def test_an_objection_is_decided_in_the_administration(client, cast, counted):
    objection = file_objection(by=cast.leyla, voting_round=counted, text="x")
    client.force_login(cast.mira)
    change = f"/admin/voting/objection/{objection.pk}/change/"
    assert client.get(change).status_code == 200
    answer = client.post(change, {"decision": "rejected", "reason": "Nein."})
    assert answer.status_code == 302
    objection.refresh_from_db()
    assert (objection.status, objection.reason) == ("rejected", "Nein.")
    assert client.get(change).status_code == 200
    assert client.post(change, {"decision": "upheld", "reason": "Doch."}).status_code == 403
