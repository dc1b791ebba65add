"""The proof kit of a round in the database: preliminary while objections are possible, archived once the result is final."""

import hashlib
import json
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from voting import chain, kit, protocol
from voting.models import Ballot, ChainRecord, ProofKit, Round, RoundItem
from voting.receipts import line_of

# What reading records and ballots raises that are no longer what the portal wrote.
_DAMAGED = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, StopIteration)


FLAWS = {
    kit.Flaw.CHAIN: _("A record of the chain was changed, is missing or cannot be read."),
    kit.Flaw.BALLOTS: _("A ballot was changed, is missing or is one too many."),
    kit.Flaw.RESULT: _("The sealed result does not follow from the ballots."),
    kit.Flaw.ARCHIVE: _("The archived kit was changed."),
}


@dataclass(frozen=True)
class Made:
    """A kit as a file. `closing` is the closing hash of its chain, `is_archived` whether it is the one that stays."""

    data: bytes
    sha256: str
    closing: str
    is_archived: bool = False


def find_kit(voting_round: Round) -> Made | None:
    """The archived kit of a final round, the preliminary one of a counted round; None before and for all others.

    Raises kit.NoProof when somebody changed the database: no kit is given out that contradicts the chain.
    """
    kept = ProofKit.objects.filter(round=voting_round).first()
    if kept is not None:
        data = bytes(kept.data)
        if hashlib.sha256(data).hexdigest() != _named_kit(voting_round):
            raise kit.NoProof(
                "the archived kit is not the one whose checksum the last record of the chain names"
            )
        return Made(data, kept.sha256, kept.closing, is_archived=True)
    if voting_round.status == Round.Status.TALLIED:
        return make_kit(voting_round)
    return None


def make_kit(voting_round: Round) -> Made:
    """The kit of a counted round, from its chain as it stands and the ballots that count.

    Raises kit.NoProof when these do not give the sealed result: then somebody changed the database.
    """
    records = ChainRecord.objects.filter(round=voting_round).order_by("sequence")
    codes = dict(RoundItem.objects.filter(round=voting_round).values_list("pk", "code"))
    ballots = Ballot.objects.filter(voter__round=voting_round).current().select_related("voter")
    try:
        openings = [line_of(ballot, codes) for ballot in ballots]
    except _DAMAGED as error:
        raise kit.NoProof(f"a ballot cannot be read: {error!r}", kit.Flaw.BALLOTS) from error
    try:
        told = kit.account(records, openings)
    except _DAMAGED as error:
        raise kit.NoProof(f"a record cannot be read: {error!r}") from error
    data = kit.build(told, protocol.render(told))
    return Made(data, hashlib.sha256(data).hexdigest(), told.closing)


def archive_kit(voting_round: Round) -> ProofKit:
    """Keeps the kit of a round that becomes final; what it holds is the chain before the record that names it."""
    made = make_kit(voting_round)
    return ProofKit.objects.create(
        round=voting_round, data=made.data, sha256=made.sha256, closing=made.closing
    )


def _named_kit(voting_round: Round) -> str | None:
    """The checksum in the last record of a final round; None where that record is missing or not to be read."""
    finals = ChainRecord.objects.filter(round=voting_round, kind=chain.FINAL).order_by("-sequence")
    body = finals.values_list("body", flat=True).first()
    try:
        named = json.loads(body or "")["kit"]
    except _DAMAGED:
        return None
    return str(named)


def closing_of(voting_round: Round) -> str:
    """The closing hash that representatives were told; empty while the voting goes on."""
    closes = ChainRecord.objects.filter(round=voting_round, kind=chain.CLOSE)
    return closes.values_list("digest", flat=True).first() or ""
