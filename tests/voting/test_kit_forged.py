"""A changed proof kit does not verify, and the right check says so, also when the forger corrects all sums and hashes."""

import io
import json
import pickle
import random
import zipfile
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

import pytest

from tests.voting.test_kit import KITS, codes, unpack
from voting import verify_round
from voting.kit import pack


@dataclass
class Forgery:
    """An unpacked kit to be changed."""

    chain: list
    ballots: list
    result: dict
    files: dict[str, bytes]

    @classmethod
    def of(cls, kit: bytes) -> "Forgery":
        files = unpack(kit)
        records = [json.loads(line) for line in files["chain.jsonl"].splitlines()]
        return cls(records, json.loads(files["ballots.json"]), json.loads(files["result.json"]), files)

    @property
    def closing(self) -> str:
        return next(record["digest"] for record in self.chain if record["body"]["kind"] == "close")

    def places(self, kind: str) -> list[int]:
        return [place for place, record in enumerate(self.chain) if record["body"]["kind"] == kind]

    def body(self, kind: str) -> dict:
        return self.chain[self.places(kind)[0]]["body"]

    def reseal(self) -> None:
        """Numbers and hashes the chain anew from end to end, as whoever owns the database could."""
        before = "0" * 64
        for place, record in enumerate(self.chain, start=1):
            record["body"]["sequence"] = place
            record["digest"] = before = verify_round.sha256(before + verify_round.canonical(record["body"]))
        self.result["head"] = before

    def packed(self) -> bytes:
        return pack({**self.files, **verify_round.written(self.chain, self.ballots, self.result)})


def edit_record(kit, chance):
    body = chance.choice(kit.chain)["body"]
    body[chance.choice(["at", "extra", "voter", "items"])] = chance.getrandbits(40)
    return {"CHAIN_HASH"}


def edit_digest(kit, chance):
    chance.choice(kit.chain)["digest"] = f"{chance.getrandbits(256):064x}"
    return {"CHAIN_HASH"}


def drop_record(kit, chance):
    kit.chain.pop(chance.randrange(1, len(kit.chain) - 1))
    return {"CHAIN_SEQUENCE"}


def duplicate_record(kit, chance):
    place = chance.randrange(1, len(kit.chain))
    kit.chain.insert(chance.randrange(place, len(kit.chain)) + 1, deepcopy(kit.chain[place]))
    return {"CHAIN_SEQUENCE"}


def reorder_records(kit, chance):
    one, other = chance.sample(range(1, len(kit.chain)), 2)
    kit.chain[one], kit.chain[other] = kit.chain[other], kit.chain[one]
    return {"CHAIN_SEQUENCE"}


def cut_the_beginning(kit, chance):
    del kit.chain[: chance.randint(1, len(kit.chain) - 1)]
    return {"CHAIN_START"}


def cut_the_end(kit, chance):
    del kit.chain[-chance.randint(1, len(kit.chain) - 1) :]
    return {"CHAIN_END"}


def other_rule_resealed(kit, chance):
    kit.body("rules").update(
        chance.choice([{"rule": "greedy"}, {"rule": "add1u"}, {"utility": "cardinality"}])
    )
    kit.reseal()
    return {"RULE"}


def other_cost_resealed(kit, chance):
    chance.choice(kit.body("freeze")["items"])["cost"] += chance.randint(1, 50)
    kit.reseal()
    return {"PAPER"}


def other_budget_resealed(kit, chance):
    """The round's budget, of which an undivided round knows nothing else."""
    kit.body("rules")["budget"] = 1 + max(item["cost"] for item in kit.body("freeze")["items"])
    kit.reseal()
    return {"PAPER"} if kit.body("rules")["tracks"] else {"RESULT_SEALED"}


def other_lot_resealed(kit, chance):
    lots = kit.body("freeze")["lots"]
    one, other = chance.sample(range(len(lots)), 2)
    lots[one], lots[other] = lots[other], lots[one]
    kit.reseal()
    return {"LOT"}


def early_end_resealed(kit, chance):
    kit.body("close")["at"] = f"2026-03-{chance.randint(2, 30):02}T00:00:00.000000+00:00"
    kit.reseal()
    return {"DATES"}


