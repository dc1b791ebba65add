"""Connections in the admin, and the tokens behind them."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hub.models import Connection
from hub.tokens import TokenMissing, read_token


def test_a_system_administrator_enters_a_connection(client, sven):
    client.force_login(sven)
    form = {
        "name": "Hub",
        "endpoint": "https://hub.example.org",
        "namespace": "cesai",
        "token_source": "env:HUB_TOKEN",
    }
    assert client.post(reverse("admin:hub_connection_add"), form).status_code == 302
    assert Connection.objects.get().address == "https://hub.example.org"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("token_source", "hf_abcdefghijklmnop"),
        ("token_source", "Bearer hf_x"),
        ("endpoint", "http://hub.example.org"),
        ("endpoint", "huggingface.co"),
        ("namespace", "a/b"),
    ],
)
def test_a_token_or_an_unsafe_address_is_refused_at_its_field(client, sven, field, value):
    client.force_login(sven)
    form = {
        "name": "Hub",
        "endpoint": "",
        "namespace": "cesai",
        "token_source": "env:HUB_TOKEN",
        field: value,
    }
    answer = client.post(reverse("admin:hub_connection_add"), form)
    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors
    assert not Connection.objects.exists()


def test_a_manager_reads_connections_and_changes_none(client, mira, sven):
    connection = Connection.objects.create(name="Hub", namespace="cesai", token_source="env:HUB_TOKEN")
    client.force_login(mira)
    assert client.get(reverse("admin:hub_connection_change", args=[connection.pk])).status_code == 200
    assert client.get(reverse("admin:hub_connection_add")).status_code == 403


def test_without_an_address_of_its_own_a_connection_leads_to_the_configured_hub(settings, db):
    settings.HUB_ENDPOINT, settings.HUB_WEB_ADDRESS = "https://hub.internal", "http://reading.internal"
    connection = Connection(name="Hub", namespace="cesai", token_source="env:HUB_TOKEN")
    connection.full_clean()
    assert connection.address == "https://hub.internal"
    assert connection.web_url("cesai/x", "abc") == "http://reading.internal/cesai/x/tree/abc"


def test_a_token_is_read_where_the_connection_says(settings, tmp_path, monkeypatch):
    settings.VAR_DIR = tmp_path
    (tmp_path / "token").write_text("hf_secret\n")
    monkeypatch.setenv("HUB_TOKEN", "hf_other")
    assert read_token("file:token") == read_token(f"file:{tmp_path}/token") == "hf_secret"
    assert read_token("env:HUB_TOKEN") == "hf_other"


@pytest.mark.parametrize("source", ["env:NO_SUCH", "file:nothing", "file:empty"])
def test_a_missing_token_is_an_error_that_names_the_place(settings, tmp_path, source):
    settings.VAR_DIR = tmp_path
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(TokenMissing, match=source):
        read_token(source)


def test_the_constraint_holds_where_the_form_is_passed_by(db):
    with pytest.raises(ValidationError):
        Connection(name="x", namespace="a", token_source="hf_token").full_clean()
