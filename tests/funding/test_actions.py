from datetime import date, timedelta

import pytest
from django.db import IntegrityError, InternalError, ProgrammingError, transaction
from django.utils import timezone

from activity.models import Event
from funding import actions
from funding.actions import FundingRefused
from funding.models import Award, Entry, FinancePlanVersion, PlannedAmount

from .factories import book, line, make_award, make_plan


def refused_by_the_database(change):
    with pytest.raises((IntegrityError, InternalError, ProgrammingError)), transaction.atomic():
        change()


def test_an_award_gets_a_code_and_an_event(award, petra):
    assert award.code.startswith("ZW-")
    assert Event.objects.filter(verb="funding.award_granted", actor=petra, target_id=award.pk).exists()


def test_an_award_that_ends_before_it_starts_is_refused(petra, bezirksregierung, cesai):
    with pytest.raises(FundingRefused, match="end after"):
        make_award(by=petra, funder=bezirksregierung, recipient=cesai, ends_on=date(2025, 1, 1))
    assert not Award.objects.exists()


def test_a_booked_entry_is_there_with_its_event(award, petra):
    entry = book(award, by=petra, cents=12_345)
    assert Entry.objects.get().amount_cents == 12_345
    assert Event.objects.get(verb="funding.entry_booked").data == {"entry": entry.pk, "amount_cents": 12_345}


@pytest.mark.parametrize("cents", [0, -1])
def test_an_amount_of_nothing_or_less_is_refused(award, petra, cents):
    with pytest.raises(FundingRefused, match="above zero"):
        book(award, by=petra, cents=cents)
    assert not Entry.objects.exists()


def test_a_payment_in_the_future_is_refused_and_a_planned_one_is_not(award, petra):
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(FundingRefused, match="future"):
        book(award, by=petra, cents=1, booked_on=tomorrow)
    assert book(award, by=petra, cents=1, booked_on=tomorrow, kind="plan").pk


def test_a_date_outside_the_period_needs_a_reason(award, petra):
    before = date(2025, 12, 31)
    with pytest.raises(FundingRefused, match="outside the approval period"):
        book(award, by=petra, cents=1, booked_on=before)
    entry = book(award, by=petra, cents=1, booked_on=before, outside_reason="Vorzeitiger Beginn genehmigt")
    assert entry.outside_reason


def test_a_reason_for_nothing_is_not_kept(award, petra):
    assert book(award, by=petra, cents=1, outside_reason="überflüssig").outside_reason == ""


def test_a_position_of_another_award_is_refused(award, petra, bezirksregierung, cesai):
    other = make_award(by=petra, funder=bezirksregierung, recipient=cesai, number=2)
    with pytest.raises(FundingRefused, match="another award"):
        actions.book_entry(
            by=petra,
            award=award,
            line=line(other),
            kind="actual",
            booked_on=date(2026, 2, 1),
            payee="x",
            reason="x",
            amount_cents=1,
        )


def test_a_payment_settles_no_more_than_is_open(award, petra):
    commitment = book(award, by=petra, cents=1_000, kind="commitment")
    book(award, by=petra, cents=600, settles=commitment)
    with pytest.raises(FundingRefused, match="more than what is open"):
        book(award, by=petra, cents=401, settles=commitment)
    book(award, by=petra, cents=400, settles=commitment)
    assert actions.open_cents(commitment) == 0


def test_only_payments_settle_and_only_commitments_of_their_position(award, petra):
    commitment = book(award, by=petra, cents=1_000, kind="commitment")
    with pytest.raises(FundingRefused, match="Only a payment"):
        book(award, by=petra, cents=1, kind="commitment", settles=commitment)
    with pytest.raises(FundingRefused, match="own position"):
        book(award, by=petra, cents=1, position="0835", settles=commitment)


def test_an_entry_is_taken_back_once_and_both_stay(award, petra):
    entry = book(award, by=petra, cents=500)
    mirror = actions.reverse_entry(
        by=petra, entry=entry, booked_on=date(2026, 3, 2), reason="Doppelt gebucht"
    )
    assert (mirror.amount_cents, mirror.reverses) == (-500, entry)
    with pytest.raises(FundingRefused, match="already"):
        actions.reverse_entry(by=petra, entry=entry, booked_on=date(2026, 3, 3), reason="Noch einmal")
    with pytest.raises(FundingRefused, match="already"):
        actions.reverse_entry(by=petra, entry=mirror, booked_on=date(2026, 3, 3), reason="Doch nicht")
    assert Entry.objects.count() == 2


