from datetime import date, timedelta

from django.utils import timezone

from funding import actions
from funding.budget import Alarm
from funding.statement import budget_of, plan_totals, spent_by_award

from .factories import book, make_award, make_plan

END = date(2026, 6, 30)


def figures(award, position="0812", as_of=END):
    found = budget_of(award, as_of)
    return next(each for each in found.positions if each.position == position).amounts


def test_an_award_without_anything_has_zeros(petra, bezirksregierung, cesai):
    bare = make_award(by=petra, funder=bezirksregierung, recipient=cesai)
    budget = budget_of(bare, END)
    assert budget.total.approved == budget.total.used == 0
    assert [each.position for each in budget.positions] == ["0812", "0835"]
    assert budget.years == {}


def test_entries_count_by_kind_and_payments_lower_their_commitment(award, petra):
    commitment = book(award, by=petra, cents=30_000, kind="commitment")
    book(award, by=petra, cents=10_000, settles=commitment)
    book(award, by=petra, cents=2_000)
    book(award, by=petra, cents=500, kind="in_kind")
    amounts = figures(award)
    assert (amounts.approved, amounts.committed, amounts.spent, amounts.in_kind) == (
        100_000,
        20_000,
        12_000,
        500,
    )
    assert amounts.remaining == 68_000


def test_what_was_taken_back_does_not_count(award, petra):
    entry = book(award, by=petra, cents=10_000)
    actions.reverse_entry(by=petra, entry=entry, booked_on=date(2026, 4, 1), reason="Irrtum")
    assert figures(award).spent == 0
    assert figures(award, as_of=date(2026, 3, 31)).spent == 10_000


def test_the_day_asked_for_counts_whole_and_the_next_does_not(award, petra):
    book(award, by=petra, cents=100, booked_on=END)
    book(award, by=petra, cents=900, booked_on=END + timedelta(days=1))
    assert figures(award).spent == 100


def test_planned_payments_are_expected_until_their_day(award, petra):
    future = timezone.localdate() + timedelta(days=10)
    book(award, by=petra, cents=700, kind="plan", booked_on=future)
    assert figures(award, as_of=timezone.localdate()).expected == 700
    assert figures(award, as_of=timezone.localdate()).used == 0
    assert figures(award, as_of=future).expected == 0


def test_the_plan_in_force_is_the_newest_decision_up_to_the_day(award, petra):
    make_plan(
        award, by=petra, amounts={("0812", 2026): 70_000}, approved_on=date(2026, 5, 1), name="Änderung"
    )
    assert figures(award, as_of=date(2026, 4, 30)).approved == 100_000
    assert figures(award, as_of=date(2026, 5, 1)).approved == 70_000
    assert figures(award, "0835", date(2026, 5, 1)).approved == 0


def test_a_plan_that_was_only_applied_for_is_planned_not_approved(award, petra):
    version = make_plan(award, by=petra, amounts={("0812", 2026): 90_000})
    assert figures(award).planned == 100_000
    actions.submit_plan(by=petra, version=version, submitted_on=date(2026, 2, 1))
    assert (figures(award).planned, figures(award).approved) == (90_000, 100_000)


def test_a_scenario_moves_no_figure_but_is_listed_with_its_rate(award, petra):
    make_plan(award, by=petra, amounts={("0812", 2026): 1_000}, name="Szenario")
    assert figures(award).planned == 100_000
    scenario = plan_totals(award)[1]
    assert (scenario.total_cents, scenario.public_cents, scenario.rate_bp) == (1_000, 900, 9_000)


def test_the_tolerance_is_that_of_the_rule_pack_on_the_day(award, petra):
    book(award, by=petra, cents=115_000)
    assert budget_of(award, END).positions[0].alarm is Alarm.WITHIN
    award.rule_pack.versions.create(
        valid_from=date(2026, 6, 1),
        source="Neufassung",
        use_by=6,
        use_by_unit="weeks",
        line_tolerance_bp=1_000,
        interim_proof_months=4,
        final_proof_months=6,
    )
    assert budget_of(award, date(2026, 5, 31)).positions[0].alarm is Alarm.WITHIN
    assert budget_of(award, END).positions[0].alarm is Alarm.BEYOND


def test_years_and_sources_add_up_to_the_plan(award, petra):
    book(award, by=petra, cents=12_000)
    budget = budget_of(award, END)
    assert budget.years == {2026: (100_000, 12_000), 2027: (100_000, 0)}
    assert sum(budget.sources.values()) == budget.total.approved
    assert budget.sources["federal"] == 180_000


def test_the_number_of_statements_does_not_grow(award, petra, django_assert_num_queries):
    for day in range(1, 20):
        book(award, by=petra, cents=day, booked_on=date(2026, 4, day))
    with django_assert_num_queries(3):
        budget_of(award, END)


def test_spending_of_many_awards_is_one_statement(
    award, petra, bezirksregierung, cesai, django_assert_num_queries
):
    other = make_award(by=petra, funder=bezirksregierung, recipient=cesai, number=2)
    book(award, by=petra, cents=7)
    with django_assert_num_queries(1):
        assert spent_by_award([award, other], END) == {award.pk: 7, other.pk: 0}
