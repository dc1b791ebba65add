"""Rounds in the administration."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.voting.factories import close, end_voting, make_proposal, make_round, vote
from voting.models import Round


def form_data(proposals):
    end = timezone.localtime(timezone.now() + timedelta(days=5))
    return {
        "title": "Im Admin",
        "question": "Was?",
        "budget": "900",
        "unit": "GPU-h",
        "minimum_approvals": "1",
        "objection_days": "0",
        "opens_at": "",
        "closes_at": end.strftime("%Y-%m-%dT%H:%M"),
        "proposals": [each.pk for each in proposals],
        "tracks-TOTAL_FORMS": 0,
        "tracks-INITIAL_FORMS": 0,
        "items-TOTAL_FORMS": 0,
        "items-INITIAL_FORMS": 0,
        "voters-TOTAL_FORMS": 0,
        "voters-INITIAL_FORMS": 0,
    }


def test_a_manager_drafts_changes_opens_and_closes(client, cast, mira, django_capture_on_commit_callbacks):
    client.force_login(mira)
    proposals = [make_proposal(cast, 300), make_proposal(cast, 400)]
    assert client.get("/admin/voting/round/add/").status_code == 200
    response = client.post("/admin/voting/round/add/", form_data(proposals))
    assert response.status_code == 302
    drafted = Round.objects.get()
    assert drafted.items.count() == 2
    change = f"/admin/voting/round/{drafted.pk}/change/"
    assert client.get(change).status_code == 200
    assert client.post(change, form_data(proposals[:1])).status_code == 302
    assert drafted.items.count() == 1
    for action in ("publish", "confirm", "freeze"):
        client.post("/admin/voting/round/", {"action": action, "_selected_action": [drafted.pk]})
    drafted.refresh_from_db()
    assert drafted.status == Round.Status.OPEN
    early = client.post(
        "/admin/voting/round/", {"action": "close", "_selected_action": [drafted.pk]}, follow=True
    )
    assert "Please say why" in early.content.decode()
    close(drafted, mira)
    client.post("/admin/voting/round/", {"action": "count", "_selected_action": [drafted.pk]})
    drafted.refresh_from_db()
    assert drafted.status == Round.Status.FINAL
    assert client.get(change).status_code == 200
    assert client.get(f"/admin/voting/result/{drafted.result.pk}/change/").status_code == 200


def test_a_manager_closes_what_is_over(client, mira, open_round):
    client.force_login(mira)
    end_voting(open_round)
    client.post("/admin/voting/round/", {"action": "close", "_selected_action": [open_round.pk]})
    open_round.refresh_from_db()
    assert open_round.status == Round.Status.CLOSED


def test_an_open_round_is_read_only(client, mira, open_round):
    client.force_login(mira)
    change = f"/admin/voting/round/{open_round.pk}/change/"
    assert client.post(change, form_data([])).status_code == 403
    open_round.refresh_from_db()
    assert open_round.title != "Im Admin"


def test_a_refused_step_is_said(client, cast, mira):
    drafted = make_round(cast, costs=(400, 400, 500))
    client.force_login(mira)
    client.post("/admin/voting/round/", {"action": "publish", "_selected_action": [drafted.pk]})
    response = client.post(
        "/admin/voting/round/", {"action": "confirm", "_selected_action": [drafted.pk]}, follow=True
    )
    assert "cost the same" in response.content.decode()


@pytest.mark.parametrize(("name", "status"), [("anke", 200), ("sven", 403), ("petra", 403), ("leyla", 302)])
def test_auditors_read_and_others_stay_out(client, cast, open_round, name, status):
    client.force_login(getattr(cast, name))
    assert client.get(f"/admin/voting/round/{open_round.pk}/change/").status_code == status
    assert client.get("/admin/voting/round/add/").status_code in {302, 403}
    posted = client.post("/admin/voting/round/", {"action": "close", "_selected_action": [open_round.pk]})
    assert posted.status_code in {200, 302, 403}
    open_round.refresh_from_db()
    assert open_round.status == Round.Status.OPEN


def test_ballots_are_not_in_the_administration(client, cast, mira, open_round):
    vote(open_round, cast.leyla, 0, 1, 2)
    client.force_login(mira)
    assert client.get("/admin/voting/ballot/").status_code == 404
