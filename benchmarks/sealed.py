"""Generated elections as the portal would have sealed them: a chain, and the ballots that it seals."""

import hashlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from voting import chain, verify_round
from voting.tally import Election, Rule, Utility, tally

BEGIN, END = "2026-03-01T08:00:00.000000+00:00", "2026-03-31T16:00:00.000000+00:00"


@dataclass(frozen=True)
class Sealed:
    """A record of a chain that was never in a database."""

    sequence: int
    kind: str
    body: str
    previous: str
    digest: str


@dataclass
class Chain:
    records: list[Sealed] = field(default_factory=list)

    def append(self, kind: str, **content: Any) -> None:
        previous = self.records[-1].digest if self.records else chain.NOTHING
        sequence = len(self.records) + 1
        body = chain.body_of(sequence, kind, content)
        self.records.append(Sealed(sequence, kind, body, previous, chain.digest_of(previous, body)))


def seal(
    elections: Mapping[str | None, Election],
    seed: int = 0,
    *,
    changes: int = 0,
    objections: int = 0,
    **rules: Any,
) -> tuple[list[Sealed], list[str]]:
    """Records up to the result and the opened ballots, in random order.

    `elections` by the short name of their track, None for an undivided round; a voter of several tracks has one ballot.
    `changes` so many voters vote twice; `objections` so many are filed and turned down; `rules` replace those of here.
    """
    chance = random.Random(seed)  # noqa: S311
    pointed = any(ballot.points for each in elections.values() for ballot in each.ballots)
    items = [
        {"id": item.id, "title": f"Modell {item.id}; „groß“", "cost": int(item.cost)}
        | ({"track": track} if track else {})
        for track, each in elections.items()
        for item in each.items
    ]
    ballots = _ballots(elections, pointed)
    names = {voter: f"{chance.getrandbits(64):016x}" for voter in sorted(ballots)}
    asked = {
        "title": "Runde 2026", "question": "Welche Modelle?", "rule": str(Rule.ADD1),
        "utility": str(Utility.POINTS if pointed else Utility.COST),
        "budget": sum(int(each.budget) for each in elections.values()), "unit": "GPU-h", "minimum_approvals": 1,
        "points_total": 1000, "points_most": 100, "four_eyes": False, "delegation": False, "opens_at": BEGIN,
        "closes_at": END, "objection_days": 14, "lot": f"{chance.getrandbits(256):064x}",
        "tracks": [
            {"id": track, "name": f"Teil {track}", "budget": int(each.budget), "sizes": []}
            for track, each in elections.items() if track
        ],
    } | rules  # fmt: skip
    made = Chain()
    made.append(chain.RULES, at=BEGIN, **asked)
    made.append(chain.PROPOSALS, at=BEGIN, items=items)
    lots = sorted(
        (item["id"] for item in items),
        key=lambda code: hashlib.sha256(f"{asked['lot']}{code}".encode()).hexdigest(),
    )
    made.append(chain.FREEZE, at=BEGIN, items=items, lots=lots, voters=sorted(names.values()))
    voters = sorted(names)
    casts = [*chance.sample(voters, min(changes, len(voters))), *chance.sample(voters, len(voters))]
    opened: dict[str, str] = {}
    for voter in casts:
        version = 1 + (json.loads(opened[voter])["version"] if voter in opened else 0)
        line = chain.opening(names[voter], version, f"{chance.getrandbits(128):032x}", ballots[voter])
        opened[voter] = line
        made.append(chain.BALLOT, voter=names[voter], version=version, commitment=chain.fingerprint(line))
    made.append(chain.CLOSE, at=END, ballots=len(casts), voters=len(voters), early=None)
    made.append(chain.RESULT, at=END, **_result(elections, len(voters), str(asked["utility"])))
    for number in range(1, objections + 1):
        made.append(chain.OBJECTION, at=END, number=number, text=chain.fingerprint(f"{number}"))
        made.append(
            chain.DECISION, at=END, number=number, decision="rejected", reason=chain.fingerprint("Nein")
        )
    return made.records, chance.sample(list(opened.values()), len(opened))


def _ballots(elections: Mapping[str | None, Election], pointed: bool) -> dict[str, dict[str, Any]]:
    given: dict[str, dict[str, int]] = {}
    for each in elections.values():
        for ballot in each.ballots:
            points = ballot.points or (1,) * len(ballot.items)
            given.setdefault(ballot.voter, {}).update(
                {id: int(n) for id, n in zip(ballot.items, points, strict=True) if n}
            )
    return {
        voter: {"items": sorted(chosen)}
        | ({"points": [chosen[id] for id in sorted(chosen)]} if pointed else {})
        for voter, chosen in given.items()
        if chosen
    }


def _result(elections: Mapping[str | None, Election], ballots: int, utility: str) -> dict[str, Any]:
    parts = []
    for track, each in elections.items():
        outcome = tally(each, Rule.ADD1, utility)
        parts.append(
            {
                "track": track,
                "winners": list(outcome.winners),
                "spent": int(outcome.spent),
                "endowment": outcome.endowment or "0",
                "runs": outcome.runs,
                "ballots": outcome.voters,
            }
        )
    said: dict[str, Any] = verify_round.sealed(parts, ballots)
    return said


def split(election: Election, tracks: Sequence[str]) -> Iterator[tuple[str, Election]]:
    """The election divided into tracks: every so-manieth item, and the same part of the budget."""
    for number, track in enumerate(tracks):
        items = election.items[number :: len(tracks)]
        known = {item.id for item in items}
        ballots = []
        for ballot in election.ballots:
            places = [place for place, id in enumerate(ballot.items) if id in known]
            if places:
                points = tuple(ballot.points[place] for place in places) if ballot.points else ()
                ballots.append(
                    type(ballot)(ballot.voter, tuple(ballot.items[place] for place in places), points)
                )
        yield track, Election(int(election.budget) // len(tracks), items, tuple(ballots))
