"""The reserve list completes a final result in a stated order, with reasons, and never changes what was counted."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from accounts.models import User
from activity.models import Event, Mail
from cesai.lib.refusals import Refused
from portfolio.actions.proposals import defer_proposal
from portfolio.models import ModelProposal
from tests.voting.factories import close_and_count, codes_of, make_open_round, make_round, vote
from voting.actions import VoteRefused
from voting.actions.electorate import representatives
from voting.actions.successions import move_up_item, withdraw_winner
from voting.lots import lot_order
from voting.models import ResultItem, RoundItem, Succession
from voting.proof import find_kit
from voting.reserve import State, reserves_of

WHY = "Das Konsortium hat abgesagt."


@pytest.fixture
def final(counted):
    return counted


def item(voting_round, cost: int) -> RoundItem:
    return voting_round.items.select_related("proposal", "round").get(cost=cost)


def states(voting_round) -> dict[int, str]:
    return {place.row.item.cost: place.state for place in reserves_of(voting_round)[0].places}


def status_of(voting_round, cost: int) -> str:
    return ModelProposal.objects.values_list("status", flat=True).get(round_items=item(voting_round, cost))


def test_the_list_has_every_loser_with_a_vote_most_votes_first_then_the_lot(final):
    reserve = reserves_of(final)[0]
    assert reserve.left == 300
    codes = [place.row.item.code for place in reserve.places]
    assert codes == [code for code in lot_order(final.lot, codes_of(final)) if code in codes_of(final)[2:]]
    assert states(final) == {600: State.TOO_DEAR, 700: State.TOO_DEAR}


def test_more_votes_go_before_the_lot_and_items_without_any_are_not_on_it(cast, mira):
    voting_round = make_open_round(cast, costs=(700, 800, 900, 1000), budget=1000, minimum_approvals=1)
    vote(voting_round, cast.leyla, 0)
    vote(voting_round, cast.stefan, 0, 1)
    vote(voting_round, cast.ines, 0, 1, 2)
    places = reserves_of(close_and_count(voting_round, cast.mira))[0].places
    assert [(place.row.item.cost, place.row.votes) for place in places] == [(800, 2), (900, 1)]


def test_a_winner_that_is_given_up_frees_money_and_the_next_moves_up(cast, mira, final):
    withdraw_winner(by=mira, item=item(final, 500), reason=WHY)
    assert reserves_of(final)[0].left == 800
    assert status_of(final, 500) == ModelProposal.Status.DEFERRED
    first = reserves_of(final)[0].next
    assert first is not None
    moved = first.row.item.cost
    move_up_item(by=mira, item=item(final, moved), reason="Rückt für den Ausfall nach.")
    assert status_of(final, moved) == ModelProposal.Status.PRIORITISED
    assert reserves_of(final)[0].left == 800 - moved
    assert states(final)[moved] == State.MOVED_UP
    verbs = Event.objects.filter(verb__in=["voting.winner_withdrawn", "voting.reserve_moved_up"])
    assert [(event.actor, event.data["reason"]) for event in verbs.order_by("pk")] == [
        (mira, WHY),
        (mira, "Rückt für den Ausfall nach."),
    ]


def test_the_counted_result_and_the_kit_stay_as_they_are(mira, final):
    rows = list(ResultItem.objects.filter(result__round=final).order_by("pk").values())
    kit = find_kit(final)
    withdraw_winner(by=mira, item=item(final, 500), reason=WHY)
    move_up_item(by=mira, item=reserves_of(final)[0].next.row.item, reason=WHY)
    assert list(ResultItem.objects.filter(result__round=final).order_by("pk").values()) == rows
    assert find_kit(final) == kit


def test_without_a_final_result_nothing_moves(cast, mira):
    waiting = make_open_round(cast, objection_days=7)
    vote(waiting, cast.leyla, 0, 1, 2)
    close_and_count(waiting, cast.mira)
    for move in (withdraw_winner, move_up_item):
        with pytest.raises(VoteRefused, match="once the result of the round is final"):
            move(by=mira, item=item(waiting, 400), reason=WHY)
    assert not Succession.objects.exists()


def test_money_that_does_not_suffice_moves_nothing_up(mira, final):
    with pytest.raises(VoteRefused, match="costs 600 GPU-h; 300 GPU-h are left"):
        move_up_item(by=mira, item=item(final, 600), reason=WHY)
    assert status_of(final, 600) == ModelProposal.Status.UNDER_REVIEW


def test_what_is_not_on_the_list_does_not_move_up(cast, mira, final):
    with pytest.raises(VoteRefused, match="not on the reserve list"):
        move_up_item(by=mira, item=item(final, 400), reason=WHY)
    voting_round = make_open_round(cast, costs=(700, 800, 100), budget=1000, minimum_approvals=1)
    vote(voting_round, cast.leyla, 0)
    close_and_count(voting_round, cast.mira)
    with pytest.raises(VoteRefused, match="not on the reserve list"):
        move_up_item(by=mira, item=item(voting_round, 100), reason=WHY)


def test_the_order_of_the_list_is_kept(mira, final):
    withdraw_winner(by=mira, item=item(final, 500), reason=WHY)
    withdraw_winner(by=mira, item=item(final, 400), reason=WHY)
    first, second = (place.row.item for place in reserves_of(final)[0].places)
    with pytest.raises(VoteRefused, match="stands before it"):
        move_up_item(by=mira, item=second, reason=WHY)
    defer_proposal(by=mira, proposal=first.proposal, reason="Wird nicht mehr gebraucht.")
    assert states(final)[first.cost] == State.GONE
    move_up_item(by=mira, item=item(final, second.cost), reason=WHY)
    assert states(final)[second.cost] == State.MOVED_UP


def test_nothing_moves_twice_and_nothing_without_a_reason(mira, final):
    withdraw_winner(by=mira, item=item(final, 500), reason=WHY)
    with pytest.raises(VoteRefused, match="withdrawn already"):
        withdraw_winner(by=mira, item=item(final, 500), reason=WHY)
    first = reserves_of(final)[0].next.row.item
    for reason in ("", "  \n"):
        with pytest.raises(VoteRefused, match="say why"):
            move_up_item(by=mira, item=first, reason=reason)
    move_up_item(by=mira, item=first, reason=WHY)
    with pytest.raises(VoteRefused, match="has moved up already"):
        move_up_item(by=mira, item=first, reason=WHY)


def test_what_is_not_funded_or_commissioned_already_is_not_given_up(mira, final):
    with pytest.raises(VoteRefused, match="Only a proposal that is funded"):
        withdraw_winner(by=mira, item=item(final, 600), reason=WHY)
    won = item(final, 400)
    won.proposal.to_decided()
    won.proposal.save(update_fields=["status"])
    with pytest.raises(Refused, match="not possible from there"):
        withdraw_winner(by=mira, item=item(final, 400), reason=WHY)
    assert not Succession.objects.exists()


def test_a_proposal_that_is_planned_for_another_round_does_not_move_up(cast, mira, final):
    withdraw_winner(by=mira, item=item(final, 500), reason=WHY)
    first = reserves_of(final)[0].next.row.item
    make_round(cast, proposals=[first.proposal])
    with pytest.raises(VoteRefused, match="planned for the round"):
        move_up_item(by=mira, item=first, reason=WHY)


def test_the_database_keeps_the_budget_and_every_move(mira, final):
    def write(cost: int, kind: str) -> None:
        with transaction.atomic():
            Succession.objects.create(item=item(final, cost), kind=kind, reason=WHY, by=mira)

    for cost, kind, sentence in (
        (600, "moved_up", "does not suffice"),
        (400, "moved_up", "not on the reserve list"),
        (600, "withdrawn", "only what is funded"),
    ):
        with pytest.raises(IntegrityError, match=sentence):
            write(cost, kind)
    write(500, "withdrawn")
    write(600, "moved_up")
    with pytest.raises(IntegrityError, match="does not suffice"):
        write(700, "moved_up")
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        Succession.objects.update(reason="")


def test_a_manager_moves_on_the_pages_and_everybody_reads_why(client, cast, mira, final):
    result = f"/voting/{final.slug}/result/"
    client.force_login(mira)
    shown = client.get(result).content.decode()
    assert "This list is an unverified completion." in shown
    give_up = f"{result}{item(final, 500).code}/withdraw/"
    assert give_up in shown
    assert client.get(give_up).status_code == 200
    assert client.post(give_up, {"reason": ""}).status_code == 422
    assert client.post(give_up, {"reason": WHY}).status_code == 302
    first = reserves_of(final)[0].next.row.item
    promote = f"{result}{first.code}/promote/"
    assert promote in client.get(result).content.decode()
    assert client.post(promote, {"reason": "Rückt nach."}).status_code == 302
    assert client.post(promote, {"reason": "Rückt nach."}).status_code == 422
    client.force_login(cast.gast)
    shown = client.get(result).content.decode()
    assert WHY in shown
    assert "Rückt nach." in shown
    assert promote not in shown
    assert "/withdraw/" not in shown


@pytest.mark.parametrize("name", ["leyla", "gast", "anke", "frank", "sven"])
def test_nobody_else_moves_anything(client, cast, final, name):
    client.force_login(getattr(cast, name))
    for part in (f"{item(final, 500).code}/withdraw/", f"{item(final, 600).code}/promote/"):
        assert client.post(f"/voting/{final.slug}/result/{part}", {"reason": WHY}).status_code == 403
    body = {"move": "withdrawn", "item": item(final, 500).code, "reason": WHY}
    address = f"/api/v1/voting/rounds/{final.slug}/reserve/"
    assert client.post(address, body, content_type="application/json").status_code == 403
    assert not Succession.objects.exists()


def test_the_reserve_list_through_the_api(client, cast, mira, final):
    address = f"/api/v1/voting/rounds/{final.slug}/reserve/"
    client.force_login(mira)
    listed = client.get(address).json()
    assert [(each["track"], each["left"], len(each["places"])) for each in listed["lists"]] == [
        (None, 300, 2)
    ]
    body = {"move": "withdrawn", "item": item(final, 500).code, "reason": WHY}
    made = client.post(address, body, content_type="application/json")
    assert (made.status_code, made.json()["lists"][0]["left"]) == (201, 800)
    refused = client.post(address, body, content_type="application/json")
    assert refused.status_code == 422
    unknown = client.post(address, body | {"item": "nothing"}, content_type="application/json")
    assert unknown.status_code == 404
    wrong = client.post(address, body | {"move": "sideways"}, content_type="application/json")
    assert wrong.status_code == 400
    client.force_login(cast.gast)
    assert client.get(address).json()["moves"][0]["reason"] == WHY


def test_everybody_who_may_vote_is_written_to_at_each_move_with_its_reason(cast, mira, final):
    User.objects.filter(pk=cast.leyla.pk).update(language="de")
    given_up = item(final, 500)
    withdraw_winner(by=mira, item=given_up, reason=WHY)
    moved = reserves_of(final)[0].next.row.item
    move_up_item(by=mira, item=moved, reason="Rückt nach.")
    letters = Mail.objects.filter(key__startswith="voting/letters/moved.txt")
    assert letters.count() == 2 * representatives(final).count()

    def told(to: User) -> list[tuple[str, str]]:
        own = letters.filter(recipient=to).order_by("pk")
        return [(each.subject, each.body.strip().splitlines()[-1]) for each in own]

    assert told(cast.leyla) == [
        (f"„{given_up.title}“ wurde zurückgezogen", WHY),
        (f"„{moved.title}“ rückt von der Nachrückliste nach", "Rückt nach."),
    ]
    assert told(cast.stefan) == [
        (f"“{given_up.title}” was withdrawn", WHY),
        (f"“{moved.title}” moves up from the reserve list", "Rückt nach."),
    ]
