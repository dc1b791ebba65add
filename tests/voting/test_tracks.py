"""Tracks: parts of the budget with their own items and electorate."""

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Organisation
from tests.voting.factories import close, codes_of, make_round, vote
from tests.voting.worlds import CAST
from tests.world import World
from voting import chain
from voting.actions import VoteRefused
from voting.actions.chain import append
from voting.actions.electorate import eligible
from voting.actions.results import tally_round
from voting.actions.rounds import edit_round
from voting.actions.steps import open_round
from voting.actions.tracks import TrackPlan, divide_round
from voting.costing import Pot, advice, check_share, pots
from voting.elections import elections_of
from voting.models import Ballot, Round, RoundVoter, Track

SMALL = [Organisation.SizeClass.SMALL, Organisation.SizeClass.MEDIUM]
COSTS = (300, 310, 320, 330, 400, 410)


def make_divided(cast) -> Round:
    """A draft: three cheap items for small firms with 500, three for all with 700."""
    Organisation.objects.filter(pk=cast.brenner.pk).update(size_class="medium")
    Organisation.objects.filter(pk=cast.rheinchemie.pk).update(size_class="large")
    draft = make_round(cast, costs=COSTS)
    codes = codes_of(draft)
    divide_round(
        by=cast.mira,
        voting_round=draft,
        plans=[
            TrackPlan("Kleine Firmen", 500, SMALL, codes[:3]),
            TrackPlan("Alle", 700, [], codes[3:]),
        ],
    )
    return draft


DIVIDED = World(make_divided, upon=CAST)
OPENED = World(lambda cast, divided: open_round(by=cast.mira, voting_round=divided), upon=DIVIDED)
divided, opened = DIVIDED.fixture(), OPENED.fixture()


@pytest.mark.parametrize(
    ("budgets", "places", "sentence"),
    [
        ((500, 600), (3, 6), "1100 GPU-h together, the round has 1200 GPU-h"),
        ((500, 700), (3, 5), "is in no track"),
        ((500, 700), (2, 6), "needs at least 3"),
    ],
)
def test_tracks_must_make_the_round(cast, budgets, places, sentence):
    draft = make_round(cast, costs=COSTS)
    codes = codes_of(draft)
    plans = [
        TrackPlan("A", budgets[0], [], codes[: places[0]]),
        TrackPlan("B", budgets[1], [], codes[places[0] : places[1]]),
    ]
    with pytest.raises(VoteRefused, match=sentence):
        divide_round(by=cast.mira, voting_round=draft, plans=plans)
    assert not Track.objects.exists()


def test_a_manager_divides_a_draft_on_the_page_and_nobody_else(client, cast, mira, leyla):
    draft = make_round(cast, costs=COSTS)
    address = f"/voting/{draft.slug}/tracks/"
    items = list(draft.items.order_by("cost"))
    sent = {"name-1": "Klein", "budget-1": 500, "sizes-1": ["small"], "name-2": "Alle", "budget-2": 700}
    sent |= {f"item-{item.pk}": "1" if place < 3 else "2" for place, item in enumerate(items)}
    client.force_login(mira)
    assert client.get(address).status_code == 200
    assert client.post(address, sent).status_code == 302
    assert list(Track.objects.values_list("name", "budget", "sizes")) == [
        ("Klein", 500, ["small"]),
        ("Alle", 700, []),
    ]
    refused = client.post(address, sent | {"budget-2": 1})
    assert refused.status_code == 422
    assert b"together, the round has" in refused.content
    client.force_login(leyla)
    assert client.post(address, sent).status_code in {403, 404}


def test_a_changed_budget_is_noticed_when_the_round_opens(cast, divided):
    edit_round(
        by=cast.mira,
        voting_round=divided,
        proposals=[item.proposal for item in divided.items.all()],
        budget=1300,
    )
    assert divided.items.filter(track__isnull=True).count() == 0
    with pytest.raises(VoteRefused, match="together, the round has 1300"):
        open_round(by=cast.mira, voting_round=divided)


def test_each_track_has_a_share_of_its_own(cast, divided):
    Organisation.objects.exclude(pk=cast.brenner.pk).update(size_class="large")
    items = list(divided.items.select_related("track"))
    small, everybody = pots(divided, items, eligible())
    assert (small.budget, small.voters) == (500, 1)
    assert (everybody.budget, everybody.voters) == (700, len(eligible()))
    hint = advice(divided, [small, Pot(70_000, 2, everybody.track)])
    assert hint.startswith("Track “Alle”: Each organisation would hold 35000 units")
    with pytest.raises(VoteRefused, match="Track “Alle”: The budget has fewer units"):
        check_share([small, Pot(1, 2, everybody.track)])
    with pytest.raises(VoteRefused, match="Track “Alle”: Each organisation would hold 5000000 units"):
        check_share([small, Pot(10_000_000, 2, everybody.track)])


