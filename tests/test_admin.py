"""The admin: who gets in, and that every list and every change page opens for those who may see it."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import User
from cesai.templatetags.figures import euro
from portfolio.models import ModelProposal
from tests.world import demo_world

INSIDE = ["mira", "petra", "samir", "anke", "sven"]
OUTSIDE = ["gast", "jonas", "leyla", "paul", "greta", "frank"]
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), demo_world():
        yield


def signed_in(name: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.get(email=f"{name}@demo.example.org"))
    return client


@pytest.mark.parametrize("name", INSIDE)
def test_roles_of_cesai_enter(world, name):
    assert signed_in(name).get("/admin/").status_code == 200


@pytest.mark.parametrize("name", OUTSIDE)
def test_everybody_else_stays_out(world, name):
    assert signed_in(name).get("/admin/").status_code in {302, 403}
    assert signed_in(name).get("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_lists_and_change_pages_open(world, model):
    """For whoever may view the model; a model that nobody may view does not belong in the admin."""
    options = model._meta
    name = f"{options.app_label}_{options.model_name}"
    readers = [
        person
        for person in INSIDE
        if User.objects.get(email=f"{person}@demo.example.org").has_perm(
            f"{options.app_label}.view_{options.model_name}"
        )
    ]
    assert readers
    client = signed_in(readers[0])
    assert (
        client.get(reverse(f"admin:{name}_changelist"), {"q": "a"} if _searchable(model) else {}).status_code
        == 200
    )
    row = model._default_manager.order_by("pk").first()
    if row is not None:
        assert client.get(reverse(f"admin:{name}_change", args=[row.pk])).status_code in {200, 302}


def _searchable(model: type) -> bool:
    return bool(admin.site._registry[model].search_fields)


def test_amounts_are_shown_in_euro_and_cannot_be_edited(world):
    proposal = ModelProposal.objects.order_by("pk")[0]
    expected = euro(proposal.cost_cents)
    client = signed_in("mira")
    assert expected in client.get("/admin/portfolio/modelproposal/", {"q": proposal.code}).text
    page = client.get(f"/admin/portfolio/modelproposal/{proposal.pk}/change/").text
    assert expected in page
    assert "cost_cents" not in page


def test_a_form_that_has_expired_is_refused_on_a_page_of_the_portal(world):
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    response = client.post("/accounts/login/", {"login": "mira@demo.example.org"})
    assert response.status_code == 403
    assert "This form has expired" in response.text
    assert "Nothing was saved" in response.text
    assert "DEBUG" not in response.text