def steps_reordered_resealed(kit, chance):
    close, ballot = kit.places("close")[0], chance.choice(kit.places("ballot"))
    kit.chain[close], kit.chain[ballot] = kit.chain[ballot], kit.chain[close]
    kit.reseal()
    return {"CHAIN_ORDER"}


def drop_a_recorded_ballot_resealed(kit, chance):
    """That of a voter who voted once, so that no version is missing."""
    names = [kit.chain[place]["body"]["voter"] for place in kit.places("ballot")]
    once = [name for name in names if names.count(name) == 1]
    kit.chain.pop(kit.places("ballot")[names.index(chance.choice(once))])
    kit.reseal()
    return {"CLOSE_COUNT"}


def drop_an_earlier_version_resealed(kit, chance):
    twice = [kit.chain[place]["body"] for place in kit.places("ballot")]
    later = chance.choice([body for body in twice if body["version"] == 2])
    first = next(body for body in twice if body["voter"] == later["voter"])
    kit.chain[:] = [record for record in kit.chain if record["body"] is not first]
    kit.body("close")["ballots"] -= 1
    kit.reseal()
    return {"VERSION"}


def add_a_voter_resealed(kit, chance):
    stranger = {"kind": "ballot", "sequence": 0, "voter": f"{chance.getrandbits(60):015x}", "version": 1}
    kit.chain.insert(kit.places("close")[0], {"body": {**stranger, "commitment": "0" * 64}, "digest": ""})
    kit.body("close")["ballots"] += 1
    kit.body("close")["voters"] += 1
    kit.reseal()
    return {"ELECTORATE"}


def hide_the_last_version_resealed(kit, chance):
    """Records a new version of somebody's ballot and still opens the one before."""
    voter = chance.choice(kit.ballots)
    newer = {"kind": "ballot", "sequence": 0, "voter": voter["voter"], "version": voter["version"] + 1}
    kit.chain.insert(kit.places("close")[0], {"body": {**newer, "commitment": "0" * 64}, "digest": ""})
    kit.body("close")["ballots"] += 1
    kit.reseal()
    return {"BALLOT_OLD"}


def edit_ballot(kit, chance):
    ballot = chance.choice(kit.ballots)
    what = chance.choice(["nonce", "version", "choice"])
    if what == "nonce":
        ballot["nonce"] = f"{chance.getrandbits(128):032x}"
    elif what == "version":
        ballot["version"] += 1
    else:
        ballot["choice"]["items"].pop()
    return {"BALLOT_SEALED"}


def drop_ballot(kit, chance):
    kit.ballots.pop(chance.randrange(len(kit.ballots)))
    return {"BALLOT_MISSING"}


def duplicate_ballot(kit, chance):
    kit.ballots.insert(chance.randrange(len(kit.ballots)), deepcopy(chance.choice(kit.ballots)))
    return {"BALLOT_TWICE"}


def reorder_ballots(kit, chance):
    one, other = chance.sample(range(len(kit.ballots)), 2)
    kit.ballots[one], kit.ballots[other] = kit.ballots[other], kit.ballots[one]
    return {"BALLOT_ORDER"}


def unlawful_ballot_resealed(kit, chance):
    ballot = chance.choice(kit.ballots)
    choice = ballot["choice"]
    ways = [{"items": [], "points": []}, {"items": ["unknown"], "points": [1]}]
    ways.append({name: [*values, values[0]] for name, values in choice.items()})
    if "points" in choice:
        size = len(choice["items"])
        ways += [{"points": [0] * size}, {"points": [101] * size}, {"points": [1] * (size + 1)}]
    made = chance.choice(ways)
    choice.update({name: values for name, values in made.items() if name in choice})
    for place in kit.places("ballot"):
        body = kit.chain[place]["body"]
        if (body["voter"], body["version"]) == (ballot["voter"], ballot["version"]):
            body["commitment"] = verify_round.sha256(verify_round.canonical(ballot))
    kit.reseal()
    return {"BALLOT"}


def other_sealed_result(kit, chance):
    told = kit.body("result")
    told[chance.choice(["spent", "runs", "ballots"])] += 1
    kit.reseal()
    return {"RESULT_SEALED"}


def funded(kit, chance):
    return chance.choice([part for part in kit.result["parts"] if part["steps"]])


