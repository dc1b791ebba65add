"""What everybody who votes in a round is told by letter."""

from typing import Any

from activity.mail import write
from voting.actions.chain import head_of
from voting.actions.electorate import representatives
from voting.models import Round


def tell(voting_round: Round, template: str, **context: Any) -> None:
    """One letter to each representative of the round; a letter of one `template` goes out once."""
    write(
        to=representatives(voting_round),
        key=f"{template}:{voting_round.pk}",
        template=template,
        context={"round": voting_round, "head": head_of(voting_round), **context},
    )
