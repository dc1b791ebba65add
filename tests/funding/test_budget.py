from hypothesis import given
from hypothesis import strategies as st

from funding.budget import Alarm, Amounts, assemble, public_money, share_bp

cents = st.integers(0, 10**13)


def test_exactly_the_tolerance_is_within_and_a_cent_more_is_beyond():
    assert Amounts(approved=1_000, spent=1_000).alarm(2_000) is Alarm.NONE
    assert Amounts(approved=1_000, spent=1_200).alarm(2_000) is Alarm.WITHIN
    assert Amounts(approved=1_000, spent=1_201).alarm(2_000) is Alarm.BEYOND


def test_money_on_a_position_without_a_plan_is_an_alarm_and_no_money_is_none():
    assert Amounts(spent=1).alarm(2_000) is Alarm.UNPLANNED
    assert Amounts().alarm(2_000) is Alarm.NONE


def test_commitments_count_as_used_but_planned_payments_and_gifts_do_not():
    amounts = Amounts(approved=100, expected=500, committed=30, spent=20, in_kind=700)
    assert (amounts.used, amounts.remaining, amounts.share_bp) == (50, 50, 5_000)


def test_shares_are_rounded_half_up_and_unknown_for_nothing():
    assert share_bp(1, 3) == 3_333
    assert share_bp(1, 20_000) == 1
    assert share_bp(1, 20_001) == 0
    assert share_bp(5, 0) is None


@given(st.lists(st.builds(Amounts, cents, cents, cents, cents, cents, cents)))
def test_the_total_is_the_sum_of_the_positions(rows):
    lines = [(pk, f"{pk:04}", "x") for pk in range(len(rows))]
    positions = assemble(lines, dict(enumerate(rows)), 2_000)
    total = sum((each.amounts for each in positions), Amounts())
    assert total.remaining == sum(row.approved - row.committed - row.spent for row in rows)


@given(
    st.sampled_from(["share", "deficit", "fixed"]),
    cents,
    st.integers(1, 10_000),
    st.integers(1, 10**13),
    cents,
)
def test_the_grant_never_carries_more_than_was_spent_or_granted(financing, spent, rate, maximum, own):
    carried = public_money(financing, spent=spent, rate_bp=rate, maximum=maximum, own_planned=own)
    assert 0 <= carried <= min(spent, maximum)


def test_each_kind_of_financing_carries_its_own_part():
    figures = {"spent": 1_001, "rate_bp": 9_000, "maximum": 950, "own_planned": 100}
    assert public_money("share", **figures) == 900
    assert public_money("deficit", **figures) == 901
    assert public_money("fixed", **figures) == 950
