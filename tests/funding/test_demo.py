import pytest
from django.utils import timezone

from funding import demo
from funding.models import Award, Entry, Programme
from funding.statement import budget_of, plan_totals


@pytest.fixture
def world(cast):
    demo.load(cast)
    return Award.objects.get()


def test_the_plan_is_150_million_and_the_scenario_130_million_of_public_money(world):
    approved, scenario, change = plan_totals(world)
    assert (approved.total_cents, approved.public_cents) == (15_000_000_000, 13_500_000_000)
    assert (scenario.public_cents, scenario.rate_bp) == (13_000_000_000, 9_000)
    assert change.total_cents == approved.total_cents


def test_every_cent_of_the_demo_is_booked_in_the_past_or_planned(world):
    today = timezone.localdate()
    assert not world.entries.filter(booked_on__gt=today).exclude(kind=Entry.Kind.PLAN).exists()
    budget = budget_of(world, today)
    paid = sum(entry.amount_cents for entry in world.entries.filter(kind=Entry.Kind.ACTUAL))
    assert budget.total.spent == paid == sum(spent for _approved, spent in budget.years.values())
    assert world.entries.count() >= 40


def test_the_demo_shows_a_position_within_and_one_beyond_the_tolerance(world):
    alarms = {each.position: each.alarm for each in budget_of(world, timezone.localdate()).positions}
    assert (alarms["0831"], alarms["0844"], alarms["0812"]) == ("within", "beyond", "")


def test_loading_again_adds_nothing(world, cast):
    before = Entry.objects.count()
    demo.load(cast)
    assert (Programme.objects.count(), Entry.objects.count()) == (1, before)


def test_it_says_that_it_is_invented(world):
    assert "Demo" in world.programme.name
    assert "Erfundenes Beispiel" in world.programme.purpose