def test_taking_back_needs_a_reason_and_a_day_that_makes_sense(award, petra):
    entry = book(award, by=petra, cents=500)
    for changes in (
        {"reason": " "},
        {"booked_on": date(2026, 2, 28)},
        {"booked_on": timezone.localdate() + timedelta(days=1)},
    ):
        with pytest.raises(FundingRefused):
            actions.reverse_entry(
                by=petra, entry=entry, **({"booked_on": date(2026, 3, 2), "reason": "x"} | changes)
            )
    assert Entry.objects.count() == 1


def test_a_commitment_with_payments_stays_until_they_are_taken_back(award, petra):
    commitment = book(award, by=petra, cents=1_000, kind="commitment")
    payment = book(award, by=petra, cents=600, settles=commitment)
    when = {"booked_on": date(2026, 3, 2), "reason": "Auftrag entfällt"}
    with pytest.raises(FundingRefused, match="Payments settle"):
        actions.reverse_entry(by=petra, entry=commitment, **when)
    actions.reverse_entry(by=petra, entry=payment, **when)
    assert actions.open_cents(commitment) == 1_000
    actions.reverse_entry(by=petra, entry=commitment, **when)
    commitment = Entry.objects.get(pk=commitment.pk)
    assert actions.open_cents(commitment) == 0


def test_the_database_refuses_what_no_page_would_send(award, petra, bezirksregierung, cesai):
    entry = book(award, by=petra, cents=500)
    other = make_award(by=petra, funder=bezirksregierung, recipient=cesai, number=2)
    fields = {
        "award": award,
        "line": line(award),
        "kind": "actual",
        "payee": "x",
        "reason": "x",
        "created_by": petra,
    }
    good = {**fields, "booked_on": date(2026, 2, 1), "amount_cents": 1}
    refused_by_the_database(lambda: Entry.objects.filter(pk=entry.pk).update(amount_cents=1))
    refused_by_the_database(lambda: Entry.objects.filter(pk=entry.pk).delete())
    for wrong in (
        {"amount_cents": 0},
        {"amount_cents": -1},
        {"line": line(other)},
        {"booked_on": date(2025, 12, 31)},
        {"settles": entry},
        {"reverses": entry, "amount_cents": -499},
        {"document_sha256": "abc"},
    ):
        refused_by_the_database(lambda wrong=wrong: Entry.objects.create(**(good | wrong)))
    assert Entry.objects.get() == entry


def test_sources_must_add_up_to_the_cent(award, petra):
    version = actions.add_plan_version(by=petra, award=award, name="Szenario")
    fields = {"version": version, "line": line(award), "year": 2026}
    PlannedAmount.objects.create(**fields, amount_cents=100, state_cents=90, own_cents=10)
    refused_by_the_database(
        lambda: PlannedAmount.objects.create(
            **(fields | {"year": 2027}), amount_cents=100, state_cents=89, own_cents=10
        )
    )
    refused_by_the_database(
        lambda: PlannedAmount.objects.create(
            **(fields | {"year": 2027}), amount_cents=0, state_cents=10, own_cents=-10
        )
    )


def test_an_approved_plan_does_not_change(award, petra):
    approved = award.plan_versions.get()
    refused_by_the_database(lambda: approved.amounts.update(year=2030))
    refused_by_the_database(lambda: approved.amounts.first().delete())
    assert approved.amounts.filter(year=2030).count() == 0


def test_a_plan_is_applied_for_first_and_approved_once(award, petra):
    version = make_plan(award, by=petra, amounts={("0812", 2026): 1})
    assert version.status == FinancePlanVersion.Status.SCENARIO
    with pytest.raises(FundingRefused, match="not possible"):
        actions.approve_plan(by=petra, version=version, decided_on=date(2026, 2, 1))
    actions.submit_plan(by=petra, version=version, submitted_on=date(2026, 2, 1))
    with pytest.raises(FundingRefused, match="applied for first"):
        actions.approve_plan(by=petra, version=version, decided_on=date(2026, 1, 31))
    actions.approve_plan(by=petra, version=version, decided_on=date(2026, 2, 1))
    with pytest.raises(FundingRefused, match="not possible"):
        actions.approve_plan(by=petra, version=version, decided_on=date(2026, 2, 1))


def test_a_plan_without_amounts_cannot_be_applied_for(award, petra):
    version = actions.add_plan_version(by=petra, award=award, name="Leer")
    with pytest.raises(FundingRefused, match="no amounts"):
        actions.submit_plan(by=petra, version=version, submitted_on=date(2026, 2, 1))
