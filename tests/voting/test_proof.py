"""The kit of a real round: it proves the chain that the portal sealed, for every kind of round and whatever happened."""

import hashlib
import io
import json
import random
import zipfile
from functools import partial

import pgtrigger
import pytest
from pabulib.checker import Checker

from accounts.models import Organisation, User
from portfolio.models import ModelProposal
from tests.voting.factories import (
    close,
    close_and_count,
    codes_of,
    make_firm,
    make_proposal,
    make_round,
    vote,
)
from tests.voting.test_objections import end_objections
from tests.voting.test_pabulib import GOOD
from tests.voting.worlds import CAST
from tests.world import World
from voting import chain, pabulib, verify_round
from voting.actions import VoteRefused
from voting.actions.ballots import cast_ballot
from voting.actions.delegations import accept_delegation, ask_delegate
from voting.actions.imports import import_election
from voting.actions.objections import decide_objection, file_objection, finalise_round
from voting.actions.results import tally_round
from voting.actions.steps import open_round
from voting.actions.tracks import TrackPlan, divide_round
from voting.kit import NoProof
from voting.models import Ballot, ChainRecord, ProofKit, Round, RoundVoter
from voting.proof import closing_of, find_kit, make_kit
from voting.receipts import receipt_of

COSTS = (301, 312, 323, 334, 445, 456)


