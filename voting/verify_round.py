#!/usr/bin/env python3
"""Checks the proof kit of a voting round: python verify_round.py KIT.zip [--closing HASH] [--checksum HASH]

Needs Python 3.10 or later and nothing else. The kit holds the chain that was sealed while the round went on, and the
ballots that it seals; all else is recomputed. The output names the codes of the first group of checks that fails.

--closing    the closing hash from the letter of the day on which the voting ended: finds a kit made anew from end to end
--checksum   the checksum in the last record of the public board: finds every other file than the archived kit

Exit status: 0 all checks hold, 1 some do not, 2 wrong use.
"""

import csv
import hashlib
import io
import json
import re
import sys
import zipfile
from collections import Counter
from fractions import Fraction
from math import floor, lcm

FORMAT = "proof-kit/2"
RULE = "equalshares/add1"
CHAIN, BALLOTS, RESULT, SUMS = "chain.jsonl", "ballots.json", "result.json", "SHA256SUMS"
FILES = (CHAIN, BALLOTS, RESULT, "protocol.pdf", "verify_round.py")
# The steps of a counted round in their order; there is no decision without an objection before it.
ORDER = re.compile("rules proposals freeze (ballot )*close result (objection (objection |decision )*)?")
CODES = {
    "KIT_UNREADABLE": "the file is no complete zip archive",
    "FILES": "a file is missing, or there is one too many",
    "CHECKSUM": "a file differs from its SHA-256 sum",
    "KIT_OTHER": "the file is not the one whose checksum the public board names",
    "FORMAT": "a file is not written in the canonical form",
    "CHAIN_START": "the chain does not begin with its first record",
    "CHAIN_SEQUENCE": "a record is missing, stands twice or stands in another place",
    "CHAIN_HASH": "a record is not the one that was sealed: its hash does not follow from its text",
    "CHAIN_ORDER": "a step was recorded where it could not happen",
    "CHAIN_END": "the chain ends before the result, or elsewhere than the result says",
    "CLOSING_OTHER": "the closing hash is not the one that was announced",
    "RULE": "the rule is not the one that this program recomputes",
    "PAPER": "proposals, costs or tracks changed after they were confirmed, or contradict the rules",
    "LOT": "the order of the lot does not follow from the lot that was drawn",
    "DATES": "the voting was closed before its announced end, and the record gives no reason",
    "ELECTORATE": "a ballot was recorded for somebody who does not vote, or the list of voters is out of order",
    "VERSION": "the versions of somebody's ballot do not count from one",
    "CLOSE_COUNT": "the closing record seals another number of ballots or voters",
    "BALLOT_TWICE": "two ballots of one pseudonym are opened",
    "BALLOT_ORDER": "the ballots are not in the order of their pseudonyms",
    "BALLOT_MISSING": "somebody's ballot was recorded and is not opened",
    "BALLOT_OLD": "an earlier version of a ballot is opened instead of the last one",
    "BALLOT_SEALED": "a ballot is not the one that was recorded",
    "BALLOT": "a ballot is none under the rules: items, number of items, or points",
    "RESULT_SEALED": "the result in the chain is not the one that follows from the ballots",
    "WINNERS": "the items funded are not those of the rule",
    "PAYMENTS": "a payment differs",
    "STEPS": "an order, a price or a sum differs",
    "PB": "a Pabulib file says something else than the kit",
}


