#!/usr/bin/env python3
"""Checks the proof kit of a voting round. Needs Python 3.10 or later and nothing else.

    python verify_round.py KIT.zip [--closing HASH]

Every check has a code; the output names each code that is violated. `--closing` is the hash that the organisations
were given when the round closed: with it, a kit that was made anew from end to end is found, too.
Exit status: 0 all checks hold, 1 some do not, 2 wrong use.
"""

import csv
import hashlib
import io
import json
import sys
import zipfile
from fractions import Fraction
from math import floor

FORMAT = "proof-kit/1"
RULE = "equalshares/add1"
FILES = ("round.json", "ballots.json", "chain.json", "result.json", "round.pb", "verify_round.py")
SUMS = "SHA256SUMS"
CODES = {
    "KIT_UNREADABLE": "the file is no complete zip archive",
    "FILES": "a file is missing, or there is one too many",
    "CHECKSUM": "a file differs from its SHA-256 sum",
    "FORMAT": "a file is not written in the canonical form",
    "RULE": "the rule is not the one that this program recomputes",
    "GENESIS": "rules, items, costs or dates are not those with which the chain begins",
    "CHAIN_START": "the chain does not begin with its first record",
    "CHAIN_LINK": "a record does not follow from the one before",
    "CHAIN_BALLOT": "a ballot is not the one that was recorded",
    "CHAIN_ORDER": "the ballots are not in the order in which they were recorded",
    "CHAIN_COUNT": "there are more or fewer ballots than records",
    "CLOSING": "the closing record does not seal what is there",
    "CLOSING_OTHER": "the closing hash is not the one that was announced",
    "VOTER_TWICE": "a pseudonym has two ballots",
    "BALLOT": "a ballot names an unknown item, or too few items",
    "WINNERS": "the items funded are not those of the rule",
    "STEPS": "an order, a price or a sum differs",
    "PAYMENTS": "a payment differs",
    "PB": "the Pabulib file says something else than the kit",
}


