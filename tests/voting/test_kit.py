"""The proof kit: whole it verifies, here and by a foreign program, and is the same whatever order it was made in."""

import io
import random
import subprocess
import sys
import zipfile

import pytest
from django.core.management import CommandError, call_command
from pabulib.checker import Checker

from benchmarks.rounds import exports, with_points
from benchmarks.sealed import seal, split
from voting import chain, pabulib, verify_round
from voting.kit import NoProof, account, build
from voting.tally import Ballot, Election, Item, tally


def drawn(voters: int, items: int, budget: int, seed: int) -> Election:
    """Random approvals; all costs differ."""
    chance = random.Random(seed)
    costs = chance.sample(range(10, 100), items)
    ballots = (chance.sample(range(items), chance.randint(3, items)) for _ in range(voters))
    return Election(
        budget,
        tuple(Item(f"p{place}", cost) for place, cost in enumerate(costs)),
        tuple(
            Ballot(f"v{number}", tuple(f"p{place}" for place in sorted(chosen)))
            for number, chosen in enumerate(ballots)
        ),
    )


ELECTION = drawn(12, 6, 160, 3)
POINTS = with_points(ELECTION, 3)
ROUNDS = {
    "approval": {None: ELECTION},
    "points": {None: POINTS},
    "approval in tracks": dict(split(drawn(14, 8, 300, 5), ("1-a", "2-b"))),
    "points in tracks": dict(split(with_points(drawn(14, 8, 300, 5), 5), ("1-a", "2-b"))),
}


def kit_of(elections, seed=3, **more) -> bytes:
    return build(account(*seal(elections, seed, changes=4, objections=2, **more)), b"%PDF")


def unpack(kit: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(kit)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != verify_round.SUMS}


def codes(kit: bytes, announced: str | None = None, checksum: str | None = None) -> set[str]:
    return {code for code, _ in verify_round.check(kit, announced, checksum)}


KITS = {name: kit_of(elections) for name, elections in ROUNDS.items()}
KIT = KITS["approval"]


@pytest.mark.parametrize("kit", KITS.values(), ids=KITS)
def test_a_whole_kit_passes(kit):
    assert verify_round.check(kit) == []


