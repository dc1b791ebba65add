"""Counting, what follows from it, and the page that explains it."""

from dataclasses import replace

import pytest
from django.db import DatabaseError, transaction

from accounts.models import Organisation
from activity.models import Event
from portfolio.models import ModelProposal
from tests.voting.factories import close, codes_of, make_firm, make_open_round, make_round, vote
from voting.actions import VoteRefused
from voting.actions.results import tally_round
from voting.counting import tally_closed_round
from voting.models import Result, ResultItem, Round
from voting.views.results import result_figure


def test_the_winners_are_those_of_the_rule(counted):
    # 400/3 each for the first; then 500 by two: 250 each. The third has 133 + 267 - not enough for 600; with Add1
    # the shares grow until one more item would overspend.
    result = counted.result
    won = [each.item.cost for each in result.items.filter(won=True)]
    assert won == [400, 500]
    assert (result.spent, result.left, result.voters) == (900, 300, 3)
    first = result.items.get(step=1)
    assert (first.votes, first.price, first.payers) == (3, "400/3", 3)
    assert result.confirmed


def test_winners_are_prioritised_and_losers_return_to_review(counted):
    states = {each.cost: each.proposal.status for each in counted.items.select_related("proposal")}
    assert states == {
        400: ModelProposal.Status.PRIORITISED,
        500: ModelProposal.Status.PRIORITISED,
        600: ModelProposal.Status.UNDER_REVIEW,
        700: ModelProposal.Status.UNDER_REVIEW,
    }


def test_the_result_says_what_votes_for_own_proposals_changed(client, mira, counted):
    # Every proposal stands on a use case of Brenner. Without its three approvals two ballots share 1,200: 400 and 700
    # cost both 200 and 350 each, and nobody else is left to pay the 500 with.
    cheapest, lost, _, gained = codes_of(counted)
    assert counted.result.without_own == {"approvals": 3, "gained": [gained], "lost": [lost]}
    client.force_login(mira)
    page = client.get(f"/voting/{counted.slug}/result/").content.decode()
    told = page[page.index('id="own-votes"') :]
    told = told[: told.index("</section>")]
    assert "3 votes were for proposals behind which a use case of the same organisation stands." in told
    titles = dict(counted.items.values_list("code", "title"))
    assert [titles[code] in told for code in (lost, gained, cheapest)] == [True, True, False]
    assert told.index("Would not have been funded:") < told.index(titles[lost]) < told.index(titles[gained])


def test_only_the_last_version_of_a_ballot_counts(cast, open_round):
    vote(open_round, cast.leyla, 1, 2, 3)
    vote(open_round, cast.leyla, 0, 1, 2)
    close(open_round, cast.mira)
    result = tally_round(by=cast.mira, voting_round=open_round)
    assert result.voters == 1
    assert {each.item.cost: each.votes for each in result.items.all()} == {400: 1, 500: 1, 600: 1, 700: 0}


def test_a_round_without_ballots_funds_nothing(cast, open_round):
    close(open_round, cast.mira)
    result = tally_round(by=cast.mira, voting_round=open_round)
    assert (result.voters, result.spent, result.items.filter(won=True).count()) == (0, 0, 0)
    assert not ModelProposal.objects.filter(status=ModelProposal.Status.ON_BALLOT).exists()


def test_an_open_round_is_not_counted(cast, open_round):
    with pytest.raises(VoteRefused, match="not closed"):
        tally_round(by=cast.mira, voting_round=open_round)


def test_counting_again_changes_nothing(cast, counted):
    again = tally_round(by=cast.mira, voting_round=counted)
    tally_closed_round(counted.pk)
    assert again == counted.result
    assert Result.objects.count() == 1
    assert Event.objects.filter(verb="voting.round_tallied").count() == 1