def canonical(value):
    """The one way in which records, ballots and the result are written."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256(data):
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode()).hexdigest()


def sums(files):
    return "".join(f"{sha256(data)}  {name}\n" for name, data in sorted(files.items())).encode()


def written(records, ballots, result):
    """The files that hold the round: one line for each record, with its body as it was hashed after the digest before
    it; one line for each ballot, which was hashed for its record, and which its organisation has as a receipt."""
    lines = [canonical(ballot) for ballot in ballots]
    return {
        CHAIN: "".join(f"{canonical(record)}\n" for record in records).encode(),
        BALLOTS: ("[\n" + ",\n".join(lines) + "\n]\n").encode(),
        RESULT: f"{canonical(result)}\n".encode(),
    }


def only(bodies, kind):
    return next(body for body in bodies if body["kind"] == kind)


def price(cost, purses):
    """The smallest p with: all paying min(money, p × weight) pay the cost; `purses`: how many by (money, weight)."""
    missing, weight = cost, sum(each * number for (_, each), number in purses.items())
    fine = lcm(*(each for _, each in purses))
    for (money, each), number in sorted(purses.items(), key=lambda one: one[0][0] * (fine // one[0][1])):
        if missing * each <= money * weight:
            return Fraction(missing, weight)
        missing -= money * number
        weight -= each * number
    return None


def buy(items, supporters, voters, endowment, by_cost):
    """One run of Equal Shares: [(item, unit, price, {voter: payment})]. Equal offers: lower cost, more votes, the lot."""
    # Money is whole: `unit` parts make a unit of the budget, and become finer so that every price is whole, too.
    unit, money = endowment.denominator, dict.fromkeys(voters, endowment.numerator)
    bounds, bought = {id: Fraction(0) for id in items if supporters[id]}, []
    while True:
        best, offers = None, []
        for id in sorted(bounds, key=bounds.__getitem__):
            if best is not None and bounds[id] > best:
                break
            cost, lot = items[id]
            purses = Counter((money[voter], weight) for voter, weight in supporters[id].items())
            asked = price(cost * unit, purses)
            if asked is None:
                del bounds[id]
                continue
            bounds[id] = asked / (unit * cost) if by_cost else asked / unit
            if best is None or bounds[id] < best:
                best, offers = bounds[id], []
            if bounds[id] == best:
                offers.append((cost, -len(supporters[id]), lot, id, asked))
        if not offers:
            return bought
        _, _, _, id, asked = min(offers)
        unit, money = unit * asked.denominator, {one: has * asked.denominator for one, has in money.items()}
        paid = {voter: min(money[voter], asked.numerator * n) for voter, n in supporters[id].items()}
        money.update((voter, money[voter] - amount) for voter, amount in paid.items())
        bought.append((id, unit, asked.numerator, paid))
        del bounds[id]


def count(part, ballots, utility):
    """The result of one election as the kit writes it: `part` of `parts_of`, ballots as {voter: {item: points}}."""
    items, budget, by_cost = part["items"], part["budget"], utility == "cost"
    inside = {voter: given for voter, given in ballots.items() if not items.keys().isdisjoint(given)}
    supporters = {id: {voter: given[id] for voter, given in inside.items() if id in given} for id in items}
    kept, endowment, runs = [], Fraction(0), 0
    if inside:
        endowment, runs = Fraction(budget, len(inside)), 1
        base, supported = floor(endowment), sum(1 for each in supporters.values() if each)
        kept = buy(items, supporters, inside, endowment, by_cost)
        while len(kept) < supported:
            more = buy(items, supporters, inside, base + runs, by_cost)
            runs += 1
            if sum(items[each[0]][0] for each in more) > budget:
                break
            kept, endowment = more, Fraction(base + runs - 1)
    steps, won = [], [id for id, _, _, _ in kept]
    for id, unit, asked, paid in kept:
        amounts = {voter: str(Fraction(amount, unit)) for voter, amount in paid.items() if amount}
        step = {"item": id, "votes": len(supporters[id]), "price": str(Fraction(asked, unit))}
        steps.append({**step, "payments": amounts})
    said = {"track": part["track"], "winners": won, "spent": sum(items[id][0] for id in won)}
    return {**said, "endowment": str(endowment), "runs": runs, "ballots": len(inside), "steps": steps}


def sealed(parts, ballots):
    """What the record of the result says about counted parts; `ballots`: how many were cast in the round."""
    said = {
        "winners": [id for part in parts for id in part["winners"]],
        "spent": sum(part["spent"] for part in parts),
        "endowment": parts[0]["endowment"] if len(parts) == 1 else "0",
        "runs": sum(part["runs"] for part in parts),
        "ballots": ballots,
    }
    tracks = [{"id": part["track"], **{name: part[name] for name in said}} for part in parts]
    return said if tracks[0]["id"] is None else {**said, "tracks": tracks}


def parts_of(bodies):
    """The elections of the round: budget, and cost and place in the lot of each item; by track where it is divided."""
    rules, frozen, parts = bodies[0], bodies[2], []
    items = sorted(frozen["items"], key=lambda item: item["id"])
    place = {id: number for number, id in enumerate(frozen["lots"])}
    for track in rules["tracks"] or [{"id": None, "name": "", "budget": rules["budget"]}]:
        inside = [item for item in items if item.get("track") == track["id"]]
        costs = {item["id"]: (item["cost"], place[item["id"]]) for item in inside}
        titles = {item["id"]: " ".join(item["title"].split()) for item in inside}
        part = {"track": track["id"], "name": track["name"], "budget": track["budget"], "items": costs}
        file = f"round-{track['id']}.pb" if track["id"] else "round.pb"
        parts.append({**part, "titles": titles, "file": file})
    return parts


def pb_file(bodies, part, ballots, winners):
    """One election in the format of pabulib.org; most points come first on each ballot."""
    rules, items = bodies[0], part["items"]
    pointed, close = rules["utility"] == "points", only(bodies, "close")
    inside = {voter: [one for one in given.items() if one[0] in items] for voter, given in ballots.items()}
    cast = {voter: sorted(given, key=lambda one: -one[1]) for voter, given in inside.items() if given}
    chosen = [one for given in cast.values() for one in given]
    begin, end = ((at or bodies[2]["at"])[:10].split("-") for at in (rules["opens_at"], close["at"]))
    title, subunit = " ".join(rules["title"].split()), " ".join(part["name"].split())
    meta = {"description": title, "country": "Germany", "unit": "CESAI", "instance": end[0]}
    meta |= {"subunit": subunit} if subunit else {}
    meta |= {"num_projects": len(items), "num_votes": len(cast), "budget": part["budget"]}
    # The format knows currencies only; hours have none, and neither have thousands of euro.
    meta |= {"currency": rules["unit"]} if rules["unit"] == "EUR" else {}
    asked = sum(items[id][0] for id in {each for each, _ in chosen})
    # Where everything asked for is funded, foreign programs would look for a share that overspends without end.
    rule = rules["rule"] if asked > part["budget"] else "unknown"
    meta |= {"vote_type": "cumulative" if pointed else "approval", "rule": rule}
    meta |= {"date_begin": ".".join(begin[::-1]), "date_end": ".".join(end[::-1])}
    meta |= {"min_length": rules["minimum_approvals"], "max_length": len(items)}
    if pointed:
        meta |= {"min_points": 1, "max_points": rules["points_most"], "max_sum_points": rules["points_total"]}
    meta |= {"fully_funded": 1} if sum(cost for cost, _ in items.values()) <= part["budget"] else {}
    out = csv.writer(text := io.StringIO(), delimiter=";", lineterminator="\n")
    out.writerows([["META"], ["key", "value"], *([key, value] for key, value in meta.items())])
    out.writerow(["PROJECTS"])
    out.writerow(["project_id", "cost", "votes", *(["score"] if pointed else []), "name", "selected"])
    for id, (cost, _) in items.items():
        votes = [n for each, n in chosen if each == id]
        row = [id, cost, len(votes), *([sum(votes)] if pointed else [])]
        out.writerow([*row, part["titles"][id] or id, int(id in winners)])
    out.writerows([["VOTES"], ["voter_id", "vote", *(["points"] if pointed else [])]])
    for voter, given in cast.items():
        points = [",".join(str(n) for _, n in given)] if pointed else []
        out.writerow([voter, ",".join(id for id, _ in given), *points])
    return text.getvalue().encode()


def check(data, announced=None, checksum=None):
    """[(code, what)] for everything that is wrong with the kit (bytes of the zip)."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as kit:
            names = kit.namelist()
            files = {name: kit.read(name) for name in names}
    except Exception as error:  # noqa: BLE001 - zipfile raises a dozen kinds of errors for broken archives
        return [("KIT_UNREADABLE", str(error))]
    wrong = [("KIT_OTHER", sha256(data))] if checksum not in (None, sha256(data)) else []
    listed = files.pop(SUMS, b"")
    if differ := set(sums(files).splitlines()) ^ set(listed.splitlines()):
        what = sorted({line.decode(errors="replace").split("  ")[-1] for line in differ})
        wrong.append(("CHECKSUM", ", ".join(what)))
    if (missing := {*FILES, SUMS} - set(names)) or len(set(names)) < len(names):
        return [*wrong, ("FILES", ", ".join(sorted(missing)) or "a name stands twice")]
    try:
        return wrong + check_files(files, announced)
    except Exception as error:  # noqa: BLE001 - what is no kit can fail in any way
        return [*wrong, ("FORMAT", repr(error))]


