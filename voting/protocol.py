"""The protocol of a counted round as PDF, in German and in English: what a committee files, and where the hashes stand."""

from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.timezone import get_default_timezone, localtime
from django.utils.translation import gettext as _
from django.utils.translation import override

from cesai.lib.print import printed
from voting import chain
from voting.kit import Account, Part
from voting.models import Round

TEMPLATE = Path(__file__).parent / "typst" / "protocol.typ"
# German users come first.
LANGUAGES = ("de", "en")


def render(told: Account) -> bytes:
    """The protocol follows from the account alone, in the portal's own time zone: equal accounts give equal bytes."""
    versions = []
    for language in LANGUAGES:
        with override(language):
            versions.append({"language": language, **_document(told)})
    moment = datetime.fromisoformat(told.bodies[-1]["at"])
    return printed(TEMPLATE, "protocol", {"versions": versions}, moment, ["ua-1"])


def _document(told: Account) -> dict[str, Any]:
    rules = told.body(chain.RULES)
    return {
        "title": _("Protocol of the voting"),
        "subtitle": rules["title"],
        "question": rules["question"],
        "facts": _facts(told, rules),
        "hashes_title": _("Hashes (SHA-256)"),
        "hashes": [
            [_("Rules"), told.digest(chain.RULES)],
            [_("Ballot paper and electorate"), told.digest(chain.FREEZE)],
            [_("Closing hash"), told.closing],
            [_("Last record of this protocol"), told.head],
        ],
        "items_title": _("Proposals and result"),
        "header": [
            _("Code"), _("Proposal"), _("Cost"), _("Votes"), _("Price per point") if rules["utility"] == Round.Utility.POINTS else _("Price per supporter"), _("Result"),
        ],
        "parts": [_part(part, rules["unit"]) for part in told.parts],
        "check_title": _("How to check this protocol"),
        "check": [
            _(
                "The proof kit, in which this protocol lies, holds the chain of the round, all ballots under "
                "pseudonyms, every payment, and a program of one file that recomputes everything. It needs Python "
                "3.10 or later and nothing else:"
            ),
            _(
                "Compare the closing hash with the letter that every representative got when the voting ended. The "
                "last record of the public board names the checksum of the archived kit. An organisation finds the "
                "line of its receipt in the file ballots.json."
            ),
        ],
        "command": f"python verify_round.py KIT.zip --closing {told.closing}",
    }  # fmt: skip


def _facts(told: Account, rules: dict[str, Any]) -> list[list[str]]:
    close, frozen = told.body(chain.CLOSE), told.body(chain.FREEZE)
    decided = [body["decision"] for body in told.bodies if body["kind"] == chain.DECISION]
    filed = sum(body["kind"] == chain.OBJECTION for body in told.bodies)
    pointed = rules["utility"] == Round.Utility.POINTS
    limits = {
        "minimum": rules["minimum_approvals"],
        "total": rules["points_total"],
        "most": rules["points_most"],
    }
    facts = [
        [_("Rule"), f"{Round.Rule(rules['rule']).label} ({rules['rule']})"],
        [_("Budget"), f"{_number(rules['budget'])} {rules['unit']}"],
        [
            _("Ballot"),
            _("%(total)s points to spread over at least %(minimum)s proposals, up to %(most)s each") % limits
            if pointed
            else _("approvals, at least %(minimum)s") % limits,
        ],
        [_("Rules published"), _moment(rules["at"])],
        [_("Ballot paper frozen"), _moment(frozen["at"])],
        [_("Voting opened"), _moment(rules["opens_at"] or frozen["at"])],
        [_("Voting announced until"), _moment(rules["closes_at"])],
        [_("Closed"), _moment(close["at"])],
        [_("Why it was closed early"), close["early"] or ""],
        [_("Counted"), _moment(told.body(chain.RESULT)["at"])],
        [
            _("Ballots"),
            _("%(voters)s of %(all)s organisations voted; %(ballots)s ballots were cast with all changes")
            % {"voters": close["voters"], "all": len(frozen["voters"]), "ballots": close["ballots"]},
        ],
        [
            _("Objections"),
            _("%(filed)s filed, %(rejected)s turned down, %(upheld)s upheld")
            % {"filed": filed, "rejected": decided.count("rejected"), "upheld": decided.count("upheld")},
        ],
    ]
    return [fact for fact in facts if fact[1]]


def _part(part: Part, unit: str) -> dict[str, Any]:
    outcome = part.outcome
    steps = {step.item: (number, step) for number, step in enumerate(outcome.steps, start=1)}
    votes = part.election.votes()
    # Funded items in the order of funding, then the others by votes.
    order = sorted(
        part.election.items, key=lambda item: (steps.get(item.id, (len(steps) + 1,))[0], -votes[item.id], item.id)
    )  # fmt: skip
    rows = []
    for item in order:
        number, step = steps.get(item.id, (None, None))
        won = _("funded in step %(step)s") % {"step": number} if step else _("not funded")
        price = _number(Fraction(step.price), 2) if step else "–"
        title = part.plan["titles"][item.id]
        rows.append([item.id, title, _number(int(item.cost)), _number(votes[item.id]), price, won])
    said = {
        "spent": _number(int(outcome.spent)),
        "budget": _number(int(part.election.budget)),
        "unit": unit,
        "share": _number(Fraction(outcome.endowment or 0), 2),
    }
    return {
        "name": part.plan["name"],
        "rows": rows,
        "sum": _(
            "Spent: %(spent)s of %(budget)s %(unit)s. In the count that decides every voter held %(share)s."
        )
        % said,
    }


def _moment(text: str) -> str:
    when = localtime(datetime.fromisoformat(text), get_default_timezone())
    return date_format(when, "SHORT_DATETIME_FORMAT")


def _number(value: int | Fraction, places: int = 0) -> str:
    """Rounded to `places`, half to even; exact amounts stand in the file result.json."""
    scaled = round(value * 10**places)
    text = f"{scaled // 10**places}.{scaled % 10**places:0{places}}" if places else str(scaled)
    return number_format(text, use_l10n=True, force_grouping=True)
