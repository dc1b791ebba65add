"""What is told about a count follows from the count: equal offers, and the share that was too large."""

from fractions import Fraction

from hypothesis import given, settings

from tests.voting.strategies import elections
from voting.tally import Ballot, Election, Item, TallyError, reference, tally
from voting.tally.story import Tie, tell


def election(budget: int, costs: dict[str, int], *ballots: str) -> Election:
    return Election(
        budget,
        tuple(Item(id, cost) for id, cost in costs.items()),
        tuple(Ballot(f"v{number}", tuple(chosen)) for number, chosen in enumerate(ballots)),
    )


def test_the_refused_share_is_one_unit_larger_and_names_what_it_would_buy():
    asked = election(10, {"a": 6, "b": 7}, "a", "b")
    told = tell(asked, tally(asked)).refused
    assert told is not None
    assert (told.share, sorted(told.items)) == ("7", ["a", "b"])


def test_nothing_is_refused_where_everything_is_bought():
    asked = election(20, {"a": 6, "b": 7}, "a", "b")
    assert tell(asked, tally(asked)).refused is None


def test_a_tie_is_told_with_all_that_were_equal():
    asked = election(33, {"a": 10, "b": 12, "c": 11}, "a", "b", "c")
    assert tell(asked, tally(asked)).ties == (Tie("a", ("b", "c")), Tie("c", ("b",)))


def test_what_is_dearer_is_no_tie():
    asked = election(30, {"a": 10, "b": 12}, "a", "ab", "b", "b")
    assert tell(asked, tally(asked)).ties == ()


def test_nobody_voted_and_there_is_nothing_to_tell():
    asked = Election(10, (Item("a", 5),), ())
    told = tell(asked, tally(asked))
    assert (told.ties, told.refused) == ((), None)


@given(elections(lots=True))
@settings(max_examples=150, deadline=None)
def test_both_follow_from_a_plain_count(asked):
    try:
        result = tally(asked)
        told = tell(asked, result)
    except TallyError:
        return
    book = reference._Book(asked, reference.Utility.COST, by_id=False)
    if told.refused:
        bought = book.run(Fraction(told.refused.share))
        assert [purchase.item for purchase in bought] == list(told.refused.items)
        assert book.cost(bought) > asked.budget
    money = {ballot.voter: Fraction(result.endowment or 0) for ballot in asked.ballots}
    left, found = {item.id for item in asked.items if book.supporters[item.id]}, []
    for step in result.steps:
        offers = {id: book.price(id, money) for id in left}
        keys = {id: price / book.items[id].cost for id, price in offers.items() if price is not None}
        equal = sorted(id for id, key in keys.items() if key == keys[step.item] and id != step.item)
        if equal:
            found.append(Tie(step.item, tuple(equal)))
        for voter in book.supporters[step.item]:
            money[voter] -= min(money[voter], offers[step.item])
        left.remove(step.item)
    assert list(told.ties) == found
