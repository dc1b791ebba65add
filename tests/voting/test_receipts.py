"""Receipts, the public board, and what outsiders can recompute."""

import hashlib
import io
import json

import pikepdf
import pytest

from tests.voting.factories import codes_of, make_open_round, make_round, vote
from tests.voting.worlds import OPEN
from tests.world import World
from voting import chain
from voting.models import Ballot, ChainRecord, Round

ballot = World(lambda cast, open_round: vote(open_round, cast.leyla, 0, 1, 2), upon=OPEN).fixture()


def receipt(voting_round, version=1, part=""):
    return f"/voting/{voting_round.slug}/receipt/{version}/{part}"


def commitment_of(record):
    return json.loads(record.body)["commitment"]


def test_the_receipt_opens_the_hash_on_the_board(client, leyla, jonas, open_round, ballot):
    client.force_login(jonas)
    page = client.get(receipt(open_round))
    assert page.status_code == 200
    line = client.get(receipt(open_round, part="text/")).content
    assert hashlib.sha256(line).hexdigest() == commitment_of(ballot.record)
    assert json.loads(line)["choice"] == {"items": sorted(codes_of(open_round)[:3])}
    assert commitment_of(ballot.record).encode() in page.content


def test_the_receipt_of_points_opens_the_hash_too(client, cast, leyla):
    voting_round = make_open_round(cast, utility=Round.Utility.POINTS)
    given = dict(zip(codes_of(voting_round), (5, 3, 2), strict=False))
    from voting.actions.ballots import cast_ballot

    ballot = cast_ballot(by=leyla, voting_round=voting_round, points=given)
    client.force_login(leyla)
    line = client.get(receipt(voting_round, part="text/")).content
    assert hashlib.sha256(line).hexdigest() == commitment_of(ballot.record)
    opened = json.loads(line)["choice"]
    assert dict(zip(opened["items"], opened["points"], strict=True)) == given


@pytest.mark.parametrize("part", ["", "pdf/", "text/"])
def test_only_the_own_organisation_gets_a_receipt(client, cast, open_round, ballot, part):
    for stranger in (cast.ines, cast.mira, cast.anke, cast.gast):
        client.force_login(stranger)
        assert client.get(receipt(open_round, part=part)).status_code == 404
    client.logout()
    assert client.get(receipt(open_round, part=part)).status_code == 302


@pytest.mark.parametrize("version", [0, 2, 10**12])
def test_there_is_no_receipt_for_what_was_not_cast(client, leyla, open_round, ballot, version):
    client.force_login(leyla)
    assert client.get(receipt(open_round, version)).status_code == 404


def test_every_version_keeps_its_receipt(client, leyla, open_round, ballot):
    vote(open_round, leyla, 1, 2, 3)
    client.force_login(leyla)
    lines = {client.get(receipt(open_round, version, "text/")).content for version in (1, 2)}
    assert len(lines) == 2