def test_a_track_in_which_nobody_can_vote_opens_no_round(client, cast, mira, divided):
    Organisation.objects.filter(size_class__in=SMALL).update(size_class="large")
    client.force_login(mira)
    assert "No organisation votes in the track “Kleine Firmen”" in (
        client.get(divided.get_absolute_url()).content.decode()
    )
    with pytest.raises(VoteRefused, match="its budget would be lost"):
        open_round(by=mira, voting_round=divided)
    divided.refresh_from_db()
    assert divided.status == Round.Status.DRAFT


def test_the_database_opens_no_round_whose_tracks_do_not_add_up(divided):
    Round.objects.filter(pk=divided.pk).update(budget=1300)
    append(divided, chain.RULES)
    divided.move_to(Round.Status.PUBLISHED)
    append(divided, chain.PROPOSALS)
    with pytest.raises(IntegrityError, match="budgets of the tracks"), transaction.atomic():
        divided.move_to(Round.Status.COSTED)


def test_the_database_changes_no_track_of_an_open_round(opened):
    with pytest.raises(IntegrityError, match="fixed"), transaction.atomic():
        Track.objects.filter(round=opened).update(budget=600)


def test_an_organisation_votes_only_in_its_tracks(client, cast, leyla, stefan, opened):
    client.force_login(stefan)
    page = client.get(f"/voting/{opened.slug}/ballot/").content.decode()
    assert page.count('type="checkbox"') == 3
    assert "Your organisation does not vote in this track." in page
    with pytest.raises(VoteRefused, match="in which your organisation does not vote"):
        vote(opened, stefan, 0, 1, 2)
    assert vote(opened, stefan, 3, 4, 5).version == 1
    assert vote(opened, leyla, 0, 1, 2).version == 1


def test_a_track_is_filled_in_or_left_out(leyla, opened):
    with pytest.raises(VoteRefused, match="at least 3 proposals in the track “Alle”"):
        vote(opened, leyla, 0, 1, 2, 3)
    assert vote(opened, leyla, *range(6)).version == 1


def test_the_database_refuses_a_ballot_in_a_foreign_track(cast, stefan, opened):
    voter = RoundVoter.objects.get(round=opened, organisation=cast.rheinchemie)
    keys = list(opened.items.filter(track__code__startswith="1").values_list("pk", flat=True))
    entry = append(opened, chain.BALLOT, voter="x", version=1, commitment="y")
    with pytest.raises(IntegrityError, match="no ballot of the round"), transaction.atomic():
        Ballot.objects.create(voter=voter, version=1, approvals=keys, record=entry, cast_by=stefan)


def test_every_track_is_counted_alone_with_its_own_share(client, cast, leyla, stefan, opened):
    vote(opened, leyla, *range(6))
    vote(opened, stefan, 3, 4, 5)
    close(opened, cast.mira)
    small, everybody = (election for _, election in elections_of(opened))
    assert (small.budget, len(small.ballots)) == (500, 1)
    assert (everybody.budget, len(everybody.ballots)) == (700, 2)
    result = tally_round(by=cast.mira, voting_round=opened)
    parts = {part.track.name: part for part in result.tracks.all()}
    assert parts["Kleine Firmen"].spent <= 500
    assert parts["Alle"].spent <= 700
    assert result.spent == sum(part.spent for part in parts.values())
    assert result.voters == 2
    client.force_login(leyla)
    page = client.get(f"/voting/{opened.slug}/result/").content.decode()
    assert "Kleine Firmen" in page
    shown = client.get(f"/api/v1/voting/rounds/{opened.slug}/result/").json()
    assert [track["name"] for track in shown["tracks"]] == ["Kleine Firmen", "Alle"]


def test_a_track_in_which_nobody_votes_funds_nothing(cast, stefan, opened):
    vote(opened, stefan, 3, 4, 5)
    close(opened, cast.mira)
    result = tally_round(by=cast.mira, voting_round=opened)
    assert result.tracks.get(track__name="Kleine Firmen").spent == 0
    assert result.tracks.get(track__name="Alle").spent > 0
