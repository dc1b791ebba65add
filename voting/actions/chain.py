"""Writing the hash chain of a round."""

from datetime import UTC, datetime
from typing import Any

from voting import chain
from voting.models import ChainRecord, Round


def append(voting_round: Round, kind: str, **content: Any) -> ChainRecord:
    """The next record of the round's chain; `content` as in `chain.body_of`, times as `datetime`.

    Call it inside the transaction of the step that it seals. It locks the round until the end of that transaction, so
    that no two records follow the same one; a lock on a voter has to be taken before, never after. Every kind but
    ballots gets the database's time as `at`: nobody should find a ballot by knowing when somebody voted.
    """
    # A lock that foreign keys of other rows do not wait for.
    locked = Round.objects.select_for_update(no_key=True).with_clock().get(pk=voting_round.pk)
    if kind != chain.BALLOT:
        content["at"] = locked.clock  # type: ignore[attr-defined]
    last = (
        ChainRecord.objects.filter(round=locked)
        .order_by("-sequence")
        .values_list("sequence", "digest")
        .first()
    )
    sequence, previous = (last[0] + 1, last[1]) if last else (1, chain.NOTHING)
    body = chain.body_of(sequence, kind, {name: _plain(value) for name, value in content.items()})
    return ChainRecord.objects.create(
        round=locked,
        sequence=sequence,
        kind=kind,
        body=body,
        previous=previous,
        digest=chain.digest_of(previous, body),
    )


def head_of(voting_round: Round) -> str:
    """The digest of the last record; the one before everything while there is none."""
    digests = ChainRecord.objects.filter(round=voting_round).order_by("-sequence")
    return digests.values_list("digest", flat=True).first() or chain.NOTHING


def _plain(value: Any) -> Any:
    """Times in UTC, to the microsecond."""
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value
