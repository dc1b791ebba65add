"""Random small elections, rich in ties and in money that equals a cost exactly."""

from fractions import Fraction

from hypothesis import strategies as st

from voting.tally import Ballot, Election, Item


@st.composite
def elections(
    draw: st.DrawFn, *, points: bool = False, lots: bool = True, fractions: bool = False
) -> Election:
    count = draw(st.integers(1, 7))
    costs = st.integers(1, 12) | st.integers(1, 400)
    if fractions:
        costs = costs | st.fractions(min_value=Fraction(1, 8), max_value=20, max_denominator=8)
    lot_order = draw(st.permutations(range(count)))
    items = tuple(
        Item(f"p{number}", draw(costs), lot_order[number] if lots else None) for number in range(count)
    )
    ballots = []
    for number in range(draw(st.integers(0, 12))):
        chosen = tuple(draw(st.lists(st.sampled_from(items), unique=True, max_size=count)))
        given = tuple(draw(st.integers(0, 6)) for _ in chosen) if points else ()
        ballots.append(Ballot(f"v{number}", tuple(item.id for item in chosen), given))
    budget = draw(st.integers(0, 30) | st.integers(0, 600))
    return Election(budget, items, tuple(ballots))
