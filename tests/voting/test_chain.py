"""The hash chain of a round: what it fixes, and who refuses to have it changed."""

import hashlib
import json
from dataclasses import dataclass, replace

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from tests.voting.factories import close, make_open_round, vote
from tests.voting.worlds import OPEN
from tests.world import World
from voting import chain
from voting.actions.chain import append, head_of
from voting.actions.results import tally_round
from voting.models import Ballot, ChainRecord, Round, RoundVoter


@dataclass(frozen=True)
class Line:
    sequence: int
    kind: str
    body: str
    previous: str
    digest: str


def walk(cast, open_round: Round) -> Round:
    """A counted round in which two organisations voted, one of them twice."""
    vote(open_round, cast.leyla, 0, 1, 2)
    vote(open_round, cast.stefan, 0, 1, 3)
    vote(open_round, cast.leyla, 1, 2, 3)
    close(open_round, cast.mira)
    tally_round(by=cast.mira, voting_round=open_round)
    return open_round


walked = World(walk, upon=OPEN).fixture()


def records(voting_round):
    return list(ChainRecord.objects.filter(round=voting_round).order_by("sequence"))


def lines(voting_round):
    return [
        Line(each.sequence, each.kind, each.body, each.previous, each.digest)
        for each in records(voting_round)
    ]


def content(record):
    return json.loads(record.body)


def test_a_round_leaves_one_unbroken_chain(walked):
    kinds = [each.kind for each in records(walked)][:8]
    assert kinds == ["rules", "proposals", "freeze", "ballot", "ballot", "ballot", "close", "result"]
    assert chain.verify(records(walked)) == []


def test_the_first_record_fixes_every_rule(cast, open_round):
    rules = content(records(open_round)[0])
    assert set(Round.RULES) <= rules.keys()
    assert rules["budget"] == 1200
    assert rules["rule"] == "equalshares/add1"


def test_the_electorate_is_in_the_chain_under_pseudonyms_alone(open_round):
    frozen = records(open_round)[2]
    assert content(frozen)["voters"] == sorted(RoundVoter.objects.values_list("pseudonym", flat=True))
    for name in RoundVoter.objects.values_list("name", flat=True):
        assert name not in "".join(each.body for each in records(open_round))


def test_two_rounds_have_different_pseudonyms(cast, open_round):
    other = make_open_round(cast, costs=(410, 510, 610))
    names = [set(each.voters.values_list("pseudonym", flat=True)) for each in (open_round, other)]
    assert not names[0] & names[1]


def test_the_record_of_a_ballot_says_nothing_about_its_content(cast, open_round):
    ballot = vote(open_round, cast.leyla, 0, 1, 2)
    said = content(ballot.record)
    assert said.keys() == {"kind", "sequence", "voter", "version", "commitment"}
    opened = {"voter": ballot.voter.pseudonym, "version": 1, "nonce": ballot.nonce}
    codes = sorted(open_round.items.filter(pk__in=ballot.approvals).values_list("code", flat=True))
    line = chain.canonical(opened | {"choice": {"items": codes}})
    assert said["commitment"] == hashlib.sha256(line.encode()).hexdigest()


def test_the_same_ballot_cast_twice_has_two_commitments(cast, open_round):
    first, second = (vote(open_round, cast.leyla, 0, 1, 2) for _ in range(2))
    assert first.nonce != second.nonce
    assert content(first.record)["commitment"] != content(second.record)["commitment"]


def test_the_closing_record_counts_the_ballots(walked):
    closed = next(each for each in records(walked) if each.kind == "close")
    assert (content(closed)["ballots"], content(closed)["voters"]) == (3, 2)


def test_the_digest_can_be_computed_without_the_portal(walked):
    before = "0" * 64
    for each in records(walked):
        before = hashlib.sha256((before + each.body).encode()).hexdigest()
    assert before == head_of(walked)


