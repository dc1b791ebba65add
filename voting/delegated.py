"""What an organisation sees of the delegations that it gave and holds in a round."""

from dataclasses import dataclass

from voting.ballotpaper import OwnVote
from voting.models import Ballot, Delegation


@dataclass(frozen=True)
class Entrusted:
    """`given` to another and standing; `held` of others; `seen`: the delegate's ballot, once it agreed and voted."""

    given: Delegation | None
    held: list[Delegation]
    seen: Ballot | None


def entrusted(own: OwnVote) -> Entrusted:
    """The delegations of the reader's organisation that were not revoked; two or three statements."""
    standing = Delegation.objects.standing().select_related("delegator", "delegate")
    given = standing.filter(delegator=own.voter).first()
    held = list(standing.filter(delegate=own.voter).order_by("delegator__name", "pk"))
    seen = None
    if given is not None and given.accepted_at is not None:
        seen = Ballot.objects.filter(voter=given.delegate).order_by("-version").first()
    return Entrusted(given, held, seen)
