"""The pages of publishing, walked by the people of the demo."""

import pytest
from django.urls import reverse
from django.utils import timezone

from hub.double.faults import Kind
from hub.models import Connection, Plan, Publication, Target
from hub.preparing import prepare
from hub.tasks import push_publication
from tests.hub.doubles import CANARY, REPO
from tests.hub.factories import make_connection, make_model, make_plan, make_publication, make_release


@pytest.fixture
def release(mira, tmp_path):
    return make_release(mira, make_model(summary="Ein <b>Modell</b>"), folder=tmp_path / "sources")


@pytest.fixture
def way(db, double, settings):
    settings.HUB_CA_FILE = str(double.ca_file)
    return make_connection(double)


@pytest.fixture
def publication(mira, tariq, release, way):
    return make_publication(mira, tariq, release, way)


def test_mira_plans_tariq_approves_and_both_see_it_on_the_hub(client, mira, tariq, release, way, double):
    client.force_login(mira)
    page = client.get(reverse("hub:plan_create", args=[release.pk]))
    assert page.context["form"].initial["repository"] == "werkstatt"
    form = {"connection": way.pk, "repository": "werkstatt", "visibility": "public", "gating": ""}
    answer = client.post(
        reverse("hub:plan_create", args=[release.pk]), form | {"limitations": "Nur Wortfolgen."}
    )
    plan = Plan.objects.get()
    assert answer.url == plan.get_absolute_url()
    assert 'hx-trigger="every 1s"' in client.get(plan.get_absolute_url()).text
    prepare(plan)

    shown = client.get(plan.get_absolute_url())
    assert "A second person has to approve" in shown.text
    assert "Approve and publish" not in shown.text
    assert (
        client.post(reverse("hub:plan_approve", args=[plan.pk]), {"digest": plan.digest}).status_code == 302
    )
    assert not Publication.objects.exists()

    client.force_login(tariq)
    shown = client.get(plan.get_absolute_url())
    plan.refresh_from_db()
    for text in (
        "MANIFEST.sha256.json",
        "model.json",
        "v1.0.0",
        "Private",
        "Public",
        plan.digest,
        "Nur Wortfolgen.",
    ):
        assert text in shown.text
    assert "&amp;lt;b&amp;gt;Modell" in shown.text
    assert (
        client.get(reverse("hub:plan_card", args=[plan.pk])).content == plan.generated["README.md"].encode()
    )
    answer = client.post(reverse("hub:plan_approve", args=[plan.pk]), {"digest": plan.digest})
    publication = Publication.objects.get()
    assert answer.url == publication.get_absolute_url()
    assert 'hx-trigger="every 2s"' in client.get(publication.get_absolute_url()).text
    push_publication(publication.pk)

    done = client.get(publication.get_absolute_url())
    assert f"{double.endpoint}/{REPO}" in done.text
    assert "hx-trigger" not in done.text
    assert REPO in client.get(reverse("hub:publication_list")).text


def test_polling_ends_with_the_final_state(client, publication, mira):
    client.force_login(mira)
    url = publication.get_absolute_url()
    running = client.get(url, headers={"HX-Request": "true"})
    assert running.text.strip().startswith('<div id="status"')
    assert "hx-trigger" in running.text
    push_publication(publication.pk)
    final = client.get(url, headers={"HX-Request": "true"})
    assert "hx-trigger" not in final.text
    assert "Open on the Hub" in final.text


