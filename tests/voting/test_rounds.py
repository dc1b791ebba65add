"""A round from the draft to its opening, through the pages and the actions."""

from datetime import timedelta

import pgtrigger
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from activity.history import history_of
from activity.models import Event
from portfolio.models import ModelProposal
from tests.voting.factories import close, end_voting, make_open_round, make_proposal, make_round
from voting.actions import VoteRefused
from voting.actions.rounds import edit_round
from voting.actions.steps import close_round, open_round
from voting.models import Round
from voting.tasks import close_due_rounds


def draft_data(chosen, **changes):
    closes = timezone.localtime(timezone.now() + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M")
    data = {
        "title": "Erste Runde",
        "question": "Welche Modelle?",
        "budget": 1000,
        "unit": "GPU-h",
        "minimum_approvals": 2,
        "objection_days": 14,
        "opens_at": "",
        "closes_at": closes,
        "proposals": [proposal.pk for proposal in chosen],
    }
    return data | changes


def test_a_manager_drafts_a_round(client, cast, mira):
    proposals = [make_proposal(cast, 300), make_proposal(cast, 400)]
    client.force_login(mira)
    response = client.post("/voting/new/", draft_data(proposals))
    drafted = Round.objects.get()
    assert response.status_code == 302
    assert response["Location"] == drafted.get_absolute_url() == "/voting/erste-runde/"
    assert drafted.status == Round.Status.DRAFT
    assert sorted(drafted.items.values_list("cost", flat=True)) == [300, 400]
    assert Event.objects.filter(verb="voting.round_created", actor=mira).count() == 1


@pytest.mark.parametrize("name", ["jonas", "leyla", "petra", "anke", "sven", "gast"])
def test_nobody_else_drafts_a_round(client, cast, name):
    client.force_login(getattr(cast, name))
    assert client.get("/voting/new/").status_code == 403
    assert client.post("/voting/new/", draft_data([])).status_code == 403
    assert not Round.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"budget": "0"}, "budget"),
        ({"budget": "viel"}, "budget"),
        ({"closes_at": ""}, "closes_at"),
        ({"opens_at": "2030-01-02T10:00", "closes_at": "2030-01-01T10:00"}, "__all__"),
        ({"minimum_approvals": "0"}, "minimum_approvals"),
        ({"proposals": []}, "proposals"),
        ({"proposals": ["999999"]}, "proposals"),
    ],
)
def test_a_draft_with_a_mistake_is_shown_again_with_what_was_typed(client, cast, mira, changes, field):
    client.force_login(mira)
    response = client.post(
        "/voting/new/", draft_data([make_proposal(cast, 300)], question="Mein Text", **changes)
    )
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert b"Mein Text" in response.content
    assert not Round.objects.exists()


def test_two_rounds_of_one_title_get_two_addresses(cast):
    assert [make_round(cast, title="Runde").slug for _ in range(3)] == ["runde", "runde-2", "runde-3"]


def test_a_draft_can_be_changed(client, cast, mira):
    drafted = make_round(cast)
    other = make_proposal(cast, 999)
    client.force_login(mira)
    response = client.post(
        f"/voting/{drafted.slug}/edit/", draft_data([other], title="Neu", minimum_approvals=1)
    )
    assert response.status_code == 302
    drafted.refresh_from_db()
    assert drafted.title == "Neu"
    assert drafted.items.get().proposal == other


def test_an_open_round_cannot_be_changed(client, cast, mira, open_round):
    client.force_login(mira)
    response = client.post(
        f"/voting/{open_round.slug}/edit/", draft_data([make_proposal(cast, 999)], title="Neu")
    )
    assert response.status_code == 422
    assert b"can not be changed" in response.content
    open_round.refresh_from_db()
    assert open_round.title != "Neu"
    assert open_round.items.count() == 4


def test_opening_fixes_the_electorate_and_puts_the_proposals_on_the_ballot(client, cast, mira):
    drafted = make_round(cast)
    client.force_login(mira)
    for step in ("publish", "confirm", "freeze"):
        assert client.post(f"/voting/{drafted.slug}/{step}/").status_code == 302
    drafted.refresh_from_db()
    assert drafted.status == Round.Status.OPEN
    names = set(drafted.voters.values_list("name", flat=True))
    assert {"Brenner Maschinenbau GmbH", "Kelheim Werkzeugbau KG", "Rheinchemie Labor AG"} <= names
    assert "CESAI" not in names
    assert "Institut für Angewandte Sprache" not in names
    statuses = ModelProposal.objects.filter(round_items__round=drafted).values_list("status", flat=True)
    assert set(statuses) == {ModelProposal.Status.ON_BALLOT}


def test_an_opening_time_in_the_past_becomes_now(cast, mira):
    drafted = make_round(cast, opens_at=timezone.now() - timedelta(days=3))
    before = timezone.now()
    assert open_round(by=mira, voting_round=drafted).opens_at >= before


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"costs": (400, 400, 500)}, "cost the same"),
        ({"minimum_approvals": 5}, "only 4 proposals"),
        ({"budget": 699}, "more than the budget"),
        ({"budget": 700 * 10**9}, "larger unit"),
        ({"closes_at": timezone.now() - timedelta(minutes=1)}, "lies ahead"),
        ({"closes_at": None}, "lies ahead"),
    ],
)
def test_a_round_that_could_give_no_result_does_not_open(cast, mira, content, sentence):
    drafted = make_round(cast, **content)
    with pytest.raises(VoteRefused, match=sentence):
        open_round(by=mira, voting_round=drafted)
    drafted.refresh_from_db()
    assert drafted.status == Round.Status.DRAFT
    assert not drafted.voters.exists()