def other_winners(kit, chance):
    winners = funded(kit, chance)["winners"]
    winners.pop(chance.randrange(len(winners)))
    return {"WINNERS"}


def other_payment(kit, chance):
    paid = chance.choice(funded(kit, chance)["steps"])["payments"]
    paid[chance.choice(list(paid))] = str(chance.randint(10_000, 99_999))
    return {"PAYMENTS"}


def other_price(kit, chance):
    step = chance.choice(funded(kit, chance)["steps"])
    step[chance.choice(["price", "votes"])] = str(chance.randint(10_000, 99_999))
    return {"STEPS"}


def other_export(kit, chance):
    name = chance.choice([name for name in kit.files if name.endswith(".pb")])
    lines = kit.files[name].decode().splitlines()
    place = chance.randrange(len(lines))
    lines[place] = lines[place] + chance.choice(["1", ";", "x"])
    kit.files[name] = "\n".join(lines).encode()
    return {"PB"}


CHANGES: list[Callable[..., set[str]]] = [
    edit_record, edit_digest, drop_record, duplicate_record, reorder_records, cut_the_beginning, cut_the_end,
    other_rule_resealed, other_cost_resealed, other_budget_resealed, other_lot_resealed, early_end_resealed,
    steps_reordered_resealed, drop_a_recorded_ballot_resealed, drop_an_earlier_version_resealed,
    add_a_voter_resealed, hide_the_last_version_resealed, edit_ballot, drop_ballot, duplicate_ballot,
    reorder_ballots, unlawful_ballot_resealed, other_sealed_result, other_winners, other_payment, other_price,
    other_export,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_every_forgery_is_found_by_the_right_check_even_with_correct_sums(change):
    # Read back several times as fast as a deep copy is made.
    honest = {name: pickle.dumps(Forgery.of(kit)) for name, kit in KITS.items()}
    for seed in range(15):
        for name, whole in honest.items():
            forged = pickle.loads(whole)
            expected = change(forged, random.Random(seed))
            assert codes(forged.packed()) == expected, (name, seed)


@pytest.mark.parametrize(
    "change",
    [change for change in CHANGES if "resealed" in change.__name__],
    ids=lambda change: change.__name__,
)
def test_whoever_seals_the_chain_anew_is_found_by_the_closing_hash(change):
    for kit in KITS.values():
        forged = Forgery.of(kit)
        announced = forged.closing
        change(forged, random.Random(1))
        assert "CLOSING_OTHER" in codes(forged.packed(), announced)


def test_a_changed_byte_anywhere_is_found():
    chance = random.Random(7)
    for kit in KITS.values():
        files = unpack(kit)
        honest = verify_round.sums(files)
        for _ in range(50):
            name = chance.choice(sorted(files))
            data = bytearray(files[name])
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as archive:
                for each, content in {**files, name: bytes(data), verify_round.SUMS: honest}.items():
                    archive.writestr(each, content)
            assert "CHECKSUM" in codes(out.getvalue()), name


def test_a_kit_cut_off_at_either_end_is_found():
    chance = random.Random(8)
    kit = KITS["approval"]
    for _ in range(50):
        cut = chance.randrange(1, len(kit) - 1)
        assert codes(kit[:cut]) == {"KIT_UNREADABLE"}
        # A zip is read from its end: bytes missing at the beginning make it unreadable or leave files out.
        assert codes(kit[cut:]) & {"KIT_UNREADABLE", "FILES"}


def test_a_file_too_few_or_too_many_is_found():
    for kit in KITS.values():
        files = unpack(kit)
        assert codes(pack({**files, "note.txt": b"?"})) == {"FILES"}
        for name in files:
            assert codes(pack({other: data for other, data in files.items() if other != name})) == {"FILES"}


@pytest.mark.parametrize("name", ["chain.jsonl", "ballots.json", "result.json"])
def test_what_is_no_canonical_text_is_refused(name):
    files = unpack(KITS["points in tracks"])
    for text in (
        b"",
        b"{}",
        b"[[[[",
        files[name] + b" ",
        files[name].replace(b'":', b'": ', 1),
        b"\xff" + files[name],
    ):
        # A chain without records ends too early.
        assert codes(pack({**files, name: text})) == {
            "FORMAT" if text or name != "chain.jsonl" else "CHAIN_END"
        }
