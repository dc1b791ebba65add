"""Reads and writes elections in the Pabulib format (`.pb`): META, PROJECTS and VOTES, semicolons between cells.

Format: pabulib.org/format. Knows no Django. Every refusal is a PabulibError with the line and a `Reason`.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from io import StringIO
from pathlib import Path

from voting.tally.election import Ballot, Election, Item, Number, Utility

MAX_LINE = 1_000_000
MAX_BYTES = 512 * 1024 * 1024
# Eighteen digits keep every amount within 64 bits; an exponent could ask for a number that fills the memory.
NUMBER = re.compile(r"\+?\d{1,18}([.,]\d{1,9})?")
SECTIONS = ("META", "PROJECTS", "VOTES")
COLUMNS: dict[str, tuple[str, ...]] = {
    "META": ("key", "value"),
    "PROJECTS": ("project_id", "cost"),
    "VOTES": ("voter_id", "vote"),
}
APPROVALS = ("approval", "choose-1")
POINTS = ("cumulative", "scoring")
UNSAFE = re.compile(r"[\r\n\0]")


class Reason(Enum):
    """Why a file is refused; the value is the English sentence with its parameters."""

    EMPTY = "the file is empty"
    NOT_FOUND = "the file cannot be read"
    TOO_LARGE = "the file is larger than %(limit)s MB"
    BINARY = "this is not a text file"
    NOT_UTF8 = "the text is not UTF-8"
    HTML = "this is a web page, not a Pabulib file"
    LINE_TOO_LONG = "the line is longer than %(limit)s characters; perhaps a quotation mark is not closed"
    NO_META = "a Pabulib file begins with a line META, this one with “%(found)s”"
    SECTION_ORDER = "the section %(section)s stands in the wrong place"
    SECTION_MISSING = "the section %(section)s is missing"
    SECTION_EMPTY = "the section %(section)s has no entries"
    COLUMN_MISSING = "the column %(column)s is missing in %(section)s"
    COLUMN_TWICE = "the column %(column)s stands twice in %(section)s"
    TOO_MANY_CELLS = "the row has %(found)s cells, its header only %(expected)s"
    KEY_TWICE = "the entry %(key)s stands twice in META"
    KEY_MISSING = "the entry %(key)s is missing in META"
    BAD_NUMBER = "%(name)s is not a number: “%(value)s”"
    NOT_POSITIVE = "%(name)s is not greater than zero: “%(value)s”"
    BAD_VOTE_TYPE = "ballots of the type “%(value)s” cannot be tallied here"
    ID_MISSING = "the identifier is missing"
    PROJECT_TWICE = "project %(project)s is listed twice"
    VOTER_TWICE = "voter %(voter)s has two ballots"
    UNKNOWN_PROJECT = "the ballot names project %(project)s, which is not in the list"
    CHOSEN_TWICE = "the ballot names project %(project)s twice"
    POINTS_COUNT = "the ballot has %(projects)s projects but %(points)s numbers of points"
    WRONG_COUNT = "%(key)s says %(expected)s, the file has %(found)s"


class PabulibError(Exception):
    """The file is refused. `line` counts from 1; `reason` and `params` let the caller say it in any language."""

    def __init__(self, line: int, reason: Reason, **params: str | int) -> None:
        self.line = line
        self.reason = reason
        self.params = params
        super().__init__(f"line {line}: {reason.value % params}")


@dataclass(frozen=True, slots=True)
class Project:
    """A row of PROJECTS; `selected` is None where the file does not say. `extra` keeps all other columns."""

    id: str
    cost: Number
    name: str = ""
    selected: bool | None = None
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PabulibFile:
    """A whole file. `extra` keeps, per voter, the further columns of VOTES, in their order."""

    meta: dict[str, str]
    projects: tuple[Project, ...]
    ballots: tuple[Ballot, ...]
    extra: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def budget(self) -> Number:
        return amount(self.meta["budget"])

    @property
    def selected(self) -> frozenset[str] | None:
        """The official winners, or None where the file names none."""
        if any(project.selected is None for project in self.projects):
            return None
        return frozenset(project.id for project in self.projects if project.selected)

    @property
    def default_utility(self) -> Utility:
        return Utility.POINTS if self.meta["vote_type"] in POINTS else Utility.COST

    def election(self) -> Election:
        items = tuple(Item(project.id, project.cost) for project in self.projects)
        return Election(self.budget, items, self.ballots)


def amount(text: str) -> Number:
    """An exact number from plain decimals (comma or point). Raises ValueError for everything else."""
    text = text.strip()
    if not NUMBER.fullmatch(text):
        raise ValueError(text)
    exact = Fraction(text.replace(",", "."))
    return exact.numerator if exact.denominator == 1 else exact


def read(path: Path | str) -> PabulibFile:
    """Read a file line by line. Raises PabulibError."""
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise PabulibError(1, Reason.TOO_LARGE, limit=MAX_BYTES // 2**20)
        with path.open("rb") as lines:
            return _Parser().parse(_decoded(lines))
    except OSError as error:
        raise PabulibError(1, Reason.NOT_FOUND) from error


def parse(data: bytes) -> PabulibFile:
    """Read the bytes of a file (an upload). Raises PabulibError."""
    if len(data) > MAX_BYTES:
        raise PabulibError(1, Reason.TOO_LARGE, limit=MAX_BYTES // 2**20)
    return _Parser().parse(_decoded(data.splitlines(keepends=True)))


def _decoded(lines: Iterable[bytes]) -> Iterator[str]:
    for number, raw in enumerate(lines, start=1):
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if b"\0" in raw:
            raise PabulibError(number, Reason.BINARY)
        if len(raw) > MAX_LINE:
            raise PabulibError(number, Reason.LINE_TOO_LONG, limit=MAX_LINE)
        try:
            yield raw.decode("utf-8")
        except UnicodeDecodeError as error:
            # A text in another encoding starts with META and is printable; a picture or an archive is not.
            binary = number == 1 or any(byte < 9 or 13 < byte < 32 for byte in raw)
            raise PabulibError(number, Reason.BINARY if binary else Reason.NOT_UTF8) from error


class _Parser:
    def __init__(self) -> None:
        self.meta: dict[str, str] = {}
        self.meta_lines: dict[str, int] = {}
        self.projects: dict[str, Project] = {}
        self.ballots: list[Ballot] = []
        self.extra: dict[str, dict[str, str]] = {}
        self.voters: set[str] = set()
        self.line = 0

    def parse(self, lines: Iterator[str]) -> PabulibFile:
        section, header, empty = "", None, True
        old_limit = csv.field_size_limit(MAX_LINE)
        try:
            reader = csv.reader(lines, delimiter=";")
            for row in reader:
                self.line = reader.line_num
                if not row or not any(cell.strip() for cell in row):
                    continue
                first = row[0].strip()
                alone = not any(cell.strip() for cell in row[1:])
                if empty and not (first == "META" and alone):
                    self._refuse_start(first if alone else ";".join(row))
                empty = False
                if first in SECTIONS and alone:
                    self._enter(section, first, header)
                    section, header = first, None
                elif header is None:
                    header = self._header(section, row)
                else:
                    self._row(section, header, row)
        except csv.Error as error:
            raise PabulibError(self.line + 1, Reason.LINE_TOO_LONG, limit=MAX_LINE) from error
        finally:
            csv.field_size_limit(old_limit)
        return self._finish(section, empty)

    def _refuse_start(self, first: str) -> None:
        if first.startswith("<"):
            raise PabulibError(self.line, Reason.HTML)
        raise PabulibError(self.line, Reason.NO_META, found=first[:40])

    def _enter(self, old: str, new: str, header: list[str] | None) -> None:
        expected = SECTIONS[SECTIONS.index(old) + 1] if old in SECTIONS[:2] else SECTIONS[0]
        if new != expected or (old == "VOTES"):
            raise PabulibError(self.line, Reason.SECTION_ORDER, section=new)
        self._leave(old)

    def _leave(self, section: str) -> None:
        if section == "META":
            for key in ("budget", "vote_type", "num_projects", "num_votes"):
                if key not in self.meta:
                    raise PabulibError(self.line, Reason.KEY_MISSING, key=key)
            vote_type = self.meta["vote_type"]
            if vote_type not in APPROVALS + POINTS:
                raise PabulibError(self.meta_lines["vote_type"], Reason.BAD_VOTE_TYPE, value=vote_type[:40])
            self._positive("budget", self.meta["budget"], self.meta_lines["budget"])
        if section == "PROJECTS" and not self.projects:
            raise PabulibError(self.line, Reason.SECTION_EMPTY, section=section)

    def _header(self, section: str, row: list[str]) -> list[str]:
        names = [cell.strip() for cell in row]
        for name in names:
            if names.count(name) > 1:
                raise PabulibError(self.line, Reason.COLUMN_TWICE, column=name[:40], section=section)
        needed = COLUMNS[section]
        if section == "VOTES" and self.meta["vote_type"] in POINTS:
            needed = (*needed, "points")
        for name in needed:
            if name not in names:
                raise PabulibError(self.line, Reason.COLUMN_MISSING, column=name, section=section)
        return names

    def _row(self, section: str, header: list[str], row: list[str]) -> None:
        if len(row) > len(header) and any(cell.strip() for cell in row[len(header) :]):
            raise PabulibError(self.line, Reason.TOO_MANY_CELLS, found=len(row), expected=len(header))
        cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
        if section == "META":
            self._meta(cells["key"], cells.get("value", ""))
        elif section == "PROJECTS":
            self._project(cells)
        else:
            self._vote(cells)

    def _meta(self, key: str, value: str) -> None:
        if key in self.meta:
            raise PabulibError(self.line, Reason.KEY_TWICE, key=key[:40])
        self.meta[key] = value
        self.meta_lines[key] = self.line

    def _project(self, cells: dict[str, str]) -> None:
        id = cells.pop("project_id")
        if not id:
            raise PabulibError(self.line, Reason.ID_MISSING)
        if id in self.projects:
            raise PabulibError(self.line, Reason.PROJECT_TWICE, project=id[:40])
        cost = self._positive("cost", cells.pop("cost", ""), self.line)
        selected = cells.pop("selected", "")
        name = cells.pop("name", "")
        # The file marks winners with 1; other digits stand for funded by another budget and the like.
        self.projects[id] = Project(id, cost, name, selected == "1" if selected else None, cells)

    def _vote(self, cells: dict[str, str]) -> None:
        voter = cells.pop("voter_id")
        if not voter:
            raise PabulibError(self.line, Reason.ID_MISSING)
        if voter in self.voters:
            raise PabulibError(self.line, Reason.VOTER_TWICE, voter=voter[:40])
        self.voters.add(voter)
        chosen = tuple(id.strip() for id in cells.pop("vote", "").split(",") if id.strip())
        for place, id in enumerate(chosen):
            if id not in self.projects:
                raise PabulibError(self.line, Reason.UNKNOWN_PROJECT, project=id[:40])
            if id in chosen[:place]:
                raise PabulibError(self.line, Reason.CHOSEN_TWICE, project=id[:40])
        points: tuple[Number, ...] = ()
        if self.meta["vote_type"] in POINTS:
            points = tuple(
                self._number("points", cell) for cell in cells.pop("points", "").split(",") if cell.strip()
            )
            if len(points) != len(chosen):
                raise PabulibError(self.line, Reason.POINTS_COUNT, projects=len(chosen), points=len(points))
        self.ballots.append(Ballot(voter, chosen, points))
        if cells:
            self.extra[voter] = cells

    def _number(self, name: str, text: str, line: int | None = None) -> Number:
        try:
            return amount(text)
        except ValueError as error:
            raise PabulibError(line or self.line, Reason.BAD_NUMBER, name=name, value=text[:40]) from error

    def _positive(self, name: str, text: str, line: int) -> Number:
        value = self._number(name, text, line)
        if value <= 0:
            raise PabulibError(line, Reason.NOT_POSITIVE, name=name, value=text[:40])
        return value

    def _finish(self, section: str, empty: bool) -> PabulibFile:
        if empty:
            raise PabulibError(1, Reason.EMPTY)
        if section != "VOTES":
            missing = SECTIONS[SECTIONS.index(section) + 1]
            raise PabulibError(self.line, Reason.SECTION_MISSING, section=missing)
        for key, found in (("num_projects", len(self.projects)), ("num_votes", len(self.ballots))):
            line = self.meta_lines[key]
            if self._number(key, self.meta[key], line) != found:
                expected = self.meta[key][:40]
                raise PabulibError(line, Reason.WRONG_COUNT, key=key, expected=expected, found=found)
        return PabulibFile(self.meta, tuple(self.projects.values()), tuple(self.ballots), self.extra)


def write(file: PabulibFile) -> str:
    """The file as text, readable by `parse` without loss. `votes` (and `score`) are counted anew."""
    text = StringIO()
    out = csv.writer(text, delimiter=";", lineterminator="\n")
    meta = {**file.meta, "num_projects": str(len(file.projects)), "num_votes": str(len(file.ballots))}
    out.writerow(["META"])
    out.writerow(["key", "value"])
    out.writerows([_cell(key), _cell(value)] for key, value in meta.items())
    pointed = meta["vote_type"] in POINTS
    votes, score = file.election().votes(), _score(file)
    columns = [name for name in _names(p.extra for p in file.projects) if name not in ("votes", "score")]
    tells = file.selected is not None
    out.writerow(["PROJECTS"])
    out.writerow(
        ["project_id", "cost", "votes", *(["score"] if pointed else []), "name"]
        + (["selected"] if tells else [])
        + columns
    )
    for project in file.projects:
        out.writerow(
            [_cell(project.id), _decimal(project.cost), votes[project.id]]
            + ([_decimal(score[project.id])] if pointed else [])
            + [_cell(project.name), *([int(bool(project.selected))] if tells else [])]
            + [_cell(project.extra.get(name, "")) for name in columns]
        )
    columns = _names(file.extra.values())
    out.writerow(["VOTES"])
    out.writerow(["voter_id", "vote", *(["points"] if pointed else []), *columns])
    for ballot in file.ballots:
        extra = file.extra.get(ballot.voter, {})
        out.writerow(
            [_cell(ballot.voter), ",".join(ballot.items)]
            + ([",".join(_decimal(points) for points in ballot.points)] if pointed else [])
            + [_cell(extra.get(name, "")) for name in columns]
        )
    return text.getvalue()


def _names(rows: Iterable[dict[str, str]]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _score(file: PabulibFile) -> dict[str, Number]:
    score: dict[str, Number] = {project.id: 0 for project in file.projects}
    for ballot in file.ballots:
        for id, points in zip(ballot.items, ballot.points, strict=False):
            score[id] += points
    return score


def _cell(text: str) -> str:
    return UNSAFE.sub(" ", text)


def _decimal(value: Number) -> str:
    exact = Fraction(value)
    if exact.denominator == 1:
        return str(exact.numerator)
    # Amounts come from decimals with at most nine places, so nine places lose nothing.
    return f"{exact:.9f}".rstrip("0")
