"""What tests of the voting begin with."""

from accounts import demo
from tests.voting.factories import close_and_count, make_open_round, vote
from tests.world import World
from voting.models import Round


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
