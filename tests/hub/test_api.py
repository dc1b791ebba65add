"""Publishing through the JSON API: the same rules as on the pages."""

import pytest
from django.urls import reverse

from hub.models import Plan, Publication
from hub.tasks import push_publication
from tests.hub.doubles import CANARY
from tests.hub.factories import make_connection, make_model, make_plan, make_publication, make_release


@pytest.fixture
def release(mira, tmp_path):
    return make_release(mira, make_model(), folder=tmp_path / "sources")


@pytest.fixture
def way(db, double, settings):
    settings.HUB_CA_FILE = str(double.ca_file)
    return make_connection(double)


def post(client, name, pk=None, **data):
    url = reverse(f"hub_api:{name}", args=[pk] if pk else [])
    return client.post(url, data, content_type="application/json")


def test_a_plan_is_read_and_approved_by_its_digest(client, mira, tariq, release, way):
    plan = make_plan(mira, release, way)
    client.force_login(tariq)
    read = client.get(reverse("hub_api:plan_detail", args=[plan.pk])).json()
    assert read["generated"]["README.md"].startswith("---\n")
    assert read["content"]["operations"][0]["action"] == "create"
    wrong = post(client, "plan_approve", plan.pk, digest="0" * 64)
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["detail"].startswith("The plan is not the one")
    answer = post(client, "plan_approve", plan.pk, digest=read["digest"])
    assert (answer.status_code, answer.json()["state"]) == (200, "queued")
    push_publication(answer.json()["id"])
    done = client.get(reverse("hub_api:publication_detail", args=[answer.json()["id"]])).json()
    assert (done["state"], len(done["commit"])) == ("published", 40)
    assert [row["id"] for row in client.get(reverse("hub_api:publication_list")).json()["results"]] == [
        done["id"]
    ]


def test_who_planned_cannot_approve_through_the_api_either(client, mira, release, way):
    plan = make_plan(mira, release, way)
    client.force_login(mira)
    assert post(client, "plan_approve", plan.pk, digest=plan.digest).status_code == 422
    assert not Publication.objects.exists()


def test_a_plan_is_made_and_discarded(client, mira, release, way):
    plan = make_plan(mira, release, way)
    client.force_login(mira)
    assert post(client, "plan_discard", plan.pk).json()["state"] == "discarded"
    made = post(client, "plan_list", release=release.pk, target=plan.target_id)
    assert (made.status_code, made.json()["state"]) == (201, "preparing")
    again = post(client, "plan_list", release=release.pk, target=plan.target_id)
    assert again.status_code == 422
    assert [row["id"] for row in client.get(reverse("hub_api:plan_list")).json()["results"]] == [
        made.json()["id"],
        plan.pk,
    ]


def test_a_failed_publication_is_tried_again(client, mira, tariq, release, way, double):
    publication = make_publication(mira, tariq, release, way)
    double.tokens.revoke(CANARY)
    push_publication(publication.pk)
    client.force_login(mira)
    assert (
        client.get(reverse("hub_api:publication_detail", args=[publication.pk])).json()["error_kind"]
        == "auth"
    )
    assert post(client, "publication_retry", publication.pk).json()["state"] == "queued"
    assert post(client, "publication_retry", publication.pk).status_code == 422


@pytest.mark.parametrize("person", ["jonas", "gast", "frank"])
def test_plans_are_hidden_from_everybody_outside(client, request, mira, release, way, person):
    plan = make_plan(mira, release, way)
    client.force_login(request.getfixturevalue(person))
    assert client.get(reverse("hub_api:plan_detail", args=[plan.pk])).status_code == 404
    assert client.get(reverse("hub_api:plan_list")).json()["results"] == []
    assert post(client, "plan_approve", plan.pk, digest=plan.digest).status_code == 404
    assert post(client, "plan_list", release=release.pk, target=plan.target_id).status_code == 403
    assert Plan.objects.get().state == Plan.State.READY


def test_a_reader_may_not_decide(client, anke, mira, release, way):
    plan = make_plan(mira, release, way)
    client.force_login(anke)
    assert client.get(reverse("hub_api:plan_detail", args=[plan.pk])).status_code == 200
    for name in ("plan_approve", "plan_discard"):
        assert post(client, name, plan.pk, digest=plan.digest).status_code == 403
