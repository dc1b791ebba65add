import pytest

from activity.history import history_of
from activity.models import Event
from portfolio.actions import PortfolioRefused
from portfolio.actions.usecases import draft_usecase, reject_usecase, submit_usecase
from portfolio.models import UseCase


@pytest.fixture
def draft(jonas, brenner):
    return draft_usecase(
        by=jonas,
        organisation=brenner,
        title="Angebote prüfen",
        problem="Viele PDF",
        benefit="Zeit",
        domain="mechanical",
    )


def test_a_submitted_use_case_waits_for_triage(draft, jonas):
    submit_usecase(by=jonas, use_case=draft)
    assert UseCase.objects.awaiting_triage().get() == draft
    assert Event.objects.filter(verb="portfolio.usecase_submitted", actor=jonas).count() == 1


def test_nobody_drafts_for_another_organisation(jonas, rheinchemie):
    with pytest.raises(PortfolioRefused):
        draft_usecase(by=jonas, organisation=rheinchemie, title="x", problem="x", benefit="x", domain="other")
    assert not UseCase.objects.exists()


def test_a_draft_is_seen_by_its_organisation_alone(draft, jonas, leyla, stefan, mira):
    assert UseCase.objects.visible_to(leyla).exists()
    assert not UseCase.objects.visible_to(stefan).exists()
    assert not UseCase.objects.visible_to(mira).exists()


def test_the_second_of_two_hands_that_move_a_use_case_is_refused(draft, jonas, mira):
    stale = UseCase.objects.get(pk=draft.pk)
    submit_usecase(by=jonas, use_case=draft)
    with pytest.raises(PortfolioRefused, match="just changed"):
        submit_usecase(by=jonas, use_case=stale)


def test_a_rejection_needs_words(draft, jonas, mira):
    submit_usecase(by=jonas, use_case=draft)
    with pytest.raises(PortfolioRefused):
        reject_usecase(by=mira, use_case=draft, reason="  ")
    draft.refresh_from_db()
    assert draft.status == UseCase.Status.SUBMITTED


def test_the_history_names_what_changed(draft, jonas):
    submit_usecase(by=jonas, use_case=draft)
    changes = {change.field: change.after for change in history_of(draft)[0].changes}
    assert changes["status"] == "Submitted"
