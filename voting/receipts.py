"""What an organisation takes home after voting: a line of text whose SHA-256 stands on the public board."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext

from accounts.models import User
from cesai.lib.print import printed
from voting import chain
from voting.models import Ballot, RoundItem

FOLDER = Path(__file__).parent / "typst"


@dataclass(frozen=True)
class Receipt:
    """One version of a ballot. `line` is what was hashed, `commitment` its SHA-256, `items` are titles with points."""

    ballot: Ballot
    line: str
    commitment: str
    items: list[tuple[RoundItem, int]]


def find_receipt(user: User, slug: str, version: int) -> Receipt | None:
    """The receipt of the reader's own organisation; None for every other, and where nothing was cast."""
    ours = [each.pk for each in user.organisations]
    ballot = (
        Ballot.objects.filter(voter__round__slug=slug, voter__organisation__in=ours, version=version)
        .select_related("voter__round", "record", "cast_by", "prepared_by", "copied_from__voter")
        .order_by("voter_id")
        .first()
    )
    return receipt_of(ballot) if ballot else None


def receipt_of(ballot: Ballot) -> Receipt:
    """The ballot's voter, its round and its record should be loaded."""
    items = {item.pk: item for item in RoundItem.objects.filter(round=ballot.voter.round_id)}
    line = line_of(ballot, {key: item.code for key, item in items.items()})
    chosen = [(items[key], points) for key, points in ballot.choices.items()]
    return Receipt(ballot, line, chain.fingerprint(line), chosen)


def line_of(ballot: Ballot, codes: Mapping[int, str]) -> str:
    """The line that was hashed for a ballot; `codes` of the round's items by key. The voter should be loaded."""
    choice: dict[str, object] = {"items": [codes[key] for key in ballot.approvals]}
    if ballot.points is not None:
        choice["points"] = ballot.points
    return chain.opening(ballot.voter.pseudonym, ballot.version, ballot.nonce, choice)


def render(receipt: Receipt, address: str) -> bytes:
    """The receipt as a tagged PDF in the reader's language; `address` is that of the public board."""
    ballot = receipt.ballot
    asks_points = ballot.points is not None
    inputs = {
        "language": get_language() or "de",
        "title": gettext("Receipt of a ballot"),
        "subtitle": ballot.voter.round.title,
        "facts": [
            [gettext("Organisation"), ballot.voter.name],
            [gettext("Version of the ballot"), str(ballot.version)],
            [gettext("Cast on"), date_format(localtime(ballot.cast_at), "SHORT_DATETIME_FORMAT")],
            [gettext("Cast by"), str(ballot.cast_by)],
            [gettext("Pseudonym in this round"), ballot.voter.pseudonym],
            [gettext("Number on the board"), str(ballot.record.sequence)],
        ],
        "chosen_title": gettext("What was chosen"),
        "chosen": [
            f"{item.code} {item.title}" + (f": {points}" if asks_points else "")
            for item, points in receipt.items
        ],
        "hash_title": gettext("The hash on the public board (SHA-256)"),
        "hash": receipt.commitment,
        "line_title": gettext("The text that was hashed"),
        "line": receipt.line,
        "how": gettext(
            "Keep this text to yourself until the voting has ended: whoever has it knows your ballot. It is one "
            "line without a line break at its end. Its SHA-256 must be the hash above, and the hash must stand on "
            "the public board."
        ),
        "address": address,
    }
    return printed(FOLDER / "receipt.typ", "receipt", inputs, ballot.cast_at, ["ua-1"])
