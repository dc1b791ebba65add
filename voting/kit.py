"""The proof kit: one zip with which anybody can check the chain of a round, and recompute its result from the ballots.

Knows no Django, and no database: a kit follows from the records of the chain and from the ballots that were opened.
What it writes is defined by `voting/verify_round.py`, which lies in every kit.
"""

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from voting import chain, verify_round
from voting.tally import Ballot, Election, Item, Result, Rule, TallyError, Utility, payments, tally

# The same kit is the same file, byte for byte, whenever it is made.
MOMENT = (1980, 1, 1, 0, 0, 0)
PROVEN = (Utility.COST, Utility.POINTS)


class Flaw(StrEnum):
    """What does not fit, roughly: the message of NoProof says it exactly."""

    CHAIN = "chain"
    BALLOTS = "ballots"
    RESULT = "result"
    ARCHIVE = "archive"


class NoProof(Exception):
    """What was given makes no kit; the message says why, in English."""

    def __init__(self, message: str, flaw: Flaw = Flaw.CHAIN) -> None:
        super().__init__(message)
        self.flaw = flaw


@dataclass(frozen=True)
class Part:
    """One election of the round, counted: the whole round or a track. `plan` is what `verify_round.parts_of` says."""

    plan: Mapping[str, Any]
    election: Election
    outcome: Result

    @cached_property
    def said(self) -> dict[str, Any]:
        """The part as `result.json` writes it: exact rationals as text, payments by pseudonym."""
        paid: dict[str, dict[str, str]] = {step.item: {} for step in self.outcome.steps}
        for voter, amounts in payments(self.election, self.outcome).items():
            for item, amount in amounts:
                paid[item][voter] = amount
        return {
            "track": self.plan["track"],
            "winners": list(self.outcome.winners),
            "spent": int(self.outcome.spent),
            "endowment": self.outcome.endowment or "0",
            "runs": self.outcome.runs,
            "ballots": self.outcome.voters,
            "steps": [
                {"item": step.item, "votes": step.votes, "price": step.price, "payments": paid[step.item]}
                for step in self.outcome.steps
            ],
        }


@dataclass(frozen=True)
class Account:
    """A round as its chain tells it, with the ballots that count, by pseudonym, and what follows from them."""

    records: list[dict[str, Any]]
    ballots: list[dict[str, Any]]
    parts: list[Part]

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [record["body"] for record in self.records]

    @property
    def head(self) -> str:
        """The digest of the last record."""
        digest: str = self.records[-1]["digest"]
        return digest

    def body(self, kind: str) -> dict[str, Any]:
        """The body of a kind of which there is one."""
        found: dict[str, Any] = verify_round.only(self.bodies, kind)
        return found

    def digest(self, kind: str) -> str:
        return next(record["digest"] for record in self.records if record["body"]["kind"] == kind)

    @property
    def closing(self) -> str:
        """The closing hash: that of the record which ends the voting."""
        return self.digest(chain.CLOSE)


def account(records: Iterable[chain.Record], openings: Iterable[str]) -> Account:
    """Counts what the chain fixed. `records`: from the first on, to the result or later; `openings`: the receipts' lines

    (`chain.opening`) of the last version of each ballot, in any order. Raises NoProof when these do not belong together.
    """
    kept = [{"body": json.loads(record.body), "digest": record.digest} for record in records]
    bodies = [record["body"] for record in kept]
    if chain.RESULT not in [body["kind"] for body in bodies]:
        raise NoProof("the chain does not reach the result")
    rules = bodies[0]
    if rules["rule"] != Rule.ADD1 or rules["utility"] not in PROVEN:
        raise NoProof(f"{rules['rule']} by {rules['utility']} is not a rule that the verifier recomputes")
    ballots = sorted((json.loads(line) for line in openings), key=lambda ballot: str(ballot["voter"]))
    found = (
        verify_round.check_chain(kept, kept[-1]["digest"], None)
        or verify_round.check_rules(bodies)
        or verify_round.check_ballots(bodies, ballots)
    )
    if found:
        flaw = Flaw.BALLOTS if found[0][0].startswith("BALLOT") else Flaw.CHAIN
        raise NoProof("; ".join(f"{verify_round.CODES[code]} ({what})" for code, what in found), flaw)
    parts = []
    for plan in verify_round.parts_of(bodies):
        election = _election(plan, ballots, rules["utility"] == Utility.POINTS)
        try:
            parts.append(Part(plan, election, tally(election, rules["rule"], rules["utility"])))
        except TallyError as error:
            raise NoProof(str(error), Flaw.RESULT) from error
    made = Account(kept, ballots, parts)
    told = made.body(chain.RESULT)
    if {**told, **verify_round.sealed([part.said for part in parts], len(ballots))} != told:
        raise NoProof("the result in the chain does not follow from these ballots", Flaw.RESULT)
    return made


def build(told: Account, protocol: bytes) -> bytes:
    """The zip, with the protocol as PDF. Equal accounts and protocols give equal bytes."""
    result = {
        "format": verify_round.FORMAT,
        "head": told.head,
        "parts": [part.said for part in told.parts],
    }
    files: dict[str, bytes] = verify_round.written(told.records, told.ballots, result)
    cast = {ballot["voter"]: verify_round.given_by(ballot["choice"]) for ballot in told.ballots}
    for part in told.parts:
        files[part.plan["file"]] = verify_round.pb_file(told.bodies, part.plan, cast, part.outcome.winners)
    files["protocol.pdf"] = protocol
    files["verify_round.py"] = Path(verify_round.__file__).read_bytes()
    return pack(files)


def pack(files: Mapping[str, bytes]) -> bytes:
    """The files and their list of sums as a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted({**files, verify_round.SUMS: verify_round.sums(files)}.items()):
            archive.writestr(zipfile.ZipInfo(name, MOMENT), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _election(plan: Mapping[str, Any], ballots: list[dict[str, Any]], pointed: bool) -> Election:
    items = plan["items"]
    cast = []
    for ballot in ballots:
        given = [(id, n) for id, n in verify_round.given_by(ballot["choice"]).items() if id in items]
        if given:
            points = tuple(n for _, n in given) if pointed else ()
            cast.append(Ballot(ballot["voter"], tuple(id for id, _ in given), points))
    return Election(
        plan["budget"], tuple(Item(id, cost, lot) for id, (cost, lot) in items.items()), tuple(cast)
    )