def canonical(value):
    """The one way in which the kit writes JSON: sorted keys, no spaces, UTF-8, one line."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode() + b"\n"


def digest(*parts):
    """SHA-256 of the parts, each with its length before it, so that no two lists of parts look the same."""
    found = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        found.update(len(data).to_bytes(8, "big") + data)
    return found.hexdigest()


def genesis(rules):
    return digest("genesis", canonical(rules))


def leaf(ballot):
    """The receipt of a ballot: its organisation knows pseudonym and nonce and can compute it."""
    return digest("ballot", canonical(ballot))


def link(before, number, receipt):
    return digest("record", before, number, receipt)


def closing(last, count):
    return digest("closing", last, count)


def sums(files):
    lines = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items())]
    return "".join(lines).encode()


def price(cost, purses):
    """The smallest p with: supporters paying min(money, p) together pay the cost; None if they cannot."""
    if sum(purses) < cost:
        return None
    missing, count = cost, len(purses)
    for money in sorted(purses):
        if missing <= money * count:
            return missing / count
        missing -= money
        count -= 1
    return None


def buy(items, supporters, voters, endowment):
    """One run of Equal Shares: [(item, price, {voter: payment})]. None: a tie that nothing decides."""
    money = dict.fromkeys(voters, Fraction(endowment))
    bounds = {id: Fraction(0) for id in items if supporters[id]}
    bought: list = []
    while True:
        best = None
        offers: list = []
        for id in sorted(bounds, key=bounds.__getitem__):
            if best is not None and bounds[id] > best:
                break
            asked = price(Fraction(items[id]), [money[voter] for voter in supporters[id]])
            if asked is None:
                del bounds[id]
                continue
            bounds[id] = asked / items[id]
            if best is None or bounds[id] < best:
                best, offers = bounds[id], []
            if bounds[id] == best:
                offers.append((items[id], -len(supporters[id]), id, asked))
        if not offers:
            return bought
        offers.sort()
        if len(offers) > 1 and offers[0][:2] == offers[1][:2]:
            return None
        _, _, id, asked = offers[0]
        paid = {voter: min(money[voter], asked) for voter in supporters[id]}
        for voter, amount in paid.items():
            money[voter] -= amount
        bought.append((id, asked, {voter: amount for voter, amount in paid.items() if amount}))
        del bounds[id]


def count(rules, ballots):
    """The result of the rule as the kit writes it; None when a tie is left."""
    items = {item["id"]: item["cost"] for item in rules["items"]}
    supporters = {id: [ballot["voter"] for ballot in ballots if id in ballot["items"]] for id in items}
    voters = [ballot["voter"] for ballot in ballots]
    kept, endowment, runs = [], Fraction(0), 0
    if voters:
        share = Fraction(rules["budget"], len(voters))
        endowment, runs = share, 1
        kept = buy(items, supporters, voters, share)
        while kept is not None and len(kept) < sum(1 for each in supporters.values() if each):
            more = buy(items, supporters, voters, floor(share) + runs)
            runs += 1
            if more is None:
                return None
            if sum(items[id] for id, _, _ in more) > rules["budget"]:
                break
            kept, endowment = more, Fraction(floor(share) + runs - 1)
    if kept is None:
        return None
    return {
        "winners": [id for id, _, _ in kept],
        "spent": sum(items[id] for id, _, _ in kept),
        "endowment": str(endowment),
        "runs": runs,
        "steps": [
            {
                "item": id,
                "cost": items[id],
                "votes": len(supporters[id]),
                "price": str(asked),
                "payments": {voter: str(amount) for voter, amount in sorted(paid.items())},
            }
            for id, asked, paid in kept
        ],
    }


def check(data, announced=None):
    """[(code, what)] for everything that is wrong with the kit (bytes of the zip)."""
    wrong = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as kit:
            names = kit.namelist()
            files = {name: kit.read(name) for name in names}
    except Exception as error:  # noqa: BLE001 - zipfile raises a dozen kinds of errors for broken archives
        return [("KIT_UNREADABLE", str(error))]
    if sorted(names) != sorted((*FILES, SUMS)):
        wrong.append(("FILES", ", ".join(sorted(set(names) ^ {*FILES, SUMS})) or "a name stands twice"))
    listed = files.pop(SUMS, b"")
    if listed != sums(files):
        expected = set(sums(files).decode().splitlines())
        found = set(listed.decode(errors="replace").splitlines())
        wrong.append(
            ("CHECKSUM", ", ".join(sorted({line.split("  ")[-1] for line in expected ^ found})) or SUMS)
        )
    parts = {}
    for name in ("round.json", "ballots.json", "chain.json", "result.json"):
        if name not in files:
            continue
        try:
            parts[name] = json.loads(files[name])
            if canonical(parts[name]) != files[name]:
                wrong.append(("FORMAT", name))
        except ValueError:
            wrong.append(("FORMAT", name))
    if len(parts) < 4:
        return wrong
    try:
        wrong += check_parts(
            parts["round.json"], parts["ballots.json"], parts["chain.json"], parts["result.json"], announced
        )
        if "round.pb" in files:
            wrong += check_pb(
                files["round.pb"], parts["round.json"], parts["ballots.json"], parts["result.json"]
            )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError, csv.Error) as error:
        wrong.append(("FORMAT", repr(error)))
    return wrong


def check_parts(rules, ballots, chain, result, announced):
    wrong = []
    if rules["format"] != FORMAT or rules["rule"] != RULE or rules["utility"] != "cost":
        wrong.append(("RULE", f"{rules['format']} {rules['rule']} {rules['utility']}"))
    wrong += check_chain(rules, ballots, chain)
    if announced is not None and announced != chain["closing"]["hash"]:
        wrong.append(("CLOSING_OTHER", chain["closing"]["hash"]))
    known = {item["id"] for item in rules["items"]}
    for ballot in ballots:
        chosen = set(ballot["items"])
        if (
            not chosen <= known
            or len(chosen) != len(ballot["items"])
            or len(chosen) < rules["minimum_approvals"]
        ):
            wrong.append(("BALLOT", ballot["voter"]))
    if wrong:
        # What follows would only repeat it.
        return wrong
    again = count(rules, ballots)
    if again is None:
        return [("WINNERS", "a tie is left that the rule does not decide")]
    if again["winners"] != result["winners"]:
        wrong.append(("WINNERS", ", ".join(again["winners"])))
    elif [each["payments"] for each in again["steps"]] != [each["payments"] for each in result["steps"]]:
        wrong.append(("PAYMENTS", "recomputed payments differ"))
    if not wrong and again != result:
        wrong.append(("STEPS", "recomputed steps differ"))
    return wrong


def check_chain(rules, ballots, chain):
    wrong = []
    records, end = chain["records"], chain["closing"]
    begin = genesis(rules)
    if chain["genesis"] != begin:
        wrong.append(("GENESIS", begin))
    before = chain["genesis"]
    for place, record in enumerate(records, start=1):
        if record["hash"] != link(before, record["number"], record["ballot"]) or record["number"] != place:
            wrong.append(("CHAIN_START" if place == 1 else "CHAIN_LINK", f"record {place}"))
            break
        before = record["hash"]
    last = records[-1]["hash"] if records else chain["genesis"]
    if end["count"] != len(records) or end["hash"] != closing(last, end["count"]):
        wrong.append(("CLOSING", f"{len(records)} records, sealed were {end['count']}"))
    voters = [ballot["voter"] for ballot in ballots]
    if len(set(voters)) != len(voters):
        wrong.append(("VOTER_TWICE", next(voter for voter in voters if voters.count(voter) > 1)))
    if len(ballots) != len(records):
        wrong.append(("CHAIN_COUNT", f"{len(ballots)} ballots, {len(records)} records"))
        return wrong
    cast, recorded = [leaf(ballot) for ballot in ballots], [record["ballot"] for record in records]
    if sorted(cast) != sorted(recorded):
        place = next(place for place, each in enumerate(cast) if each not in recorded or cast.count(each) > 1)
        wrong.append(("CHAIN_BALLOT", voters[place]))
    elif cast != recorded:
        wrong.append(("CHAIN_ORDER", "ballots and records stand in another order"))
    return wrong


def check_pb(data, rules, ballots, result):
    section, header = "", None
    rows: dict = {"META": [], "PROJECTS": [], "VOTES": []}
    for row in csv.reader(io.StringIO(data.decode()), delimiter=";"):
        if row in (["META"], ["PROJECTS"], ["VOTES"]):
            section, header = row[0], None
        elif header is None:
            header = row
        else:
            rows[section].append(dict(zip(header, row, strict=False)))
    meta = {row["key"]: row["value"] for row in rows["META"]}
    items = [
        (item["id"], str(item["cost"]), str(int(item["id"] in result["winners"]))) for item in rules["items"]
    ]
    votes = {item["id"]: sum(item["id"] in ballot["items"] for ballot in ballots) for item in rules["items"]}
    if (
        (meta["rule"], meta["budget"], meta["vote_type"]) != (rules["rule"], str(rules["budget"]), "approval")
        or (meta["num_projects"], meta["num_votes"]) != (str(len(items)), str(len(ballots)))
        or [(row["project_id"], row["cost"], row["selected"]) for row in rows["PROJECTS"]] != items
        or [row["votes"] for row in rows["PROJECTS"]] != [str(each) for each in votes.values()]
        or [(row["voter_id"], row["vote"]) for row in rows["VOTES"]]
        != [(ballot["voter"], ",".join(ballot["items"])) for ballot in ballots]
    ):
        return [("PB", "the file differs")]
    return []


def main(arguments):
    announced = None
    if len(arguments) == 3 and arguments[1] == "--closing":
        announced = arguments[2]
        arguments = arguments[:1]
    if len(arguments) != 1:
        sys.stderr.write("usage: verify_round.py KIT.zip [--closing HASH]\n")
        return 2
    try:
        with open(arguments[0], "rb") as kit:
            data = kit.read()
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    wrong = check(data, announced)
    for code, what in wrong:
        sys.stdout.write(f"{code}: {CODES[code]} ({what})\n")
    if not wrong:
        sys.stdout.write(f"All checks hold. SHA-256 of the kit: {hashlib.sha256(data).hexdigest()}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