def check_files(files, announced):
    records = [json.loads(line) for line in files[CHAIN].splitlines()]
    ballots, result = json.loads(files[BALLOTS]), json.loads(files[RESULT])
    texts = written(records, ballots, result)
    wrong = [("FORMAT", name) for name, text in texts.items() if text != files[name]]
    if result["format"] != FORMAT:
        wrong.append(("FORMAT", f"this program reads {FORMAT}"))
    bodies = [record["body"] for record in records]
    wrong = wrong or check_chain(records, result["head"], announced) or check_rules(bodies)
    if wrong:
        return wrong
    parts = parts_of(bodies)
    expected = {*FILES, *(part["file"] for part in parts)}
    if set(files) != expected:
        return [("FILES", ", ".join(sorted(set(files) ^ expected)))]
    return check_ballots(bodies, ballots) or check_result(bodies, parts, ballots, result, files)


def check_chain(records, head, announced):
    wrong, before = [], "0" * 64
    for place, record in enumerate(records, start=1):
        body = record["body"]
        if body["sequence"] != place:
            wrong = [("CHAIN_START" if place == 1 else "CHAIN_SEQUENCE", f"record {place}")]
        elif record["digest"] != sha256(before + canonical(body)):
            wrong = [("CHAIN_HASH", f"record {place}")]
        if wrong:
            break
        before = record["digest"]
    kinds = [record["body"]["kind"] for record in records]
    if not wrong and ("result" not in kinds or before != head):
        wrong = [("CHAIN_END", f"{len(records)} records, the last is {before}")]
    elif not wrong and not ORDER.fullmatch("".join(f"{kind} " for kind in kinds)):
        wrong = [("CHAIN_ORDER", " ".join(kinds))]
    closing = next((record["digest"] for record in records if record["body"]["kind"] == "close"), "none")
    return wrong if announced in (None, closing) else [*wrong, ("CLOSING_OTHER", closing)]