def test_both_programs_write_the_same_canonical_text():
    value = {"b": "ß„\n\u2028", "a": [1, None, True, {"y": "\x07", "x": -3}]}
    assert verify_round.canonical(value) == chain.canonical(value)


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
    wrong = subprocess.run(
        [sys.executable, "-I", "-S", "verify_round.py", "kit.zip", "--closing", "0" * 64],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (wrong.returncode, wrong.stdout.split(":")[0]) == (1, "CLOSING_OTHER")


@pytest.mark.parametrize(
    "arguments", [[], ["a", "b"], ["a", "--closing"], ["a", "--other", "b"], ["missing"]]
)
def test_wrong_use_is_said(arguments, capsys):
    assert verify_round.main(arguments) == 2
    assert capsys.readouterr().err


def test_the_command_verifies_a_kit_and_names_what_is_wrong(tmp_path, capsys):
    whole, broken = tmp_path / "kit.zip", tmp_path / "broken.zip"
    whole.write_bytes(KIT)
    broken.write_bytes(KIT[:-30])
    call_command("verify_round", whole)
    assert "All checks hold" in capsys.readouterr().out
    with pytest.raises(CommandError, match="KIT_UNREADABLE"):
        call_command("verify_round", broken)
    with pytest.raises(CommandError, match="CLOSING_OTHER"):
        call_command("verify_round", whole, closing="0" * 64)
    with pytest.raises(CommandError, match="KIT_OTHER"):
        call_command("verify_round", whole, checksum="0" * 64)


@pytest.mark.parametrize("name", ROUNDS)
def test_the_order_of_ballots_and_items_does_not_change_a_byte(name):
    records, openings = seal(ROUNDS[name], 3, changes=4, objections=2)
    for seed in range(20):
        shuffled = random.Random(seed).sample(openings, len(openings))
        assert build(account(records, shuffled), b"%PDF") == KITS[name]
    assert build(account(records, openings[::-1]), b"%PDF") == KITS[name]


@pytest.mark.parametrize("pointed", [False, True])
def test_the_verifier_counts_what_both_engines_count(pointed):
    """Money that a cost equals exactly, equal prices, many with nothing left: what a random round rarely has."""
    for seed in range(60):
        chance = random.Random(seed)
        items = tuple(Item(f"p{place}", cost) for place, cost in enumerate(chance.sample(range(1, 40), 6)))
        ballots = tuple(
            Ballot(f"v{number}", tuple(sorted(chance.sample([item.id for item in items], 3))))
            for number in range(chance.randint(0, 7))
        )
        election = Election(chance.randint(40, 90), items, ballots)
        election = with_points(election, seed) if pointed else election
        assert verify_round.check(kit_of({None: election}, seed)) == [], seed


def test_a_kit_made_anew_has_another_closing_hash_and_another_checksum():
    announced = account(*seal(ROUNDS["approval"], 3, changes=4, objections=2)).closing
    other = kit_of(ROUNDS["approval"], 4)
    assert codes(KIT, announced) == set()
    assert codes(other) == set()
    assert codes(other, announced) == {"CLOSING_OTHER"}
    assert codes(KIT, announced, verify_round.sha256(KIT)) == set()
    assert codes(other, None, verify_round.sha256(KIT)) == {"KIT_OTHER"}


def test_what_does_not_belong_together_makes_no_kit():
    records, openings = seal(ROUNDS["approval"], 3)
    with pytest.raises(NoProof, match="is not opened"):
        account(records, openings[1:])
    with pytest.raises(NoProof, match="does not reach the result"):
        account(records[:-1], openings)
    with pytest.raises(NoProof, match="not a rule"):
        account(seal(ROUNDS["approval"], 3, utility="cardinality")[0], openings)


def test_only_the_announced_end_or_a_reason_ends_a_voting():
    with pytest.raises(NoProof, match="closed before its announced end"):
        kit_of(ROUNDS["approval"], closes_at="2026-04-01T00:00:00.000000+00:00")


def foreign_errors(text: str) -> dict:
    results = Checker().process_files([text])
    report = next(report for name, report in results.items() if name not in ("metadata", "summary"))[
        "results"
    ]
    return report["errors"] if isinstance(report, dict) else {}


@pytest.mark.parametrize("name", ROUNDS)
def test_a_foreign_program_accepts_the_exported_files_and_ours_counts_them_alike(name):
    files = unpack(KITS[name])
    for part in account(*seal(ROUNDS[name], 3, changes=4, objections=2)).parts:
        text = files[part.plan["file"]]
        assert foreign_errors(text.decode()) == {}
        read = pabulib.parse(text)
        assert tally(read.election(), utility=read.default_utility).winners == part.outcome.winners
        assert read.selected == set(part.outcome.winners)


def test_a_foreign_program_accepts_rounds_that_fund_nothing_or_everything():
    nobody = Election(160, ELECTION.items, ())
    rich = Election(4000, ELECTION.items, ELECTION.ballots)
    for elections in ({None: nobody}, {None: rich}, {"a": nobody, "b": split_off(rich)}):
        kit = kit_of(elections)
        assert codes(kit) == set()
        for name, text in unpack(kit).items():
            assert not name.endswith(".pb") or foreign_errors(text.decode()) == {}


def split_off(election: Election) -> Election:
    """The same election with other names of its items."""
    items = tuple(each.__class__(f"x{each.id}", each.cost + 500) for each in election.items)
    ballots = tuple(each._replace(items=tuple(f"x{id}" for id in each.items)) for each in election.ballots)
    return Election(election.budget, items, ballots)


@pytest.mark.slow
def test_a_foreign_program_accepts_rounds_of_every_kind():
    """A few of those of `./run bench voting rounds`, which makes more than two hundred."""
    made, tied, refused = exports(range(3, 10))
    assert made >= 8
    assert (tied, refused) == (0, 0)
