"""Pages of publishing cost the same few statements, however many rows there are."""

from django.urls import reverse

from hub.models import Plan, Publication
from tests.budgets import budget
from tests.hub.factories import published_row
from tests.portfolio.factories import ReleaseFactory

LISTS = ["hub:publication_list", "hub_api:publication_list", "hub_api:plan_list"]


def publications(number: int, mira, tariq) -> None:
    for _ in range(number):
        published_row(ReleaseFactory(), mira, tariq)


def statements(client, address: str, name: str) -> int:
    # Visited once before, to fill what is cached for good.
    assert client.get(address).status_code == 200
    with budget(name) as counted:
        assert client.get(address).status_code == 200
    return len(counted)


def test_a_list_of_twenty_costs_as_much_as_a_list_of_two(client, mira, tariq):
    client.force_login(mira)
    publications(2, mira, tariq)
    two = [statements(client, reverse(name), name) for name in LISTS]
    publications(18, mira, tariq)
    assert [statements(client, reverse(name), name) for name in LISTS] == two


def test_the_pages_of_one_plan_and_one_publication_stay_within_their_budget(client, mira, tariq):
    client.force_login(mira)
    publications(1, mira, tariq)
    publication, plan = Publication.objects.get(), Plan.objects.get()
    statements(client, publication.get_absolute_url(), "hub:publication_detail")
    statements(client, plan.get_absolute_url(), "hub:plan_detail")
    statements(client, reverse("hub:plan_create", args=[plan.release_id]), "hub:plan_create")


def test_asking_how_far_a_publication_is_costs_least(client, mira, tariq):
    client.force_login(mira)
    publications(1, mira, tariq)
    with budget("hub:publication_detail#status"):
        client.get(Publication.objects.get().get_absolute_url(), headers={"HX-Request": "true"})
