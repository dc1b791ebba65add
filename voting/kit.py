"""The proof kit: one zip with which anybody can recompute a round, without knowing who cast which ballot.

Knows no Django. What it writes is defined by `voting/verify_round.py`, which lies in every kit.
"""

import hashlib
import hmac
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voting import pabulib, verify_round
from voting.pabulib import PabulibFile, Project
from voting.tally import Ballot, Election, Result, Rule, Utility, payments

# The same kit is the same file, byte for byte, whenever it is made.
MOMENT = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Frame:
    """What was fixed before the first ballot; dates in ISO 8601, `titles` by item id."""

    title: str
    unit: str
    minimum_approvals: int
    opens_at: str
    closes_at: str
    titles: Mapping[str, str]


def pseudonym(secret: bytes, voter: str) -> str:
    """The name of a voter in this round: nobody can find the voter from it without the round's secret."""
    return hmac.new(secret, f"pseudonym {voter}".encode(), hashlib.sha256).hexdigest()[:16]


def nonce(secret: bytes, voter: str) -> str:
    """Keeps a receipt from being guessed by trying all ballots."""
    return hmac.new(secret, f"nonce {voter}".encode(), hashlib.sha256).hexdigest()[:32]


def build(frame: Frame, election: Election, result: Result, secret: bytes) -> bytes:
    """The zip. `secret`: random bytes of this round; the same secret gives the same kit.

    Raises ValueError for anything but approval ballots counted by `equalshares/add1` with whole costs.
    """
    if (result.rule, result.utility) != (Rule.ADD1, Utility.COST) or any(
        each.points for each in election.ballots
    ):
        raise ValueError("a kit proves approval ballots under equalshares/add1 only")
    items = sorted(election.items, key=lambda item: (item.cost, item.id))
    place = {item.id: number for number, item in enumerate(items)}
    names = {ballot.voter: pseudonym(secret, ballot.voter) for ballot in election.ballots}
    ballots = sorted(
        (
            {
                "voter": names[ballot.voter],
                "nonce": nonce(secret, ballot.voter),
                "items": sorted(ballot.items, key=place.__getitem__),
            }
            for ballot in election.ballots
        ),
        key=lambda ballot: str(ballot["voter"]),
    )
    rules = {
        "format": verify_round.FORMAT,
        "rule": result.rule,
        "utility": result.utility,
        "title": frame.title,
        "unit": frame.unit,
        "budget": int(election.budget),
        "minimum_approvals": frame.minimum_approvals,
        "opens_at": frame.opens_at,
        "closes_at": frame.closes_at,
        "items": [
            {"id": item.id, "title": frame.titles.get(item.id, ""), "cost": int(item.cost)} for item in items
        ],
    }
    parts = {
        "round.json": rules,
        "ballots.json": ballots,
        "chain.json": chain(rules, ballots),
        "result.json": _outcome(election, result, names),
    }
    files = {name: verify_round.canonical(part) for name, part in parts.items()}
    files["round.pb"] = pabulib.write(_pabulib(frame, rules, ballots, result)).encode()
    files["verify_round.py"] = Path(verify_round.__file__).read_bytes()
    return pack(files)


def chain(rules: dict[str, Any], ballots: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Genesis from the rules, one record per ballot, and the closing record that fixes their number."""
    begin = last = verify_round.genesis(rules)
    records = []
    for number, ballot in enumerate(ballots, start=1):
        receipt = verify_round.leaf(ballot)
        last = verify_round.link(last, number, receipt)
        records.append({"number": number, "ballot": receipt, "hash": last})
    end = {"count": len(records), "hash": verify_round.closing(last, len(records))}
    return {"genesis": begin, "records": records, "closing": end}


def pack(files: Mapping[str, bytes]) -> bytes:
    """The files and their list of sums as a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted({**files, verify_round.SUMS: verify_round.sums(files)}.items()):
            archive.writestr(zipfile.ZipInfo(name, MOMENT), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def closing_of(kit: bytes) -> str:
    """The closing hash of a kit made by `build`."""
    with zipfile.ZipFile(io.BytesIO(kit)) as archive:
        found: str = json.loads(archive.read("chain.json"))["closing"]["hash"]
    return found


def _outcome(election: Election, result: Result, names: Mapping[str, str]) -> dict[str, Any]:
    paid: dict[str, dict[str, str]] = {step.item: {} for step in result.steps}
    for voter, amounts in payments(election, result).items():
        for item, amount in amounts:
            paid[item][names[voter]] = amount
    return {
        "winners": list(result.winners),
        "spent": int(result.spent),
        "endowment": result.endowment or "0",
        "runs": result.runs,
        "steps": [
            {
                "item": step.item,
                "cost": int(step.cost),
                "votes": step.votes,
                "price": step.price,
                "payments": dict(sorted(paid[step.item].items())),
            }
            for step in result.steps
        ],
    }


def _pabulib(
    frame: Frame, rules: dict[str, Any], ballots: list[dict[str, Any]], result: Result
) -> PabulibFile:
    def day(moment: str) -> str:
        return ".".join(reversed(moment[:10].split("-")))

    meta = {
        "description": frame.title,
        "country": "Germany",
        "unit": "CESAI",
        "instance": frame.closes_at[:4],
        "num_projects": str(len(rules["items"])),
        "num_votes": str(len(ballots)),
        "budget": str(rules["budget"]),
        # The format knows currencies only; hours have none.
        **({"currency": frame.unit} if frame.unit in ("EUR", "CHF") else {}),
        "vote_type": "approval",
        "rule": result.rule,
        "date_begin": day(frame.opens_at),
        "date_end": day(frame.closes_at),
        "min_length": str(frame.minimum_approvals),
        "max_length": str(len(rules["items"])),
    }
    won = set(result.winners)
    projects = tuple(
        Project(item["id"], item["cost"], item["title"] or item["id"], item["id"] in won)
        for item in rules["items"]
    )
    cast = tuple(Ballot(ballot["voter"], tuple(ballot["items"])) for ballot in ballots)
    return PabulibFile(meta, projects, cast)
