"""Pabulib files through the commands."""

import json
import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from tests.voting.test_pabulib import CUMULATIVE, GOOD
from voting.models import ImportedElection, Round


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.pb"
    path.write_text(GOOD.replace("70,5", "70"))
    return path


def run(*arguments: str) -> subprocess.CompletedProcess:
    """The command in a process of its own whose database does not exist."""
    surroundings = os.environ | {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=surroundings,
    )


def test_a_file_is_tallied_without_a_database(small):
    done = run("tally", "--pb", str(small), "--json", "--confirm")
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert shown["winners"] == ["a", "b"]
    assert shown["official"] == "same"


def test_a_wrong_file_is_refused_with_line_and_reason(tmp_path):
    path = tmp_path / "broken.pb"
    path.write_text(GOOD.replace("z;b,c", "z;b,d"))
    done = run("tally", "--pb", str(path), "--json")
    assert done.returncode == 1
    assert f"{path}:" in done.stderr
    assert "25:" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("rule", ["equalshares/add1", "add1u", "greedy"])
@pytest.mark.parametrize("utility", ["cost", "cardinality", "points"])
def test_every_rule_and_utility_is_at_hand(tmp_path, capsys, rule, utility):
    path = tmp_path / "points.pb"
    path.write_text(CUMULATIVE)
    call_command("tally", pb=str(path), rule=rule, utility=utility, json=True)
    shown = json.loads(capsys.readouterr().out)
    assert (shown["rule"], shown["utility"]) == (rule, utility)


def test_the_plain_text_names_the_winners(small, capsys):
    call_command("tally", pb=str(small))
    text = capsys.readouterr().out
    assert "2 winners of 3" in text
    assert "Prüfberichte" in text


def test_an_unresolved_tie_is_said(tmp_path):
    path = tmp_path / "tie.pb"
    path.write_text(
        "META\nkey;value\nnum_projects;2\nnum_votes;1\nbudget;10\nvote_type;approval\n"
        "PROJECTS\nproject_id;cost\na;10\nb;10\nVOTES\nvoter_id;vote\nx;a,b\n"
    )
    with pytest.raises(CommandError, match="unresolved tie between a, b"):
        call_command("tally", pb=str(path))


@pytest.mark.django_db
def test_an_import_becomes_a_counted_round(client, leyla, small, capsys):
    call_command("import_election", str(small))
    made = Round.objects.get()
    assert (made.kind, made.status) == (Round.Kind.IMPORTED, Round.Status.FINAL)
    assert set(made.result.items.filter(won=True).values_list("item__code", flat=True)) == {"a", "b"}
    assert made.get_absolute_url() in capsys.readouterr().out
    client.force_login(leyla)
    assert b"exactly the official winners" in client.get(f"{made.get_absolute_url()}result/").content
    assert client.get(made.get_absolute_url()).status_code == 200


@pytest.mark.django_db
def test_the_same_file_is_imported_once(small, tmp_path):
    call_command("import_election", str(small))
    copy = tmp_path / "copy.pb"
    copy.write_bytes(small.read_bytes())
    call_command("import_election", str(copy))
    assert Round.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [("70,5", "70,5", "whole numbers"), ("a;60", "a;-60", "not a number"), ("VOTES\n", "", "line 21")],
)
def test_a_file_that_does_not_fit_leaves_nothing_behind(tmp_path, old, new, said):
    path = tmp_path / "odd.pb"
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(CommandError, match=said):
        call_command("import_election", str(path))
    assert not Round.objects.exists()
    assert not ImportedElection.objects.exists()


@pytest.mark.django_db
def test_a_large_official_election_is_imported(client, leyla, pabulib_dir):
    call_command("import_election", str(pabulib_dir / "Poland_Wieliczka_2023_Green_Budget.pb"))
    made = Round.objects.get()
    assert made.result.items.filter(won=True).count() == 30
    assert made.result.voters == 6586
    client.force_login(leyla)
    assert b"exactly the official winners" in client.get(f"{made.get_absolute_url()}result/").content