def test_engines_that_disagree_give_no_result(cast, open_round, monkeypatch):
    from voting import tally as engine

    vote(open_round, cast.leyla, 0, 1, 2)
    close(open_round, cast.mira)
    honest = engine.tally

    def broken(*arguments):
        result = honest(*arguments)
        return replace(result, steps=result.steps[:-1])

    monkeypatch.setattr(engine, "tally", broken)
    with pytest.raises(VoteRefused, match="no result"):
        tally_round(by=cast.mira, voting_round=open_round)
    open_round.refresh_from_db()
    assert open_round.status == Round.Status.CLOSED
    assert not Result.objects.exists()


@pytest.mark.parametrize("model", [Result, ResultItem])
def test_the_database_refuses_to_change_a_result(counted, model):
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        model.objects.update(won=True) if model is ResultItem else model.objects.update(spent=1)


@pytest.mark.parametrize("name", ["mira", "anke", "jonas", "leyla", "petra", "frank", "gast"])
def test_everybody_who_is_signed_in_reads_a_result(client, cast, counted, name):
    client.force_login(getattr(cast, name))
    response = client.get(f"/voting/{counted.slug}/result/")
    assert response.status_code == 200
    text = response.content.decode()
    assert "Funded" in text
    assert "133.3" in text
    assert "Most votes first" in text
    assert 'id="votes-figure"' in text


def test_there_is_no_result_page_before_the_count(client, cast, mira, open_round):
    client.force_login(mira)
    assert client.get(f"/voting/{open_round.slug}/result/").status_code == 404
    close(open_round, mira)
    assert client.get(f"/voting/{open_round.slug}/result/").status_code == 404
    assert client.get(f"/voting/{make_round(cast).slug}/result/").status_code == 404


def test_a_manager_has_a_closed_round_counted_by_hand(client, cast, mira, open_round):
    vote(open_round, cast.leyla, 0, 1, 2)
    client.force_login(mira)
    client.post(f"/voting/{open_round.slug}/close/", {"reason": "Alle haben abgestimmt."})
    assert b"Count now" in client.get(open_round.get_absolute_url()).content
    client.post(f"/voting/{open_round.slug}/tally/")
    open_round.refresh_from_db()
    assert open_round.status == Round.Status.FINAL


def test_two_sectors_36_to_24_share_the_budget_6_to_4(cast, mira):
    Organisation.objects.all()
    for name in ("leyla", "stefan", "ines"):
        getattr(cast, name)
    costs = tuple(1000 + place for place in range(20))
    chemistry = [make_firm(f"Chemie {number}") for number in range(36)]
    tools = [make_firm(f"Werkzeug {number}") for number in range(24)]
    voting_round = make_open_round(cast, costs=costs, budget=10_200)
    codes = codes_of(voting_round)
    for firms, approved in ((chemistry, range(10)), (tools, range(10, 20))):
        for firm in firms:
            vote(voting_round, firm, *approved)
    close(voting_round, mira)
    result = tally_round(by=mira, voting_round=voting_round)
    won = set(result.items.filter(won=True).values_list("item__code", flat=True))
    greedy = set(result.items.filter(won_greedy=True).values_list("item__code", flat=True))
    assert [len(won & set(codes[:10])), len(won & set(codes[10:]))] == [6, 4]
    assert [len(greedy & set(codes[:10])), len(greedy & set(codes[10:]))] == [10, 0]
    assert (result.served, result.served_greedy) == (60, 36)


def test_the_chart_has_its_table(counted):
    items = list(counted.result.items.select_related("item"))
    chart = result_figure(items, "GPU-h")
    assert len(chart["rows"]) == 4
    drawn = [code for series in chart["figure"]["data"] for code in series["y"]]
    assert sorted(drawn) == sorted(each.item.code for each in items)


def test_the_page_says_why_an_item_lost_and_how_sure_the_result_is(client, cast, counted):
    client.force_login(cast.leyla)
    text = client.get(f"/voting/{counted.slug}/result/").content.decode()
    assert "more supporter" in text
    assert 'id="repeated-figure"' in text
    explained = counted.result.items.filter(won=False).values_list("explanation", flat=True)
    assert all(each["reason"] for each in explained)


def test_there_is_no_kit_before_the_count(client, cast, open_round):
    client.force_login(cast.mira)
    assert client.get(f"/voting/{open_round.slug}/kit/").status_code == 404
