"""What happened, told to those whom it concerns."""

import pytest
from django.urls import reverse

from activity.actions import record
from activity.models import SENTENCES, Event
from activity.sentences import register


def test_an_event_keeps_what_its_target_was_called(jonas, use_case_draft):
    event = record(jonas, "portfolio.usecase_drafted", use_case_draft, note="x")
    assert (event.target_label, event.target_url) == (str(use_case_draft), use_case_draft.get_absolute_url())
    assert (event.target_type, event.target_id, event.data) == (
        "portfolio.usecase",
        use_case_draft.pk,
        {"note": "x"},
    )
    assert event.sentence == "Drafted"


def test_a_verb_without_sentence_is_shown_as_it_is(use_case_draft):
    assert Event(verb="unknown.verb").sentence == "Unknown.verb"


def test_a_long_name_is_cut_not_refused(jonas, use_case_draft):
    use_case_draft.title = "x" * 400
    assert len(record(jonas, "portfolio.usecase_drafted", use_case_draft).target_label) == 250


def test_two_apps_cannot_claim_one_verb():
    with pytest.raises(ValueError, match=r"portfolio\.usecase_drafted"):
        register({"portfolio.usecase_drafted": "again"})
    assert str(SENTENCES["portfolio.usecase_drafted"]) == "drafted"


def test_colleagues_managers_and_auditors_see_it_and_others_do_not(
    jonas, leyla, mira, anke, stefan, gast, use_case_draft
):
    for person, seen in ((jonas, 1), (leyla, 1), (mira, 1), (anke, 1), (stefan, 0), (gast, 0)):
        assert Event.objects.visible_to(person).count() == seen, person


@pytest.mark.parametrize("name", ["mira", "sven"])
def test_the_administration_shows_events_and_changes_none(client, request, name, use_case_draft):
    client.force_login(request.getfixturevalue(name))
    assert str(use_case_draft) in client.get(reverse("admin:activity_event_changelist")).text
    change = reverse("admin:activity_event_change", args=[Event.objects.get().pk])
    assert client.get(change).status_code == 200
    assert client.post(change, {"verb": "x"}).status_code == 403
    assert client.get(reverse("admin:activity_event_add")).status_code == 403
    assert (
        client.post(reverse("admin:activity_event_delete", args=[Event.objects.get().pk])).status_code == 403
    )
