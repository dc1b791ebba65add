"""Legal pages: readable without signing in, written by the operator, and no production start before they are."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import StaticPage
from accounts.models.page import PLACEHOLDER
from cesai.checks import demo_is_off, legal_pages_are_filled

pytestmark = pytest.mark.django_db
SLUGS = ["accessibility", "easy-language", "imprint", "privacy"]


@pytest.fixture
def filled() -> None:
    for page in StaticPage.objects.all():
        page.body_de, page.body_en = (
            body.replace(PLACEHOLDER, "LEAM") for body in (page.body_de, page.body_en)
        )
        page.save()


@pytest.mark.parametrize("slug", SLUGS)
def test_everybody_reads_them_in_both_languages(client, slug):
    page = StaticPage.objects.get(slug=slug)
    for language, title in (("de", page.title_de), ("en", page.title_en)):
        text = client.get(f"/pages/{slug}/", headers={"accept-language": language}).text
        assert f"<h1>{title}</h1>" in text


def test_a_page_that_does_not_exist_is_not_found(client):
    assert client.get("/pages/agb/").status_code == 404


def test_markdown_is_shown_and_html_in_it_never_run(client, filled):
    StaticPage.objects.filter(slug="imprint").update(
        body_en="## Provider\n\n<script>alert(1)</script> [x](javascript:alert(1)) **bold**"
    )
    text = client.get("/pages/imprint/").text
    assert "<h2>Provider</h2>" in text
    assert "<strong>bold</strong>" in text
    assert "<script>alert(1)" not in text
    assert 'href="javascript:' not in text


def test_a_manager_writes_them_and_the_history_keeps_it(client, mira):
    page = StaticPage.objects.get(slug="imprint")
    client.force_login(mira)
    response = client.post(
        reverse("admin:accounts_staticpage_change", args=[page.pk]),
        {"title_de": "Impressum", "title_en": "Imprint", "body_de": "LEAM GmbH", "body_en": "LEAM GmbH"},
    )
    assert response.status_code == 302
    assert "LEAM GmbH" in client.get("/pages/imprint/").text
    assert not StaticPage.objects.get(pk=page.pk).has_placeholders


@pytest.mark.parametrize("name", ["jonas", "petra"])
def test_others_do_not(client, request, name):
    client.force_login(request.getfixturevalue(name))
    address = reverse("admin:accounts_staticpage_change", args=[StaticPage.objects.get(slug="imprint").pk])
    assert client.post(address, {"title_de": "x"}, follow=True).status_code == 403


class TestDeployCheck:
    def test_placeholders_stop_a_production_start(self):
        (error,) = legal_pages_are_filled(None, databases=["default"])
        assert error.id == "cesai.E002"
        assert all(slug in error.msg for slug in SLUGS)

    def test_the_command_that_runs_before_the_start_fails(self, settings):
        with pytest.raises(CommandError, match="Legal pages still hold placeholders: accessibility"):
            call_command("check", "--deploy", "--database", "default", "--fail-level", "ERROR")

    def test_one_left_is_named(self, filled):
        page = StaticPage.objects.get(slug="privacy")
        page.body_en += PLACEHOLDER
        page.save()
        (error,) = legal_pages_are_filled(None, databases=["default"])
        assert "placeholders: privacy." in error.msg

    def test_filled_pages_do_not(self, filled):
        assert legal_pages_are_filled(None, databases=["default"]) == []

    def test_without_a_database_nothing_is_claimed(self):
        assert legal_pages_are_filled(None) == []

    @pytest.mark.parametrize("name", ["DEMO", "DEBUG"])
    def test_a_demo_never_starts_where_others_can_reach_it(self, settings, name):
        assert demo_is_off(None) == []
        setattr(settings, name, True)
        assert [error.id for error in demo_is_off(None)] == ["cesai.E001"]
