"""Real elections: the official winners, and those that another implementation found."""

import json

import pytest

from voting import pabulib
from voting.tally import reference, tally

OFFICIAL = {
    "Poland_Wieliczka_2023_Green_Budget.pb": 30,
    "Poland_Swiecie_2023.pb": 17,
    "Netherlands_Assen_2024.pb": 9,
}


@pytest.mark.parametrize(("name", "winners"), OFFICIAL.items())
def test_official_winners_are_reproduced(pabulib_dir, name, winners):
    file = pabulib.read(pabulib_dir / name)
    result = tally(file.election(), "equalshares/add1")
    assert len(result.winners) == winners
    assert set(result.winners) == file.selected


def test_both_engines_agree_on_a_whole_official_election(pabulib_dir):
    election = pabulib.read(pabulib_dir / "Netherlands_Assen_2024.pb").election()
    reference.confirm(election, tally(election))


@pytest.mark.slow
def test_all_published_elections_have_the_expected_winners(pabulib_dir):
    expected = json.loads((pabulib_dir / "expected.json").read_text())
    assert len(expected) == 120
    differences = []
    for case in expected:
        file = pabulib.read(pabulib_dir / case["file"])
        result = tally(file.election(), case["rule"], case["utility"])
        if sorted(result.winners) != case["winners"] or result.spent != case["cost"]:
            differences.append(case["file"])
    assert not differences


@pytest.mark.slow
def test_every_published_file_survives_being_written_and_read_again(pabulib_dir):
    for path in sorted(pabulib_dir.glob("*.pb")):
        if path.stat().st_size < 100_000:
            file = pabulib.read(path)
            again = pabulib.parse(pabulib.write(file).encode())
            assert again.ballots == file.ballots, path.name
            assert again.selected == file.selected, path.name
            assert [(p.id, p.cost, p.name) for p in again.projects] == [
                (p.id, p.cost, p.name) for p in file.projects
            ], path.name
