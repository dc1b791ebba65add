"""The OpenAPI schema of the whole API."""

import json

import pytest
from django.core.management import call_command
from django.urls import reverse


def test_the_schema_is_valid_and_raises_no_warning(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml"))
    assert "openapi: 3" in (tmp_path / "schema.yaml").read_text()


@pytest.mark.django_db
def test_it_is_served_in_each_format_and_the_same_twice(client, settings):
    path = reverse("api_schema")
    plain = client.get(path, headers={"accept": "application/json"})
    assert plain.headers["Content-Type"] == "application/json"
    assert json.loads(plain.content)["info"]["title"] == settings.SPECTACULAR_SETTINGS["TITLE"]
    assert client.get(path, headers={"accept": "application/json"}).content == plain.content
    drawn = client.get(path)
    assert drawn.headers["Content-Type"] == "application/vnd.oai.openapi"
    assert drawn.content.startswith(b"openapi: 3")
    assert client.get(path, headers={"accept": "image/png"}).status_code == 406