def tamperings(honest):
    first, *rest = honest
    yield "a changed text", [replace(first, body=first.body.replace("1200", "1300")), *rest]
    forged = first.body.replace("1200", "1300")
    yield "a changed text with its digest", [
        replace(first, body=forged, digest=chain.digest_of(first.previous, forged)), *rest
    ]  # fmt: skip
    yield "a dropped record", [*honest[:4], *honest[5:]]
    yield "a dropped beginning", honest[1:]
    yield "a doubled record", [*honest[:5], honest[4], *honest[5:]]
    yield "two records in the other order", [*honest[:3], honest[4], honest[3], *honest[5:]]
    yield "another kind", [*honest[:3], replace(honest[3], kind="close"), *honest[4:]]
    yield "a text in another form", [replace(first, body=first.body.replace(",", ", ", 1)), *rest]


def test_every_tampering_is_found(walked):
    honest = lines(walked)
    assert chain.verify(honest) == []
    assert [name for name, forged in tamperings(honest) if not chain.verify(forged)] == []


def test_a_whole_forged_chain_is_found_by_its_grammar(walked):
    """Somebody leaves a ballot out and computes every digest anew."""
    kept = [each for each in lines(walked) if each.sequence != 4]
    forged, before = [], chain.NOTHING
    for place, each in enumerate(kept, start=1):
        body = chain.canonical(json.loads(each.body) | {"sequence": place})
        forged.append(Line(place, each.kind, body, before, chain.digest_of(before, body)))
        before = forged[-1].digest
    assert [each.code for each in chain.verify(forged)] == ["count"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE voting_chainrecord SET body = '{}'",
        "UPDATE voting_chainrecord SET digest = previous WHERE sequence = 2",
        "DELETE FROM voting_chainrecord WHERE sequence = 3",
    ],
)
def test_the_database_refuses_to_change_the_chain(open_round, statement):
    with (
        pytest.raises(DatabaseError, match="append_only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.parametrize(
    "table",
    ["round", "rounditem", "roundvoter", "track", "chainrecord", "ballot", "delegation", "objection", "result",
     "trackresult", "resultitem", "purse", "proofkit"],
)  # fmt: skip
def test_the_database_refuses_to_empty_what_was_hashed(open_round, table):
    with connection.cursor() as cursor:
        # Foreign keys that wait for the end of the transaction would refuse it before.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match="is emptied"), transaction.atomic():
            cursor.execute(f"TRUNCATE voting_{table} CASCADE")
    assert open_round.records.count() == 3


@pytest.mark.parametrize("forged", ["sequence", "previous", "digest", "kind", "order"])
def test_the_database_refuses_a_record_that_does_not_follow(open_round, forged):
    body = chain.body_of(4, chain.BALLOT, {"voter": "x", "version": 1, "commitment": "y"})
    head = head_of(open_round)
    row = {
        "sequence": 4,
        "kind": chain.BALLOT,
        "body": body,
        "previous": head,
        "digest": chain.digest_of(head, body),
    }
    row |= {
        "sequence": {"sequence": 5},
        "previous": {"previous": chain.NOTHING, "digest": chain.digest_of(chain.NOTHING, body)},
        "digest": {"digest": "f" * 64},
        "kind": {"kind": chain.CLOSE},
        "order": {},
    }[forged]
    if forged == "order":
        row["body"] = chain.body_of(4, chain.RESULT, {})
        row |= {"kind": chain.RESULT, "digest": chain.digest_of(head, row["body"])}
    with pytest.raises(IntegrityError, match="does not follow"), transaction.atomic():
        ChainRecord.objects.create(round=open_round, **row)
    assert len(records(open_round)) == 3


def test_nothing_follows_a_closing_but_the_result(cast, open_round):
    close(open_round, cast.mira)
    with pytest.raises(IntegrityError, match="does not follow"), transaction.atomic():
        append(open_round, chain.BALLOT, voter="x", version=1, commitment="y")


def test_a_ballot_without_its_record_is_none(leyla, open_round):
    voter = RoundVoter.objects.filter(round=open_round)[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        Ballot.objects.create(voter=voter, version=1, approvals=[1], cast_by=leyla)