def test_a_proposal_is_on_one_open_ballot_at_a_time(client, cast, mira, open_round):
    proposal = open_round.items.first().proposal
    second = make_round(cast, costs=(800, 900))
    edit_round(
        by=mira,
        voting_round=second,
        title=second.title,
        minimum_approvals=1,
        proposals=[proposal],
        closes_at=second.closes_at,
    )
    client.force_login(mira)
    for step in ("publish", "confirm", "freeze"):
        response = client.post(f"/voting/{second.slug}/{step}/", follow=True)
    assert b"this step is not possible" in response.content
    second.refresh_from_db()
    assert second.status == Round.Status.COSTED


@pytest.mark.parametrize("step", ["publish", "confirm", "freeze", "close", "cancel", "tally", "finalise"])
@pytest.mark.parametrize("name", ["leyla", "anke"])
def test_only_managers_move_a_round(client, cast, open_round, step, name):
    client.force_login(getattr(cast, name))
    assert client.post(f"/voting/{open_round.slug}/{step}/").status_code == 403
    assert client.get(f"/voting/{open_round.slug}/{step}/").status_code in {403, 405}


def test_a_round_is_opened_once(cast, mira, open_round):
    with pytest.raises(VoteRefused, match="published already"):
        open_round_again(mira, open_round)


def open_round_again(mira, voting_round):
    open_round(by=mira, voting_round=voting_round)


def test_a_draft_cannot_be_closed(cast, mira):
    with pytest.raises(VoteRefused, match="not open"):
        close_round(by=mira, voting_round=make_round(cast))


def test_a_manager_closes_early_and_the_end_is_recorded(cast, mira, open_round):
    planned = open_round.closes_at
    closed = close(open_round, mira)
    assert closed.status == Round.Status.CLOSED
    assert closed.closes_at == planned
    assert closed.closed_at < planned
    entry = history_of(closed)[0]
    assert {change.field for change in entry.changes} == {"status", "closed", "why it was closed early"}


def test_a_round_that_opens_later_cannot_be_closed_before(cast, mira):
    ahead = make_open_round(cast, opens_at=timezone.now() + timedelta(days=1))
    with pytest.raises(VoteRefused, match="opens on"):
        close(ahead, mira)


def test_the_portal_closes_what_is_due_and_has_it_counted(
    cast, open_round, django_capture_on_commit_callbacks
):
    later = make_open_round(cast, costs=(410, 510, 610))
    end_voting(open_round)
    with django_capture_on_commit_callbacks() as callbacks:
        close_due_rounds()
        close_due_rounds()
    # The count and the letters.
    assert len(callbacks) == 2
    assert Round.objects.get(pk=open_round.pk).status == Round.Status.CLOSED
    assert Round.objects.get(pk=later.pk).status == Round.Status.OPEN


def test_the_portal_does_not_close_before_the_end(open_round):
    with pytest.raises(VoteRefused, match="still open"):
        close_round(by=None, voting_round=open_round)


def test_the_database_knows_that_a_round_ends_after_it_begins(open_round):
    with (
        pytest.raises(IntegrityError, match="closes_after"),
        pgtrigger.ignore("voting.Round:steps"),
        transaction.atomic(),
    ):
        Round.objects.filter(pk=open_round.pk).update(closes_at=open_round.opens_at)


def test_drafts_are_seen_by_managers_and_auditors_alone(client, cast):
    drafted = make_round(cast)
    seen = {}
    for name in ("mira", "anke", "jonas", "leyla", "petra", "gast"):
        client.force_login(getattr(cast, name))
        seen[name] = client.get(drafted.get_absolute_url()).status_code
    assert seen == {"mira": 200, "anke": 200, "jonas": 404, "leyla": 404, "petra": 404, "gast": 404}


def test_open_rounds_are_seen_by_members_and_not_by_guests(client, cast, open_round):
    seen = {}
    for name in ("mira", "jonas", "leyla", "paul", "frank", "samir", "gast"):
        client.force_login(getattr(cast, name))
        seen[name] = client.get(open_round.get_absolute_url()).status_code
    assert seen == {"gast": 404} | dict.fromkeys(("mira", "jonas", "leyla", "paul", "frank", "samir"), 200)


def test_whoever_is_not_signed_in_is_sent_to_sign_in(client, open_round):
    for address in (
        "/voting/",
        "/voting/new/",
        f"/voting/{open_round.slug}/",
        f"/voting/{open_round.slug}/ballot/",
    ):
        assert client.get(address).status_code == 302


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_list_names_phase_and_budget(client, cast, leyla, open_round, language):
    make_open_round(cast, costs=(410, 510, 610), opens_at=timezone.now() + timedelta(days=1))
    client.force_login(leyla)
    client.post("/preferences/language/", {"language": language, "next": "/voting/"})
    text = client.get("/voting/").content.decode()
    assert open_round.title in text
    assert ("Opens soon" if language == "en" else "Öffnet bald") in text


def test_an_empty_list_says_what_will_appear(client, leyla):
    client.force_login(leyla)
    assert b"No voting round yet" in client.get("/voting/").content
