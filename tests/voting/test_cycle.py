"""The life of a round: what each step fixes, and that the database refuses to have it changed."""

from datetime import date, timedelta

import pgtrigger
import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import Membership, Organisation
from activity.models import Mail
from activity.tasks import send_mails
from tests.voting.factories import (
    close,
    codes_of,
    end_voting,
    make_firm,
    make_open_round,
    make_proposal,
    make_round,
    vote,
)
from tests.voting.worlds import AT, STATUS
from voting import chain
from voting.actions import VoteRefused
from voting.actions.ballots import cast_ballot
from voting.actions.chain import append, head_of
from voting.actions.results import tally_round
from voting.actions.rounds import edit_round
from voting.actions.steps import (
    cancel_round,
    close_round,
    confirm_proposals,
    lot_order,
    publish_rules,
)
from voting.costing import Pot, advice, cost_in
from voting.models import Ballot, ChainRecord, Round, RoundVoter
from voting.tasks import close_due_rounds, open_due_rounds

Status = Round.Status


def execute(statement, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def made(request, db) -> Round:
    return request.param.found()


def begins(*statuses):
    return pytest.mark.parametrize("made", [AT[status] for status in statuses], ids=STATUS.get, indirect=True)


LATER = list(AT)[1:]
RULE_CHANGES = [
    "budget = budget + 1", "rule = 'greedy'", "utility = 'points'", "minimum_approvals = 1", "title = 'x'",
    "question = 'x'", "unit = 'EUR'", "closes_at = closes_at + interval '1 second'",
    "opens_at = now() - interval '1 day'", "objection_days = 0", "lot = 'x'", "slug = 'x'", "kind = 'imported'",
]  # fmt: skip


@begins(*LATER)
def test_the_database_refuses_to_change_any_rule_once_it_is_published(made):
    for change in RULE_CHANGES:
        with pytest.raises(IntegrityError, match="rules of the round are fixed"):
            execute(f"UPDATE voting_round SET {change} WHERE id = %s", made.pk)
    with pytest.raises(IntegrityError, match="stays"):
        execute("DELETE FROM voting_round WHERE id = %s", made.pk)


def test_a_draft_is_free(cast):
    made = make_round(cast)
    for change in RULE_CHANGES[:7]:
        execute(f"UPDATE voting_round SET {change} WHERE id = %s", made.pk)


@begins(*LATER[1:])
def test_the_database_refuses_to_change_items_once_they_are_confirmed(made):
    for statement in (
        "UPDATE voting_rounditem SET cost = cost + 1 WHERE round_id = %s",
        "UPDATE voting_rounditem SET title = 'x' WHERE round_id = %s",
        "DELETE FROM voting_rounditem WHERE round_id = %s",
        "INSERT INTO voting_rounditem (round_id, code, title, cost) VALUES (%s, 'x', 'x', 1)",
    ):
        with pytest.raises(IntegrityError, match="proposals of the round are fixed"):
            execute(statement, made.pk)


@begins(*LATER[2:])
def test_the_database_refuses_to_change_the_electorate_once_it_is_frozen(made):
    for statement in (
        "UPDATE voting_roundvoter SET pseudonym = 'x' WHERE round_id = %s",
        "DELETE FROM voting_roundvoter WHERE round_id = %s",
    ):
        with pytest.raises(DatabaseError, match="append_only"):
            execute(statement, made.pk)
    other = Organisation.objects.create(name="Neu", slug="neu", kind="company", seat="Köln")
    with pytest.raises(IntegrityError, match="electorate of the round is fixed"), transaction.atomic():
        RoundVoter.objects.create(round=made, organisation=other, group=other, name="Neu", size_class="none")


@begins(Status.COSTED)
def test_nobody_votes_before_the_ballot_paper_is_frozen(cast, made):
    with pytest.raises(VoteRefused):
        vote(made, cast.leyla, 0, 1, 2)
    assert not Ballot.objects.exists()


@pytest.mark.parametrize(
    ("made", "after"),
    [
        (AT[Status.PUBLISHED], "draft"), (AT[Status.OPEN], "published"), (AT[Status.OPEN], "tallied"),
        (AT[Status.CLOSED], "open"), (AT[Status.TALLIED], "closed"), (AT[Status.TALLIED], "open"),
    ],
    ids=STATUS.get,
    indirect=["made"],
)  # fmt: skip
def test_no_step_goes_back_or_is_left_out(made, after):
    with pytest.raises(IntegrityError, match="rules of the round are fixed"):
        execute("UPDATE voting_round SET status = %s WHERE id = %s", after, made.pk)


@pytest.mark.parametrize(
    ("made", "after"),
    [
        (AT[Status.DRAFT], "published"),
        (AT[Status.PUBLISHED], "costed"),
        (AT[Status.OPEN], "closed"),
        (AT[Status.TALLIED], "final"),
    ],
    ids=STATUS.get,
    indirect=["made"],
)
def test_no_step_is_taken_without_its_record_in_the_chain(made, after):
    with pytest.raises(IntegrityError, match="not sealed"):
        execute("UPDATE voting_round SET status = %s WHERE id = %s", after, made.pk)


def test_a_round_begins_as_a_draft(db):
    with pytest.raises(IntegrityError, match="begins as a draft"), transaction.atomic():
        Round.objects.create(slug="x", title="x", question="x", budget=1, status=Status.OPEN)


def test_every_column_of_a_round_is_a_rule_or_filled_in_later():
    """A new field of the rules that nobody hashes would be found here."""
    later = {"status", "closed_at", "closing_reason", "objections_until", "cancel_reason"}
    identity = {"id", "slug", "kind", "created_by", "created_at"}
    assert {field.name for field in Round._meta.concrete_fields} == {*Round.RULES, *later, *identity}


@pytest.mark.parametrize("changed", ["cost", "budget"])
def test_the_database_knows_that_costs_differ_and_fit(cast, changed):
    """Also where the code in front of it is wrong."""
    made = make_round(cast)
    if changed == "cost":
        execute("UPDATE voting_rounditem SET cost = 500 WHERE round_id = %s", made.pk)
    else:
        execute("UPDATE voting_round SET budget = 600 WHERE id = %s", made.pk)
    publish_rules(by=cast.mira, voting_round=made)
    with pytest.raises(VoteRefused, match=r"cost the same|more than the budget"):
        confirm_proposals(by=cast.mira, voting_round=made)
    append(made, chain.PROPOSALS, items=[])
    with pytest.raises(IntegrityError, match="not distinct and within"):
        execute("UPDATE voting_round SET status = 'costed' WHERE id = %s", made.pk)


@begins(Status.PUBLISHED)
def test_proposals_come_and_go_until_they_are_confirmed(cast, mira, made):
    edit_round(by=mira, voting_round=made, proposals=[make_proposal(cast, cost) for cost in (410, 420, 430)])
    assert sorted(made.items.values_list("cost", flat=True)) == [410, 420, 430]
    with pytest.raises(VoteRefused, match="rules are published"):
        edit_round(by=mira, voting_round=made, proposals=[make_proposal(cast, 440)], budget=5)
    confirm_proposals(by=mira, voting_round=made)
    with pytest.raises(VoteRefused, match="proposals were confirmed"):
        edit_round(by=mira, voting_round=made, proposals=[make_proposal(cast, 450)])


@begins(Status.OPEN)
def test_the_lot_is_drawn_with_the_rules_and_orders_the_items(cast, made):
    other = publish_rules(by=cast.mira, voting_round=make_round(cast))
    assert made.lot != other.lot
    frozen = ChainRecord.objects.get(round=made, kind=chain.FREEZE)
    assert f'"lots":["{lot_order(made.lot, codes_of(made))[0]}"' in frozen.body


def test_a_ballot_one_millisecond_too_late_is_refused_by_the_database(cast, leyla, open_round):
    """Whatever the worker does: the round still says that it is open."""
    end_voting(open_round)
    open_round.refresh_from_db()
    assert open_round.status == Status.OPEN
    assert timezone.now() - open_round.closes_at < timedelta(seconds=30)
    with pytest.raises(VoteRefused, match="ended"):
        vote(open_round, leyla, 0, 1, 2)
    voter = RoundVoter.objects.filter(round=open_round)[0]
    entry = append(open_round, chain.BALLOT, voter="x", version=1, commitment="y")
    with pytest.raises(IntegrityError, match="takes no ballots"), transaction.atomic():
        Ballot.objects.create(voter=voter, version=1, approvals=[1], record=entry, cast_by=leyla)


def test_a_round_whose_time_has_come_takes_ballots_before_any_worker_says_so(cast, leyla):
    ahead = make_open_round(cast, opens_at=timezone.now() + timedelta(days=1))
    assert ahead.status == Status.FROZEN
    with pytest.raises(VoteRefused, match="begins on"):
        vote(ahead, leyla, 0, 1, 2)
    open_due_rounds()
    ahead.refresh_from_db()
    assert ahead.status == Status.FROZEN
    with pgtrigger.ignore("voting.Round:steps"):
        Round.objects.filter(pk=ahead.pk).update(opens_at=timezone.now() - timedelta(seconds=1))
    assert vote(ahead, leyla, 0, 1, 2).version == 1
    open_due_rounds()
    open_due_rounds()
    ahead.refresh_from_db()
    assert ahead.status == Status.OPEN
    assert vote(ahead, leyla, 1, 2, 3).version == 2


def test_nobody_ends_a_voting_early_without_saying_why(client, cast, mira, open_round):
    with pytest.raises(VoteRefused, match="say why"):
        close_round(by=mira, voting_round=open_round)
    client.force_login(mira)
    assert client.post(f"/voting/{open_round.slug}/close/", {"reason": " "}).status_code == 422
    client.post(f"/voting/{open_round.slug}/close/", {"reason": "Alle haben abgestimmt."})
    open_round.refresh_from_db()
    assert open_round.status == Status.CLOSED
    assert '"early":"Alle haben abgestimmt."' in ChainRecord.objects.get(kind=chain.CLOSE).body
    client.force_login(cast.leyla)
    assert "Alle haben abgestimmt." in client.get(open_round.get_absolute_url()).content.decode()


def test_the_closing_hash_is_mailed_to_every_representative_in_their_language(
    cast, open_round, django_capture_on_commit_callbacks
):
    cast.leyla.language = "de"
    cast.leyla.save()
    cast.stefan.language = "en"
    cast.stefan.save()
    end_voting(open_round)
    with django_capture_on_commit_callbacks():
        close_due_rounds()
    closing = head_of(open_round)
    letters = Mail.objects.filter(key=f"voting/letters/closed.txt:{open_round.pk}")
    assert {cast.leyla, cast.stefan, cast.ines} <= {each.recipient for each in letters}
    assert len(letters) == open_round.voters.count()
    assert all(closing in each.body for each in letters)
    send_mails()
    send_mails()
    sent = {each.to[0]: each for each in mail.outbox if closing in each.body}
    assert len([each for each in mail.outbox if closing in each.body]) == len(letters)
    assert "ist beendet" in sent[cast.leyla.email].subject
    assert "has ended" in sent[cast.stefan.email].subject
    assert f"/voting/{open_round.slug}/" in sent[cast.ines.email].body


def test_a_cancelled_round_frees_its_proposals_and_says_why(client, cast, mira, open_round):
    with pytest.raises(VoteRefused, match="say why"):
        cancel_round(by=mira, voting_round=open_round, reason=" ")
    client.force_login(mira)
    assert client.get(f"/voting/{open_round.slug}/cancel/").status_code == 200
    client.post(f"/voting/{open_round.slug}/cancel/", {"reason": "Ein Vorschlag fehlte."})
    open_round.refresh_from_db()
    assert open_round.status == Status.CANCELLED
    assert {item.proposal.status for item in open_round.items.select_related("proposal")} == {"under_review"}
    with pytest.raises(VoteRefused, match="was cancelled"):
        vote(open_round, cast.leyla, 0, 1, 2)
    client.force_login(cast.leyla)
    assert "Ein Vorschlag fehlte." in client.get(open_round.get_absolute_url()).content.decode()
    assert chain.verify(ChainRecord.objects.filter(round=open_round).order_by("sequence")) == []


def test_a_draft_is_not_cancelled(cast, mira):
    with pytest.raises(VoteRefused, match="can not be cancelled"):
        cancel_round(by=mira, voting_round=make_round(cast), reason="x")


def test_affiliated_organisations_have_one_vote_together(cast, brenner, leyla):
    daughter = make_firm("Brenner Nord GmbH")
    Organisation.objects.filter(memberships__user=daughter).update(parent=brenner)
    made = make_open_round(cast)
    assert not made.voters.filter(name="Brenner Nord GmbH").exists()
    assert made.voters.get(organisation=brenner).group == brenner
    with pytest.raises(VoteRefused, match="which Brenner Maschinenbau GmbH casts"):
        vote(made, daughter, 0, 1, 2)
    assert vote(made, leyla, 0, 1, 2).version == 1


def test_of_a_group_whose_head_has_no_representative_the_first_affiliate_votes(cast, brenner):
    head = Organisation.objects.create(name="Holding", slug="holding", kind="company", seat="Köln")
    Organisation.objects.filter(pk=brenner.pk).update(parent=head)
    made = make_open_round(cast)
    assert made.voters.get(organisation=brenner).group == head


def test_a_group_is_one_level_deep(brenner, kelheim, rheinchemie):
    kelheim.parent = brenner
    kelheim.full_clean(exclude=["slug"])
    kelheim.save()
    rheinchemie.parent = kelheim
    with pytest.raises(ValidationError, match="belongs to a group itself"):
        rheinchemie.clean()
    with pytest.raises(IntegrityError, match="one level deep"), transaction.atomic():
        rheinchemie.save()
    rheinchemie.refresh_from_db()
    brenner.parent = rheinchemie
    with pytest.raises(ValidationError, match="name this one"):
        brenner.clean()
    with pytest.raises(IntegrityError, match="one level deep"), transaction.atomic():
        brenner.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.filter(pk=rheinchemie.pk).update(parent=rheinchemie)


def test_whose_membership_ended_votes_no_more_and_the_ballot_stands(client, cast, leyla, open_round):
    vote(open_round, leyla, 0, 1, 2)
    yesterday = timezone.localdate() - timedelta(days=1)
    memberships = Membership.objects.filter(user=leyla)
    memberships.update(starts_on=date(2025, 1, 1), ends_on=yesterday)
    former = type(leyla).objects.get(pk=leyla.pk)
    with pytest.raises(VoteRefused, match="A ballot that was cast before stands"):
        cast_ballot(by=former, voting_round=open_round, approvals=codes_of(open_round))
    client.force_login(former)
    assert client.post(f"/voting/{open_round.slug}/ballot/", {"approvals": []}).status_code in {403, 404}
    close(open_round, cast.mira)
    assert tally_round(by=cast.mira, voting_round=open_round).voters == 1


@pytest.mark.parametrize(
    ("unit", "cost"),
    [("GPU-h", 905), ("10 GPU-h", 91), ("100 GPU-h", 10), ("EUR", 9050), ("100 EUR", 91), ("1000 EUR", 10)],
)
def test_a_begun_unit_costs_a_whole_one(cast, unit, cost):
    assert cost_in(unit, make_proposal(cast, 905)) == cost


@pytest.mark.parametrize(
    ("budget", "voters", "said"),
    [(60_000, 60, ""), (6_000, 60, "smaller unit"), (600_000, 60, "larger unit"), (600, 0, "")],
)
def test_a_unit_that_is_too_coarse_or_too_fine_is_said(budget, voters, said):
    hint = advice(Round(unit="GPU-h"), [Pot(budget, voters)])
    assert said in hint if said else hint == ""


def test_the_page_leads_a_manager_from_step_to_step(client, cast, mira):
    made = make_round(cast, objection_days=14)
    client.force_login(mira)
    address = made.get_absolute_url()
    for label, step in (
        ("Publish the rules", "publish"),
        ("Confirm proposals and costs", "confirm"),
        ("Freeze the ballot paper", "freeze"),
    ):
        page = client.get(address).content.decode()
        assert f"Yes: {label}" in page
        assert 'aria-current="step"' in page
        client.post(f"{address}{step}/")
    assert "Close the voting early" in client.get(address).content.decode()
    client.force_login(cast.leyla)
    assert "Close the voting early" not in client.get(address).content.decode()


def test_the_dashboard_names_the_next_step_of_each_round(client, cast, mira):
    drafted = make_round(cast, title="Die nächste")
    soon = make_open_round(cast, title="Die laufende", closes_at=timezone.now() + timedelta(hours=20))
    client.force_login(mira)
    page = client.get("/dashboard/").content.decode()
    assert f"Publish the rules of “{drafted.title}”" in page
    assert f"The round “{soon.title}” closes soon" in page


def test_members_see_a_round_from_its_rules_on(client, cast, leyla):
    made = make_round(cast)
    client.force_login(leyla)
    assert client.get(made.get_absolute_url()).status_code == 404
    publish_rules(by=cast.mira, voting_round=made)
    assert client.get(made.get_absolute_url()).status_code == 200
