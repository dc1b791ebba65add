"""The proof kit: whole it verifies, here and by a foreign program; changed it does not, and the right check says so."""

import io
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from copy import deepcopy

import pytest
from django.core.management import CommandError, call_command
from pabulib.checker import Checker

from tests.voting.test_explain import portal_round
from voting import verify_round
from voting.kit import Frame, build, chain, pack
from voting.tally import Ballot, Election, TieUnresolved, tally

SECRET = b"a secret of this round only"


def kit_of(election: Election) -> bytes:
    titles = {item.id: f"Modell {item.id}; „groß“" for item in election.items}
    frame = Frame("Runde 2026", "GPU-h", 1, "2026-03-01T08:00:00+00:00", "2026-03-31T16:00:00+00:00", titles)
    return build(frame, election, tally(election), SECRET)


def unpack(kit: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(kit)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != verify_round.SUMS}


def foreign_errors(text: str) -> dict:
    results = Checker().process_files([text])
    report = next(report for name, report in results.items() if name not in ("metadata", "summary"))[
        "results"
    ]
    return report["errors"] if isinstance(report, dict) else {}


KIT = kit_of(portal_round(12, 6, 4000, 3))


def codes(kit: bytes, announced: str | None = None) -> set[str]:
    return {code for code, _ in verify_round.check(kit, announced)}


def test_a_whole_kit_passes():
    assert codes(KIT) == set()


