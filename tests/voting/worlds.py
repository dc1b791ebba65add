"""What tests of the voting begin with."""

from functools import partial
from itertools import pairwise

from accounts import demo
from tests.voting.factories import close, close_and_count, make_open_round, make_round, vote
from tests.world import World
from voting.actions.results import tally_round
from voting.actions.steps import confirm_proposals, freeze_round, publish_rules
from voting.models import Round

Status = Round.Status


def counted(cast, open_round: Round) -> Round:
    """Three organisations; shares of 400: the first item won for 400/3 each, the second for 250 each. 300 of 1,200 are
    left; the other two lost with two votes each."""
    vote(open_round, cast.leyla, 0, 1, 2)
    vote(open_round, cast.stefan, 0, 1, 3)
    vote(open_round, cast.ines, 0, 2, 3)
    return close_and_count(open_round, cast.mira)


CAST = World(lambda: demo.load(password=None))
OPEN = World(make_open_round, upon=CAST)
COUNTED = World(counted, upon=OPEN)

STEPS = {
    Status.PUBLISHED: lambda cast, made: publish_rules(by=cast.mira, voting_round=made),
    Status.COSTED: lambda cast, made: confirm_proposals(by=cast.mira, voting_round=made),
    Status.OPEN: lambda cast, made: freeze_round(by=cast.mira, voting_round=made),
    Status.CLOSED: lambda cast, made: close(made, cast.mira),
    Status.TALLIED: lambda cast, made: tally_round(by=cast.mira, voting_round=made),
}


def step_to(status, cast, *before) -> Round:
    made = before[-1]
    STEPS[status](cast, made)
    made.refresh_from_db()
    assert made.status == status
    return made


# By its status: a round that has come so far and not further.
AT = {Status.DRAFT: World(partial(make_round, objection_days=14), upon=CAST)}
for earlier, reached in pairwise([Status.DRAFT, *STEPS]):
    AT[reached] = World(partial(step_to, reached), upon=AT[earlier])
STATUS = {world: status for status, world in AT.items()}
