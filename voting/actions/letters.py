"""What everybody who votes in a round is told by letter."""

from typing import Any

from activity.mail import write
from voting.actions.chain import head_of
from voting.actions.electorate import representatives
from voting.models import Ballot, Round


def tell(voting_round: Round, template: str, *, occasion: str = "", **context: Any) -> None:
    """One letter to each representative of the round; a letter of one `template` goes out once for each `occasion`."""
    write(
        to=representatives(voting_round),
        key=f"{template}:{voting_round.pk}{occasion and ':'}{occasion}",
        template=template,
        context={"round": voting_round, "head": head_of(voting_round), **context},
    )


def send_receipt(ballot: Ballot, commitment: str) -> None:
    """The receipt of one version to the representatives of its organisation; whoever cast it is one of them.

    It says how many proposals were chosen and never which. A copy goes to the organisation that delegated its vote, not
    to the delegate: nobody else needs to know which hash on the board is whose.
    """
    write(
        to=representatives(ballot.voter.round, only=ballot.voter),
        key=f"voting.receipt:{ballot.pk}",
        template="voting/letters/receipt.txt",
        context={
            "round": ballot.voter.round,
            "ballot": ballot,
            "source": ballot.copied_from,
            "commitment": commitment,
        },
    )