def files_of(kit: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(kit)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def counted_round(cast, **content) -> Round:
    """Leyla voted twice, Stefan once; closed early and counted."""
    made = open_round(by=cast.mira, voting_round=make_round(cast, **content))
    vote(made, cast.leyla, 1, 2, 3)
    vote(made, cast.leyla, 0, 1, 2)
    vote(made, cast.stefan, 0, 1, 3)
    return close_and_count(made, cast.mira)


def offer(cast) -> tuple[list[User], list[list[ModelProposal]]]:
    """Eight more firms, and proposals for two rounds."""
    firms = [make_firm(f"Werk {number}") for number in range(8)]
    return firms, [[make_proposal(cast, cost) for cost in COSTS] for _ in range(2)]


offered = World(offer, upon=CAST).fixture()
final = World(counted_round, upon=CAST).fixture()
preliminary = World(partial(counted_round, objection_days=14), upon=CAST).fixture()


def random_choice(chance, codes_by_track, pointed):
    """A lawful ballot: in some tracks three items or more."""
    chosen = {}
    for codes in chance.sample(codes_by_track, chance.randint(1, len(codes_by_track))):
        named = chance.sample(codes, chance.randint(3, len(codes)))
        chosen.update({code: chance.choice((1, 2, 2, 3)) if len(named) < 4 else 1 for code in named})
    return {"points": chosen} if pointed else {"approvals": list(chosen)}


@pytest.mark.parametrize("divided", [False, True], ids=["undivided", "in tracks"])
@pytest.mark.parametrize("pointed", [False, True], ids=["approval", "points"])
def test_the_kit_of_every_kind_of_round_verifies(cast, offered, pointed, divided):
    utility = Round.Utility.POINTS if pointed else Round.Utility.COST
    made, offers = offered
    firms = [*made, cast.leyla, cast.stefan, cast.ines]
    for seed, proposals in enumerate(offers):
        chance = random.Random(seed)
        draft = make_round(
            cast, proposals=proposals, utility=utility, delegation=True, budget=1300, objection_days=14
        )
        codes = codes_of(draft)
        parts = [codes[:3], codes[3:]] if divided else [codes]
        if divided:
            plans = [TrackPlan("Klein", 600, [], parts[0]), TrackPlan("Alle", 700, [], parts[1])]
            divide_round(by=cast.mira, voting_round=draft, plans=plans)
        opened = open_round(by=cast.mira, voting_round=draft)
        giver, holder, *others = chance.sample(firms, len(firms))
        asked = ask_delegate(
            by=giver,
            voting_round=opened,
            delegate=RoundVoter.objects.get(round=opened, organisation=holder.representing),
        )
        accept_delegation(by=holder, delegation=asked)
        for firm in [holder, *chance.choices(others, k=chance.randint(2, 16))]:
            cast_ballot(by=firm, voting_round=opened, **random_choice(chance, parts, pointed))
        close(opened, cast.mira)
        tally_round(by=cast.mira, voting_round=opened)
        opened.refresh_from_db()
        kit = find_kit(opened)
        assert verify_round.check(kit.data, closing_of(opened)) == [], seed
        assert make_kit(opened).data == kit.data
        files = files_of(kit.data)
        told = json.loads(files["result.json"])
        won = {code for part in told["parts"] for code in part["winners"]}
        assert won == set(opened.result.items.filter(won=True).values_list("item__code", flat=True))
        exports = [name for name in files if name.endswith(".pb")]
        assert len(exports) == len(parts)
        for name in exports:
            reports = Checker().process_files([files[name].decode()])
            found = next(each for label, each in reports.items() if label not in ("metadata", "summary"))
            assert isinstance(found["results"], str) or not found["results"]["errors"], (seed, name)
    assert Ballot.objects.filter(copied_from__isnull=False).exists()


def test_the_chain_in_the_kit_is_the_one_on_the_board(final):
    lines = files_of(find_kit(final).data)["chain.jsonl"].decode().splitlines()
    sealed = ChainRecord.objects.filter(round=final).order_by("sequence").exclude(kind=chain.FINAL)
    assert [json.loads(line)["digest"] for line in lines] == [record.digest for record in sealed]
    assert all(record.body in line for record, line in zip(sealed, lines, strict=True))


def test_every_organisation_finds_the_line_of_its_receipt(final):
    lines = files_of(find_kit(final).data)["ballots.json"].decode().splitlines()
    current = Ballot.objects.filter(voter__round=final).current().select_related("voter__round")
    receipts = [receipt_of(ballot) for ballot in current]
    assert {receipt.line for receipt in receipts} == {line.removesuffix(",") for line in lines[1:-1]}
    assert all(hashlib.sha256(each.line.encode()).hexdigest() == each.commitment for each in receipts)


def test_the_kit_names_nobody_and_opens_no_earlier_version(final):
    files = files_of(find_kit(final).data)
    text = b"".join(data for name, data in files.items() if name != "protocol.pdf")
    for organisation in Organisation.objects.exclude(name="CESAI"):
        assert organisation.name.encode() not in text
    earlier = Ballot.objects.get(voter__round=final, voter__ballots__version=2, version=1)
    assert earlier.nonce.encode() not in text


def test_a_final_round_has_one_kit_for_ever_and_the_last_record_names_it(final):
    kit, last = ProofKit.objects.get(round=final), ChainRecord.objects.get(round=final, kind=chain.FINAL)
    assert json.loads(last.body)["kit"] == kit.sha256 == hashlib.sha256(bytes(kit.data)).hexdigest()
    assert verify_round.check(bytes(kit.data), closing_of(final), kit.sha256) == []
    assert find_kit(final).is_archived


def test_before_the_end_of_objections_the_kit_is_preliminary_and_grows_with_them(cast, preliminary):
    first = find_kit(preliminary)
    assert not first.is_archived
    assert not ProofKit.objects.exists()
    objection = file_objection(by=cast.leyla, voting_round=preliminary, text="Der Preis war falsch.")
    decide_objection(by=cast.mira, objection=objection, uphold=False, reason="Er war richtig.")
    later = find_kit(preliminary)
    assert first.closing == later.closing == closing_of(preliminary)
    assert [verify_round.check(kit.data, kit.closing) for kit in (first, later)] == [[], []]
    kinds = [json.loads(line)["body"]["kind"] for line in files_of(later.data)["chain.jsonl"].splitlines()]
    assert kinds[-3:] == ["result", "objection", "decision"]


@pytest.mark.parametrize("changed", [{"nonce": "0" * 32}, {"version": 7}])
def test_a_changed_database_gives_no_kit_and_no_final_result(cast, preliminary, changed):
    """Somebody who may drop the triggers changes a ballot after it was sealed."""
    ours = Ballot.objects.filter(voter__round=preliminary, version=2)
    with pgtrigger.ignore("voting.Ballot:append_only"):
        ours.update(**changed)
    with pytest.raises(NoProof, match="not the one that was recorded"):
        make_kit(preliminary)
    end_objections(preliminary)
    with pytest.raises(VoteRefused, match="can not become final: a ballot is not the one"):
        finalise_round(by=cast.mira, voting_round=preliminary)


def test_everybody_downloads_the_archived_kit(client, cast, final):
    address = f"/voting/{final.slug}/kit/"
    for name in (None, "gast", "jonas", "frank"):
        if name:
            client.force_login(getattr(cast, name))
        response = client.get(address)
        assert response["Content-Type"] == "application/zip"
        assert response.content == bytes(final.kit.data)


def test_the_preliminary_kit_is_for_members_and_cesai(client, cast, preliminary):
    address = f"/voting/{preliminary.slug}/kit/"
    assert client.get(address).status_code == 302
    client.force_login(cast.gast)
    assert client.get(address).status_code == 403
    client.force_login(cast.jonas)
    response = client.get(address)
    assert "preliminary" in response["Content-Disposition"]
    assert verify_round.check(response.content) == []


def test_there_is_no_kit_of_a_round_without_a_result(client, cast, preliminary):
    from voting.actions.steps import cancel_round

    client.force_login(cast.mira)
    cancel_round(by=cast.mira, voting_round=preliminary, reason="Der Preis war falsch.")
    draft = make_round(cast)
    for slug in (preliminary.slug, draft.slug, "unknown"):
        assert client.get(f"/voting/{slug}/kit/").status_code == 404


def test_round_result_and_board_offer_kit_and_closing_hash(client, cast, final):
    client.force_login(cast.leyla)
    for address in (
        f"/voting/{final.slug}/",
        f"/voting/{final.slug}/result/",
        f"/voting/{final.slug}/board/",
    ):
        page = client.get(address).content.decode()
        assert closing_of(final) in page, address
        assert f'href="/voting/{final.slug}/kit/"' in page, address
        assert f'href="/voting/{final.slug}/board/' in page, address


def test_visitors_of_the_board_read_that_the_kit_comes_when_the_result_is_final(client, cast, preliminary):
    page = client.get(f"/voting/{preliminary.slug}/board/").content.decode()
    assert closing_of(preliminary) in page
    assert f'href="/voting/{preliminary.slug}/kit/"' not in page
    assert "once the result is final" in page


def test_an_imported_election_says_why_it_has_no_kit_and_how_to_count_it(client, cast):
    file = pabulib.parse(GOOD.replace("70,5", "70").encode())
    made, _ = import_election(by=cast.mira, file=file, file_name="small.pb", sha256="ab" * 32)
    client.force_login(cast.leyla)
    page = client.get(f"/voting/{made.slug}/result/").content.decode()
    assert "there is no proof kit" in page
    assert "ab" * 32 in page
    assert client.get(f"/voting/{made.slug}/kit/").status_code == 404