def test_the_printed_receipt_is_a_tagged_pdf_with_the_hash(client, leyla, brenner, open_round, ballot):
    client.force_login(leyla)
    response = client.get(receipt(open_round, part="pdf/"))
    assert response["Content-Type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(response.content)) as pdf:
        assert pdf.Root.MarkInfo.Marked


def test_everybody_reads_the_board_without_signing_in(client, open_round, ballot):
    page = client.get(f"/voting/{open_round.slug}/board/")
    assert page.status_code == 200
    assert commitment_of(ballot.record) in page.content.decode()


def test_a_draft_has_no_board(client, cast):
    draft = make_round(cast)
    for address in (f"/voting/{draft.slug}/board/", f"/api/v1/voting/rounds/{draft.slug}/board/"):
        assert client.get(address).status_code == 404


def test_the_board_finds_a_hash_and_says_when_there_is_none(client, cast, stefan, open_round, ballot):
    vote(open_round, stefan, 1, 2, 3)
    wanted = commitment_of(ballot.record)
    address = f"/voting/{open_round.slug}/board/"
    for asked in (wanted, wanted[:10].upper(), f" {wanted} ", ballot.record.digest):
        rows = client.get(address, {"q": asked}).context["page"].rows
        assert [row.pk for row in rows] == [ballot.record_id], asked
    for asked in ("0" * 64, "abc", "' OR 1=1", "%", "x" * 5000, "\x00"):
        response = client.get(address, {"q": asked})
        assert response.status_code == 200
        assert b"Nothing on this board has this hash" in response.content


def test_the_board_has_pages(client, cast, leyla, open_round):
    for number in range(55):
        vote(open_round, leyla, *((0, 1, 2) if number % 2 else (1, 2, 3)))
    page = client.get(f"/voting/{open_round.slug}/board/").context["page"]
    assert len(page.rows) == 50
    rest = client.get(
        page.next_url if page.next_url.startswith("/") else f"/voting/{open_round.slug}/board/{page.next_url}"
    )
    assert len(rest.context["page"].rows) == ChainRecord.objects.filter(round=open_round).count() - 50


def test_an_auditor_rebuilds_the_chain_from_the_feed(client, cast, leyla, stefan, open_round, ballot):
    vote(open_round, stefan, 1, 2, 3)
    feed = client.get(f"/api/v1/voting/rounds/{open_round.slug}/board/").json()
    before = chain.NOTHING
    for record in feed["results"]:
        assert record["previous"] == before
        before = hashlib.sha256((record["previous"] + record["body"]).encode()).hexdigest()
        assert before == record["digest"]
    assert feed["next"] is None


def test_the_board_says_nothing_about_the_content_of_a_ballot(client, leyla, open_round, ballot):
    shown = client.get(f"/api/v1/voting/rounds/{open_round.slug}/board/").json()["results"]
    about = [json.loads(each["body"]) for each in shown if each["kind"] == "ballot"]
    assert [set(each) for each in about] == [{"kind", "sequence", "voter", "version", "commitment"}]
    assert leyla.representing.name not in json.dumps(shown)


def test_the_page_that_checks_works_without_javascript(client, open_round, ballot):
    page = client.get(f"/voting/{open_round.slug}/board/check/").content.decode()
    assert "sha256sum receipt.txt" in page
    assert f'href="/voting/{open_round.slug}/board/"' in page
    assert 'id="receipt-check"' in page


def test_the_ballot_through_the_api_brings_its_receipt(client, leyla, open_round):
    client.force_login(leyla)
    body = {"approvals": codes_of(open_round)[:3], "replaces": 0}
    address = f"/api/v1/voting/rounds/{open_round.slug}/ballot/"
    made = client.post(address, body, content_type="application/json").json()
    assert hashlib.sha256(made["line"].encode()).hexdigest() == made["commitment"]
    assert Ballot.objects.get().record.sequence == made["record"]
    stale = client.post(
        address, {"approvals": codes_of(open_round)[1:], "replaces": 0}, content_type="application/json"
    )
    assert stale.status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        {"approvals": "abc"},
        {"approvals": [["x"]]},
        {"approvals": ["x"] * 1001},
        {"approvals": ["x" * 61]},
        {"points": {"a": "b"}},
        {"points": {"a": -1}},
        {"points": {"a": 10**30}},
        {"points": [1]},
        {"approvals": [], "points": {}},
        {"approvals": [], "replaces": -1},
        "abc",
        None,
        7,
    ],
)
def test_payloads_of_the_wrong_shape_are_refused(client, leyla, open_round, body):
    client.force_login(leyla)
    address = f"/api/v1/voting/rounds/{open_round.slug}/ballot/"
    response = client.post(address, json.dumps(body), content_type="application/json")
    assert response.status_code == 400
    assert response.json()["errors"][0]["detail"]
    assert not Ballot.objects.exists()