def check_rules(bodies):
    rules, proposals, frozen = bodies[:3]
    if rules["rule"] != RULE or rules["utility"] not in ("cost", "points"):
        return [("RULE", f"{rules['rule']} {rules['utility']}")]
    items = frozen["items"]
    ids, costs = [item["id"] for item in items], [item["cost"] for item in items]
    budgets = {track["id"]: track["budget"] for track in rules["tracks"]} or {None: rules["budget"]}
    unique = ids and len(set(ids)) == len(ids) == len(set(costs))
    payable = all(0 < item["cost"] <= budgets.get(item.get("track"), 0) for item in items)
    if items != proposals["items"] or not unique or not payable or sum(budgets.values()) != rules["budget"]:
        return [("PAPER", "items, costs, budgets")]
    wrong = []
    if frozen["lots"] != sorted(ids, key=lambda id: sha256(rules["lot"] + id)):
        wrong.append(("LOT", ", ".join(frozen["lots"])))
    if frozen["voters"] != sorted(set(frozen["voters"])):
        wrong.append(("ELECTORATE", "the list of voters"))
    close = only(bodies, "close")
    if close["early"] is None and close["at"] < rules["closes_at"]:
        wrong.append(("DATES", f"{close['at']} instead of {rules['closes_at']}"))
    return wrong


