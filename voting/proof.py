"""The proof kit of a round in the database: preliminary while objections are possible, archived once the result is final."""

import hashlib
from dataclasses import dataclass

from voting import chain, kit, protocol
from voting.models import Ballot, ChainRecord, ProofKit, Round, RoundItem
from voting.receipts import line_of


@dataclass(frozen=True)
class Made:
    """A kit as a file. `closing` is the closing hash of its chain, `is_archived` whether it is the one that stays."""

    data: bytes
    sha256: str
    closing: str
    is_archived: bool = False


def find_kit(voting_round: Round) -> Made | None:
    """The archived kit of a final round, the preliminary one of a counted round; None before and for all others."""
    kept = ProofKit.objects.filter(round=voting_round).first()
    if kept is not None:
        return Made(bytes(kept.data), kept.sha256, kept.closing, is_archived=True)
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
    told = kit.account(records, [line_of(ballot, codes) for ballot in ballots])
    data = kit.build(told, protocol.render(told))
    return Made(data, hashlib.sha256(data).hexdigest(), told.closing)


def archive_kit(voting_round: Round) -> ProofKit:
    """Keeps the kit of a round that becomes final; what it holds is the chain before the record that names it."""
    made = make_kit(voting_round)
    return ProofKit.objects.create(
        round=voting_round, data=made.data, sha256=made.sha256, closing=made.closing
    )


def closing_of(voting_round: Round) -> str:
    """The closing hash that representatives were told; empty while the voting goes on."""
    closes = ChainRecord.objects.filter(round=voting_round, kind=chain.CLOSE)
    return closes.values_list("digest", flat=True).first() or ""
