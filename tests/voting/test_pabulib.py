"""Pabulib files: what is read, what is refused and where."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pabulib.checker import Checker

from tests.voting.strategies import elections
from voting import pabulib
from voting.pabulib import PabulibError, PabulibFile, Project, Reason
from voting.tally import Ballot, tally

GOOD = """META
key;value
description;Small
country;Germany
unit;Hürth
instance;2026
num_projects;3
num_votes;3
budget;100
vote_type;approval
rule;equalshares/add1
date_begin;01.03.2026
date_end;31.03.2026
currency;EUR
language;de
PROJECTS
project_id;cost;votes;name;selected
a;60;2;"Übersetzung; sicher";1
b;40.0;1;Prüfberichte;1
c;70,5;2;Angebote;0
VOTES
voter_id;vote;sector
x;a;chemistry
y;a,c;tools
z;b,c;tools
"""

CUMULATIVE = (
    GOOD.replace("approval", "cumulative")
    .replace("voter_id;vote;sector", "voter_id;vote;points")
    .replace("x;a;chemistry\ny;a,c;tools\nz;b,c;tools", "x;a;10\ny;a,c;4,6\nz;b,c;5,5")
)

# The open quotation mark in line 19 swallows everything that follows.
UNCLOSED = GOOD.replace("Prüfberichte", '"Prüfberichte') + "y" * 900_000 + "\n" + "y" * 900_000


def read(text: str) -> PabulibFile:
    return pabulib.parse(text.encode())


def test_a_file_becomes_an_election():
    file = read(GOOD)
    assert file.budget == 100
    assert file.projects[0] == Project("a", 60, "Übersetzung; sicher", True, {"votes": "2"})
    assert file.ballots[1] == Ballot("y", ("a", "c"))
    assert file.extra["y"] == {"sector": "tools"}
    assert file.selected == {"a", "b"}
    assert tally(file.election()).winners == ("a", "b")


def test_points_are_read():
    file = read(CUMULATIVE)
    assert file.ballots[1] == Ballot("y", ("a", "c"), (4, 6))
    assert file.default_utility == "points"


@pytest.mark.parametrize("ending", ["\r\n", "\n\n"])
def test_line_endings_byte_order_mark_and_blank_lines_do_not_matter(ending):
    assert read("\ufeff" + GOOD.replace("\n", ending)) == read(GOOD)


def test_a_file_on_disk_is_read_like_an_upload(tmp_path):
    path = tmp_path / "small.pb"
    path.write_text(GOOD, encoding="utf-8")
    assert pabulib.read(path) == read(GOOD)


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("META\nkey;value\n", "", 1, Reason.NO_META),
        ("META\nkey;value\n", "<!doctype html>\n", 1, Reason.HTML),
        ("key;value", "key;wert", 2, Reason.COLUMN_MISSING),
        ("budget;100", "budget;1e9", 9, Reason.BAD_NUMBER),
        ("budget;100", "budget;-5", 9, Reason.BAD_NUMBER),
        ("budget;100", "budget;0", 9, Reason.NOT_POSITIVE),
        ("budget;100\n", "", 15, Reason.KEY_MISSING),
        ("language;de", "budget;100", 15, Reason.KEY_TWICE),
        ("approval", "ordinal", 10, Reason.BAD_VOTE_TYPE),
        ("PROJECTS\nproject_id;cost;votes;name;selected", "VOTES\nproject_id", 16, Reason.SECTION_ORDER),
        ("project_id;cost", "project_id;preis", 17, Reason.COLUMN_MISSING),
        (";name;selected", ";name;name", 17, Reason.COLUMN_TWICE),
        ("b;40.0;1", "b;-40;1", 19, Reason.BAD_NUMBER),
        ("b;40.0;1", "b;NaN;1", 19, Reason.BAD_NUMBER),
        ("b;40.0;1", "b;;1", 19, Reason.BAD_NUMBER),
        ("b;40.0;1", "b;0.00;1", 19, Reason.NOT_POSITIVE),
        ("b;40.0;1", "b;9999999999999999999;1", 19, Reason.BAD_NUMBER),
        ("b;40.0;1", "a;40.0;1", 19, Reason.PROJECT_TWICE),
        ("b;40.0;1", ";40.0;1", 19, Reason.ID_MISSING),
        ("Prüfberichte;1", "Prüfberichte;1;x;y", 19, Reason.TOO_MANY_CELLS),
        ("z;b,c", "z;b,d", 25, Reason.UNKNOWN_PROJECT),
        ("z;b,c", "z;b,b", 25, Reason.CHOSEN_TWICE),
        ("z;b,c", "x;b,c", 25, Reason.VOTER_TWICE),
        ("z;b,c", ";b,c", 25, Reason.ID_MISSING),
        ("num_votes;3", "num_votes;4", 8, Reason.WRONG_COUNT),
        ("num_projects;3", "num_projects;33", 7, Reason.WRONG_COUNT),
        ("num_votes;3", "num_votes;three", 8, Reason.BAD_NUMBER),
    ],
)
def test_a_broken_file_is_refused_with_line_and_reason(old, new, line, reason):
    assert old in GOOD
    with pytest.raises(PabulibError) as refused:
        read(GOOD.replace(old, new, 1))
    assert (refused.value.line, refused.value.reason) == (line, reason)
    assert str(refused.value).startswith(f"line {line}: ")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("y;a,c;4,6", "y;a,c;4", Reason.POINTS_COUNT),
        ("y;a,c;4,6", "y;a,c;4,-6", Reason.BAD_NUMBER),
        ("vote;points", "vote;marks", Reason.COLUMN_MISSING),
    ],
)
def test_broken_points_are_refused(old, new, reason):
    with pytest.raises(PabulibError) as refused:
        read(CUMULATIVE.replace(old, new, 1))
    assert refused.value.reason is reason


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"", 1, Reason.EMPTY),
        (b"\n\n  \n", 1, Reason.EMPTY),
        (b"\x89PNG\r\n\x1a\n\x00\x00", 1, Reason.BINARY),
        (b"\xff\xd8\xff\xe0\x01\x02", 1, Reason.BINARY),
        ("META\nkey;value\ndescription;Hürth\n".encode("latin-1"), 3, Reason.NOT_UTF8),
        (b"META\n", 1, Reason.SECTION_MISSING),
        (GOOD.encode()[: GOOD.encode().index(b"VOTES")], 20, Reason.SECTION_MISSING),
        (b"META\nkey;value\n" + b"x" * 2_000_000, 3, Reason.LINE_TOO_LONG),
        (UNCLOSED.encode(), 19, Reason.LINE_TOO_LONG),
    ],
)
def test_something_else_than_a_pabulib_file_is_refused(data, line, reason):
    with pytest.raises(PabulibError) as refused:
        pabulib.parse(data)
    assert (refused.value.line, refused.value.reason) == (line, reason)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "nothing.pb", tmp_path):
        with pytest.raises(PabulibError) as refused:
            pabulib.read(path)
        assert refused.value.reason is Reason.NOT_FOUND


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=400)
    | st.text(max_size=400).map(lambda text: f"META\n{text}".encode("utf-8", "replace"))
)
def test_no_bytes_make_the_reader_fall_over(data):
    with pytest.raises(PabulibError):
        pabulib.parse(data)


@settings(max_examples=300, deadline=None)
@given(
    position=st.integers(0, len(GOOD) - 1),
    put=st.sampled_from([";", '"', "\n", ",", "VOTES\n", "-", "9", ""]),
)
@example(position=4, put=";")
def test_any_damage_is_read_or_refused_with_a_line_of_the_file(position, put):
    damaged = GOOD[:position] + put + GOOD[position + 1 :]
    line = 1
    try:
        read(damaged).election()
    except PabulibError as refused:
        line = refused.line
    assert 1 <= line <= damaged.count("\n") + 2


def test_writing_and_reading_again_changes_nothing():
    for text in (GOOD, CUMULATIVE):
        file = read(text)
        again = read(pabulib.write(file))
        assert again.ballots == file.ballots
        assert again.selected == file.selected
        assert again.extra == file.extra
        assert [(p.id, p.cost, p.name) for p in again.projects] == [
            (p.id, p.cost, p.name) for p in file.projects
        ]


def test_line_breaks_in_names_cannot_break_the_file():
    file = read(GOOD)
    hostile = Project("d", 5, "name\r\nVOTES\r\nvoter_id;vote", False)
    written = pabulib.write(PabulibFile(file.meta, (*file.projects, hostile), file.ballots))
    assert len(read(written).projects) == 4


def as_file(election, winners) -> PabulibFile:
    meta = {**read(GOOD).meta, "budget": str(election.budget)}
    projects = tuple(Project(i.id, i.cost, f"Name {i.id}", i.id in winners) for i in election.items)
    return PabulibFile(meta, projects, election.ballots)


@settings(max_examples=60, deadline=None)
@given(elections())
def test_written_elections_are_read_back_and_keep_their_winners(election):
    if not election.budget:
        return
    winners = tally(election).winners
    again = read(pabulib.write(as_file(election, winners)))
    assert set(tally(election).winners) == again.selected
    assert again.ballots == election.ballots


def test_the_foreign_checker_accepts_what_is_written():
    file = read(GOOD.replace("70,5", "70"))
    report = Checker().process_files([pabulib.write(file)])
    assert report["summary"] == {} or not any(
        details.get("errors") for details in report.values() if isinstance(details, dict)
    ), report