def check_ballots(bodies, ballots):
    """The records of ballots first, then the opened ones against them."""
    wrong, versions, known = [], {}, set(bodies[2]["voters"])
    cast = [body for body in bodies if body["kind"] == "ballot"]
    for body in cast:
        hashes = versions.setdefault(body["voter"], [])
        hashes.append(body["commitment"])
        if body["voter"] not in known:
            wrong.append(("ELECTORATE", body["voter"]))
        elif body["version"] != len(hashes):
            wrong.append(("VERSION", f"{body['voter']} {body['version']}"))
    close = only(bodies, "close")
    if (close["ballots"], close["voters"]) != (len(cast), len(versions)):
        wrong.append(("CLOSE_COUNT", f"{len(cast)} ballots of {len(versions)} voters"))
    if wrong:
        return wrong
    names = [ballot["voter"] for ballot in ballots]
    if len(set(names)) < len(names):
        wrong.append(("BALLOT_TWICE", next(name for name in names if names.count(name) > 1)))
    elif names != sorted(names):
        wrong.append(("BALLOT_ORDER", BALLOTS))
    if missing := versions.keys() - set(names):
        wrong.append(("BALLOT_MISSING", ", ".join(sorted(missing))))
    for ballot in ballots:
        hashes, own = versions.get(ballot["voter"], []), sha256(canonical(ballot))
        if own not in hashes[-1:]:
            wrong.append(("BALLOT_OLD" if own in hashes else "BALLOT_SEALED", ballot["voter"]))
    if wrong:
        return wrong
    tracks = {item["id"]: item.get("track") for item in bodies[2]["items"]}
    return [("BALLOT", each["voter"]) for each in ballots if not is_ballot(each["choice"], bodies[0], tracks)]


def is_ballot(choice, rules, tracks):
    """In each track that it names: known items once each, not too few, and points within their limits."""
    ids, points = choice["items"], choice.get("points")
    pointed = rules["utility"] == "points"
    if not ids or len(set(ids)) < len(ids) or not set(ids) <= tracks.keys():
        return False
    if pointed != (points is not None) or (pointed and len(points) != len(ids)):
        return False
    by_track = {}
    for id, given in given_by(choice).items():
        by_track.setdefault(tracks[id], []).append(given)
    if min(len(given) for given in by_track.values()) < rules["minimum_approvals"]:
        return False
    total, most = (rules["points_total"], rules["points_most"]) if pointed else (len(ids), 1)
    return all(min(given) > 0 and max(given) <= most and sum(given) <= total for given in by_track.values())


def given_by(choice):
    """{item: points}; one point for each approval."""
    return dict(zip(choice["items"], choice.get("points") or [1] * len(choice["items"]), strict=True))


def check_result(bodies, parts, ballots, result, files):
    cast = {ballot["voter"]: given_by(ballot["choice"]) for ballot in ballots}
    again = [count(part, cast, bodies[0]["utility"]) for part in parts]
    record = only(bodies, "result")
    if {**record, **sealed(again, len(cast))} != record:
        return [("RESULT_SEALED", canonical(sealed(again, len(cast))))]
    said = result["parts"]
    if [part["winners"] for part in said] != [part["winners"] for part in again]:
        return [("WINNERS", "; ".join(", ".join(part["winners"]) for part in again))]
    paid = [[[step["payments"] for step in part["steps"]] for part in each] for each in (said, again)]
    if paid[0] != paid[1]:
        return [("PAYMENTS", "recomputed payments differ")]
    if result != {"format": FORMAT, "head": result["head"], "parts": again}:
        return [("STEPS", "recomputed steps differ")]
    names = [part["file"] for part in parts]
    texts = [pb_file(bodies, part, cast, each["winners"]) for part, each in zip(parts, again, strict=True)]
    return [("PB", name) for name, text in zip(names, texts, strict=True) if files[name] != text]


def main(arguments):
    options = dict(zip(arguments[1::2], arguments[2::2], strict=False))
    if len(arguments) % 2 == 0 or options.keys() - {"--closing", "--checksum"}:
        sys.stderr.write("usage: verify_round.py KIT.zip [--closing HASH] [--checksum HASH]\n")
        return 2
    try:
        with open(arguments[0], "rb") as kit:
            data = kit.read()
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    wrong = check(data, options.get("--closing"), options.get("--checksum"))
    for code, what in wrong:
        sys.stdout.write(f"{code}: {CODES[code]} ({what})\n")
    if not wrong:
        sys.stdout.write(f"All checks hold. SHA-256 of the kit: {sha256(data)}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
