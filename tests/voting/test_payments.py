"""Who paid how much: every unit spent has a payer, under pseudonyms that lead to nobody."""

from fractions import Fraction

import pytest
from django.db import DatabaseError, transaction

from accounts.models import Organisation
from tests.voting.factories import close, codes_of, make_firm, make_open_round, make_round, vote
from voting.actions.results import tally_round
from voting.actions.steps import open_round as open_it
from voting.actions.tracks import TrackPlan, divide_round
from voting.models import Purse, ResultItem, RoundVoter


def purse_of(voting_round, person) -> Purse:
    return Purse.objects.get(result__round=voting_round, voter__organisation=person.representing)


def page(voting_round) -> str:
    return f"/voting/{voting_round.slug}/result/payments/"


def feed(voting_round) -> str:
    return f"/api/v1/voting/rounds/{voting_round.slug}/payments/"


def test_what_is_paid_for_an_item_is_its_cost_and_nobody_pays_more_than_the_share(counted):
    share = Fraction(counted.result.endowment)
    purses = list(Purse.objects.filter(result=counted.result))
    for row in ResultItem.objects.filter(result=counted.result, won=True):
        paid = [Fraction(purse.paid[row.item.code]) for purse in purses if row.item.code in purse.paid]
        assert sum(paid) == row.item.cost
        assert len(paid) == row.payers
    for purse in purses:
        assert sum(map(Fraction, purse.paid.values())) + Fraction(purse.left) == share


def test_a_divided_round_keeps_a_purse_for_each_track(cast, mira):
    draft = make_round(cast, costs=(300, 310, 320, 330, 400, 410))
    codes = codes_of(draft)
    plans = [TrackPlan("Eins", 500, [], codes[:3]), TrackPlan("Zwei", 700, [], codes[3:])]
    divide_round(by=mira, voting_round=draft, plans=plans)
    divided = open_it(by=mira, voting_round=draft)
    vote(divided, cast.leyla, *range(6))
    vote(divided, cast.stefan, 3, 4, 5)
    close(divided, mira)
    result = tally_round(by=mira, voting_round=divided)
    assert Purse.objects.filter(result=result, part__track__name="Eins").count() == 1
    assert Purse.objects.filter(result=result, part__track__name="Zwei").count() == 2


def test_a_reader_finds_the_own_line_and_no_name(client, leyla, jonas, counted):
    own = purse_of(counted, leyla)
    for member in (leyla, jonas):
        client.force_login(member)
        response = client.get(page(counted))
        assert [each.pseudonym for each in response.context["own"]] == [own.voter.pseudonym]
        shown = response.content.decode()
        assert shown.count(own.voter.pseudonym) == 2
        for voter in RoundVoter.objects.filter(round=counted).exclude(pk=own.voter_id):
            assert voter.name not in shown


def test_others_see_every_pseudonym_and_none_as_their_own(client, cast, counted):
    for name in ("mira", "anke", "gast", "frank"):
        client.force_login(getattr(cast, name))
        response = client.get(page(counted))
        assert response.status_code == 200
        assert response.context["own"] == []
        assert len(response.context["page"].rows) == 3


def test_the_payers_of_one_item(client, leyla, counted):
    first, second = codes_of(counted)[:2]
    client.force_login(leyla)
    rows = client.get(page(counted), {"item": second}).context["page"].rows
    paid = {
        each.pseudonym: payment.amount
        for each in rows
        for payment in each.payments
        if payment.row.item.code == second
    }
    assert len(paid) == 2
    assert sum(paid.values()) == 500
    assert len(client.get(page(counted), {"item": first}).context["page"].rows) == 3


@pytest.mark.parametrize("asked", ["nothing", "\x00", "%", "x" * 3000])
def test_an_item_that_was_not_bought_has_no_payers(client, leyla, counted, asked):
    client.force_login(leyla)
    assert client.get(page(counted), {"item": asked}).status_code == 404


def test_whoever_had_less_left_paid_all_of_it(client, cast, mira):
    firms = [make_firm(f"Haus {number}") for number in range(3)]
    voting_round = make_open_round(cast, costs=(100, 290, 399), budget=400, minimum_approvals=1)
    vote(voting_round, firms[0], 0)
    vote(voting_round, firms[1], 0, 1)
    vote(voting_round, firms[2], 1)
    close(voting_round, mira)
    tally_round(by=mira, voting_round=voting_round)
    client.force_login(mira)
    rows = client.get(page(voting_round)).context["page"].rows
    kinds = [payment.is_all for account in rows for payment in account.payments]
    assert sorted(kinds) == [False, False, False, True]
    item = codes_of(voting_round)[1]
    assert client.get(page(voting_round), {"item": item}).content.count(b"All that it had left") == 1


def test_before_the_result_is_final_guests_wait(client, cast, mira):
    waiting = make_open_round(cast, objection_days=7)
    vote(waiting, cast.leyla, 0, 1, 2)
    close(waiting, mira)
    tally_round(by=mira, voting_round=waiting)
    for name, status in (("gast", 403), ("jonas", 200), ("frank", 200), ("mira", 200)):
        client.force_login(getattr(cast, name))
        assert client.get(page(waiting)).status_code == status, name
        assert client.get(feed(waiting)).status_code == status, name
        linked = page(waiting) in client.get(f"/voting/{waiting.slug}/result/").content.decode()
        assert linked == (status == 200)


def test_nobody_sees_a_payment_before_the_count(client, cast, mira, open_round):
    vote(open_round, cast.leyla, 0, 1, 2)
    client.force_login(mira)
    assert client.get(page(open_round)).status_code == 404
    assert client.get(feed(open_round)).status_code == 404
    close(open_round, mira)
    assert client.get(page(open_round)).status_code == 404


def test_many_voters_come_in_pages_and_the_order_tells_no_name(client, cast, mira):
    Organisation.objects.filter(pk=cast.brenner.pk).update(name="AAA")
    firms = [make_firm(f"Haus {number:02}") for number in range(60)]
    voting_round = make_open_round(cast)
    for firm in firms:
        vote(voting_round, firm, 0, 1, 2)
    close(voting_round, mira)
    tally_round(by=mira, voting_round=voting_round)
    client.force_login(mira)
    first = client.get(page(voting_round)).context["page"]
    rest = client.get(page(voting_round) + first.next_url).context["page"]
    shown = [each.pseudonym for each in [*first.rows, *rest.rows]]
    assert shown == sorted(shown)
    assert len(set(shown)) == 60
    # The address of a page names the key of a row: it must follow the pseudonyms, too.
    keys = list(Purse.objects.order_by("pk").values_list("voter__pseudonym", flat=True))
    assert keys == sorted(keys)


def test_the_feed_gives_exact_amounts(client, cast, counted):
    client.force_login(cast.gast)
    rows = client.get(feed(counted)).json()["results"]
    assert [set(row) for row in rows] == [{"pseudonym", "track", "paid", "left"}] * 3
    first = codes_of(counted)[0]
    assert {row["paid"][first] for row in rows} == {"400/3"}


def test_the_database_changes_no_purse(counted):
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        Purse.objects.update(left="0")
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        Purse.objects.all().delete()