def test_the_verifier_runs_alone(tmp_path):
    (tmp_path / "kit.zip").write_bytes(KIT)
    (tmp_path / "verify_round.py").write_bytes(unpack(KIT)["verify_round.py"])
    done = subprocess.run(
        [sys.executable, "-I", "-S", "verify_round.py", "kit.zip"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "All checks hold" in done.stdout


def test_the_command_verifies_a_kit_and_names_what_is_wrong(tmp_path, capsys):
    whole, broken = tmp_path / "kit.zip", tmp_path / "broken.zip"
    whole.write_bytes(KIT)
    broken.write_bytes(KIT[:-30])
    call_command("verify_round", whole)
    assert "All checks hold" in capsys.readouterr().out
    with pytest.raises(CommandError, match="KIT_UNREADABLE"):
        call_command("verify_round", broken)


def test_order_of_ballots_does_not_change_a_byte():
    election = portal_round(12, 6, 4000, 3)
    chance = random.Random(1)
    for _ in range(20):
        ballots, items = list(election.ballots), list(election.items)
        chance.shuffle(ballots)
        chance.shuffle(items)
        shuffled = [Ballot(each.voter, tuple(chance.sample(each.items, len(each.items)))) for each in ballots]
        assert kit_of(Election(election.budget, tuple(items), tuple(shuffled))) == KIT


def test_a_kit_made_anew_has_another_closing_hash():
    announced = json.loads(unpack(KIT)["chain.json"])["closing"]["hash"]
    other = kit_of(portal_round(12, 6, 4000, 4))
    assert codes(KIT, announced) == set()
    assert codes(other, announced) == {"CLOSING_OTHER"}


type Parts = dict[str, object]


def edit_ballot(parts, chance):
    ballot = chance.choice(parts["ballots.json"])
    known = [item["id"] for item in parts["round.json"]["items"]]
    ballot["items"] = [
        id for id in known if (id in ballot["items"]) != (id == chance.choice(known))
    ] or known[:1]
    ballot["nonce"] = f"{chance.getrandbits(128):032x}"
    return "CHAIN_BALLOT"


def drop_ballot(parts, chance):
    parts["ballots.json"].pop(chance.randrange(len(parts["ballots.json"])))
    return "CHAIN_COUNT"


def duplicate_ballot(parts, chance):
    ballots = parts["ballots.json"]
    ballots.insert(chance.randrange(len(ballots)), deepcopy(chance.choice(ballots)))
    return "VOTER_TWICE"


def reorder_ballots(parts, chance):
    ballots = parts["ballots.json"]
    one, other = chance.sample(range(len(ballots)), 2)
    ballots[one], ballots[other] = ballots[other], ballots[one]
    return "CHAIN_ORDER"


def other_rule(parts, chance):
    parts["round.json"]["rule"] = chance.choice(["greedy", "add1u", "equalshares"])
    return "RULE"


def other_frame(parts, chance):
    rules = parts["round.json"]
    item = chance.choice(rules["items"])
    what = chance.choice(["budget", "cost", "closes_at"])
    if what == "cost":
        item["cost"] += chance.randint(1, 50)
    elif what == "budget":
        rules["budget"] += chance.randint(1, 50)
    else:
        rules["closes_at"] = "2026-04-01T00:00:00+00:00"
    return "GENESIS"


def cut_the_end(parts, chance):
    cut = chance.randint(1, 5)
    del parts["ballots.json"][-cut:], parts["chain.json"]["records"][-cut:]
    return "CLOSING"


def cut_the_beginning(parts, chance):
    cut = chance.randint(1, 5)
    del parts["ballots.json"][:cut], parts["chain.json"]["records"][:cut]
    return "CHAIN_START"


def edit_record(parts, chance):
    chance.choice(parts["chain.json"]["records"][1:])["hash"] = f"{chance.getrandbits(256):064x}"
    return "CHAIN_LINK"


def other_winners(parts, chance):
    winners = parts["result.json"]["winners"]
    winners.pop(chance.randrange(len(winners)))
    return "WINNERS"


def other_payment(parts, chance):
    paid = chance.choice(parts["result.json"]["steps"])["payments"]
    paid[chance.choice(list(paid))] = str(chance.randint(10_000, 99_999))
    return "PAYMENTS"


def other_price(parts, chance):
    chance.choice(parts["result.json"]["steps"])["price"] = str(chance.randint(10_000, 99_999))
    return "STEPS"


CHANGES: list[Callable[..., str]] = [
    edit_ballot, drop_ballot, duplicate_ballot, reorder_ballots, other_rule, other_frame, cut_the_end,
    cut_the_beginning, edit_record, other_winners, other_payment, other_price,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_every_forgery_is_found_by_the_right_check_even_with_correct_sums(change):
    files = unpack(KIT)
    parts = {name: json.loads(data) for name, data in files.items() if name.endswith(".json")}
    for seed in range(90):
        forged = deepcopy(parts)
        expected = change(forged, random.Random(seed))
        changed = {name: verify_round.canonical(part) for name, part in forged.items()}
        assert expected in codes(pack({**files, **changed})), seed


def test_a_changed_byte_anywhere_is_found():
    files = unpack(KIT)
    chance = random.Random(7)
    honest = verify_round.sums(files)
    for _ in range(100):
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
    for _ in range(50):
        cut = chance.randrange(1, len(KIT) - 1)
        assert codes(KIT[:cut]) & {"KIT_UNREADABLE"}
        # A zip is read from its end: bytes missing at the beginning make it unreadable or leave files out.
        assert codes(KIT[cut:]) & {"KIT_UNREADABLE", "FILES"}


def test_a_pabulib_file_that_says_something_else_is_found():
    files = unpack(KIT)
    text = files["round.pb"].decode()
    assert codes(pack({**files, "round.pb": text.replace("budget;4000", "budget;4001").encode()})) == {"PB"}


def test_a_file_too_few_or_too_many_is_found():
    files = unpack(KIT)
    assert "FILES" in codes(pack({**files, "note.txt": b"?"}))
    del files["round.pb"]
    assert "FILES" in codes(pack(files))


def test_the_chain_binds_both_ends():
    made = chain({"a": 1}, [])
    assert made["closing"] == {"count": 0, "hash": verify_round.closing(made["genesis"], 0)}


def accepted(rounds: int) -> int:
    """How many random rounds gave a kit; each must pass here and in the foreign program."""
    made = 0
    for seed in range(rounds):
        chance = random.Random(seed)
        voters = chance.randint(10, 60)
        election = portal_round(
            voters, chance.randint(4, 15), max(4000, voters * chance.randint(60, 300)), seed
        )
        try:
            kit = kit_of(election)
        except TieUnresolved:
            continue
        made += 1
        assert codes(kit) == set(), seed
        assert foreign_errors(unpack(kit)["round.pb"].decode()) == {}, seed
    return made


def test_a_foreign_program_accepts_the_exported_rounds():
    assert accepted(8) == 8


@pytest.mark.slow
def test_a_foreign_program_accepts_two_hundred_rounds():
    assert accepted(210) >= 200
