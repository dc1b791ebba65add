from datetime import timedelta

import pytest
from django.utils import timezone

from funding.actions import reverse_entry
from funding.dashboard import dashboard

from .factories import book


def test_finance_sees_planned_payments_of_the_next_two_weeks(award, petra, mira):
    today = timezone.localdate()
    book(award, by=petra, cents=100, kind="plan", booked_on=today + timedelta(days=14), payee="Bald")
    book(award, by=petra, cents=100, kind="plan", booked_on=today + timedelta(days=15), payee="Später")
    gone = book(
        award, by=petra, cents=100, kind="plan", booked_on=today + timedelta(days=3), payee="Entfallen"
    )
    reverse_entry(by=petra, entry=gone, booked_on=today, reason="Auftrag entfällt")
    assert [task.label for task in dashboard(petra).tasks] == ["Planned payment to Bald"]
    assert dashboard(mira).tasks == []


@pytest.mark.parametrize("name", ["petra", "mira", "anke", "frank"])
def test_those_who_read_money_see_what_is_spent(award, petra, request, name):
    book(award, by=petra, cents=123_456)
    figure = dashboard(request.getfixturevalue(name)).figures[0]
    assert (figure.value, figure.note) == ("€1,234.56", "Grants of up to €1,800.00")


@pytest.mark.parametrize("name", ["jonas", "gast"])
def test_everybody_else_sees_nothing_of_it(award, request, name):
    found = dashboard(request.getfixturevalue(name))
    assert found.tasks == found.figures == []