def test_a_plan_that_is_ready_replaces_the_waiting_page(client, mira, release, way):
    client.force_login(mira)
    plan = make_plan(mira, release, way)
    assert client.get(plan.get_absolute_url(), headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_a_revoked_token_gives_a_clear_sentence_and_a_way_on(client, publication, double, mira):
    double.tokens.revoke(CANARY)
    push_publication(publication.pk)
    client.force_login(mira)
    page = client.get(publication.get_absolute_url(), headers={"Accept-Language": "en"})
    assert "Access was refused" in page.text
    assert "nothing is lost" in page.text
    german = client.get(publication.get_absolute_url(), headers={"Accept-Language": "de"}).text
    assert "Der Zugang wurde abgelehnt" in german
    assert CANARY not in page.text
    double.tokens.add(CANARY, user="portal", role="write", namespaces=("cesai-demo",))
    client.post(reverse("hub:publication_retry", args=[publication.pk]))
    push_publication(publication.pk)
    publication.refresh_from_db()
    assert publication.state == Publication.State.PUBLISHED


def test_a_conflict_offers_a_new_plan_only(client, publication, double, mira):
    double.order("commit", Kind.FOREIGN_COMMIT)
    push_publication(publication.pk)
    client.force_login(mira)
    page = client.get(publication.get_absolute_url()).text
    assert "Make a new plan" in page
    assert "Try again" not in page
    answer = client.post(reverse("hub:publication_replan", args=[publication.pk]))
    assert answer.url == Plan.objects.latest("pk").get_absolute_url()
    assert Plan.objects.open().count() == 1


def test_a_waiting_publication_says_that_the_connection_is_refused(client, publication, mira):
    Connection.objects.update(refused_at=timezone.now())
    client.force_login(mira)
    assert "refuses the token" in client.get(publication.get_absolute_url()).text


def test_a_refusal_of_the_form_keeps_what_was_typed(client, mira, release, way, tmp_path):
    Target.objects.create(model=make_model("anderes"), connection=way, repository="werkstatt")
    client.force_login(mira)
    form = {"connection": way.pk, "repository": "werkstatt", "visibility": "public", "limitations": "getippt"}
    answer = client.post(reverse("hub:plan_create", args=[release.pk]), form)
    assert answer.status_code == 422
    assert "Another model is published under this name." in answer.text
    assert "getippt" in answer.text
    assert not Plan.objects.exists()


@pytest.mark.parametrize("name", ["../x", "a b", "", "-x"])
def test_a_name_that_the_hub_would_not_take_is_refused_at_the_field(client, mira, release, way, name):
    client.force_login(mira)
    form = {"connection": way.pk, "repository": name, "visibility": "public"}
    answer = client.post(reverse("hub:plan_create", args=[release.pk]), form)
    assert answer.status_code == 422
    assert answer.context["form"].errors["repository"]


def test_an_open_plan_is_linked_instead_of_a_second_form(client, mira, release, way):
    plan = make_plan(mira, release, way)
    client.force_login(mira)
    page = client.get(reverse("hub:plan_create", args=[release.pk]))
    assert plan.get_absolute_url() in page.text
    answer = client.post(
        reverse("hub:plan_create", args=[release.pk]),
        {"connection": way.pk, "repository": "werkstatt", "visibility": "public"},
    )
    assert answer.status_code == 422


def test_a_discarded_plan_changes_nothing_on_the_hub(client, mira, release, way, double):
    plan = make_plan(mira, release, way)
    client.force_login(mira)
    assert client.post(reverse("hub:plan_discard", args=[plan.pk])).status_code == 302
    plan.refresh_from_db()
    assert plan.state == Plan.State.DISCARDED
    assert double.store.get(REPO) is None


def test_plans_are_for_cesai_and_publications_for_all_who_see_the_model(
    client, publication, jonas, gast, anke, sven
):
    plan, page = publication.plan.get_absolute_url(), publication.get_absolute_url()
    for person in (jonas, gast):
        client.force_login(person)
        assert client.get(plan).status_code == 404
        assert client.get(page).status_code == 404
    push_publication(publication.pk)
    for person in (jonas, gast):
        client.force_login(person)
        assert client.get(page).status_code == 200
        assert client.get(plan).status_code == 404
    client.force_login(anke)
    assert client.get(plan).status_code == 200
    assert client.post(reverse("hub:plan_discard", args=[publication.plan_id])).status_code == 403
    assert client.post(reverse("hub:plan_approve", args=[publication.plan_id])).status_code == 403
    assert client.post(reverse("hub:publication_retry", args=[publication.pk])).status_code == 403
    assert client.post(reverse("hub:publication_replan", args=[publication.pk])).status_code == 403


def test_only_a_manager_plans(client, release, way, jonas, anke):
    url = reverse("hub:plan_create", args=[release.pk])
    assert "login" in client.get(url).url
    for person in (jonas, anke):
        client.force_login(person)
        assert client.get(url).status_code == 403


def test_the_list_asks_the_database_a_constant_number_of_times(
    client, mira, tariq, way, tmp_path, django_assert_max_num_queries
):
    for number in range(4):
        release = make_release(
            mira, make_model(f"m{number}", name=f"M{number}"), folder=tmp_path / str(number)
        )
        make_publication(mira, tariq, release, way)
        other = make_release(
            mira, make_model(f"n{number}", name=f"N{number}"), folder=tmp_path / f"n{number}"
        )
        make_plan(mira, other, way)
    client.force_login(mira)
    # Session, user and roles beside two lists.
    with django_assert_max_num_queries(5):
        client.get(reverse("hub:publication_list"))


def test_the_dashboards_name_what_waits(client, publication, double, mira, tariq, sven, release, way):
    from hub.dashboard import dashboard

    double.tokens.revoke(CANARY)
    push_publication(publication.pk)
    assert "failed" in str(dashboard(mira).tasks[0].label)
    assert "refuses the token" in str(dashboard(sven).tasks[0].label)
    Plan.objects.filter(pk=publication.plan_id).update(
        state=Plan.State.READY, approved_by=None, approved_at=None
    )
    assert any("Approve" in str(task.label) for task in dashboard(tariq).tasks)
    assert not any("Approve" in str(task.label) for task in dashboard(mira).tasks)
