"""A manager adds a release with its files."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portfolio.models import AIModel, ModelRelease


def file(name: str = "model.safetensors", content: bytes = b"weights") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def add(client, model: AIModel, **changes):
    content = {
        "version": "1.0.0",
        "notes": "Erste Fassung",
        "files": [file(), file("LICENSE.txt", b"CC0")],
        "served_name": "werkstatt",
        "server": "endpoint",
        "endpoint_url": "http://127.0.0.1:9/v1",
        **changes,
    }
    return client.post(reverse("portfolio:release_create", args=[model.slug]), content)


def test_the_files_become_a_release_with_checksums(client, mira, model):
    client.force_login(mira)
    assert (
        'enctype="multipart/form-data"'
        in client.get(reverse("portfolio:release_create", args=[model.slug])).text
    )
    response = add(client, model)
    release = ModelRelease.objects.get()
    assert response.url == release.get_absolute_url()
    assert set(release.manifest) == {"model.safetensors", "LICENSE.txt"}
    assert (release.endpoint_url, release.serve_command) == ("http://127.0.0.1:9/v1", [])
    assert (release.created_by, release.notes) == (mira, "Erste Fassung")
    assert "Version 1.0.0" in client.get(model.get_absolute_url()).text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"version": "../1"}, "Letters, digits, dots, plus and minus only."),
        ({"version": "1" * 31}, "Letters, digits, dots, plus and minus only."),
        ({"files": []}, "A release needs at least one file."),
        ({"files": [file(), file()]}, "Two files have the same name."),
        ({"endpoint_url": ""}, "Please give the address of the endpoint."),
        ({"endpoint_url": "ftp://example.org/v1"}, "Enter a valid URL"),
        ({"endpoint_url": "javascript:alert(1)"}, "Enter a valid URL"),
        ({"server": "carrier pigeon"}, "Select a valid choice"),
        ({"files": [file(content=b"")]}, "The submitted file is empty"),
    ],
)
def test_what_cannot_be_served_or_kept_is_refused(client, mira, model, changes, sentence):
    client.force_login(mira)
    response = add(client, model, **changes)
    assert response.status_code == 422
    assert sentence in response.text
    assert not ModelRelease.objects.exists()


def test_a_server_of_the_portal_needs_its_file(client, mira, model, settings):
    (name, server), *_others = settings.RELEASE_SERVERS.items()
    client.force_login(mira)
    response = add(client, model, server=name, endpoint_url="")
    assert response.status_code == 422
    assert f"The file {server['needs']} is missing." in response.text
    assert add(client, model, server=name, files=[file(server["needs"])]).status_code == 302
    release = ModelRelease.objects.get()
    assert release.serve_command == [*server["command"], "--name", "werkstatt"]
    assert release.endpoint_url == ""


def test_a_version_is_added_once(client, mira, model):
    client.force_login(mira)
    add(client, model)
    response = add(client, model, files=[file(content=b"other")])
    assert response.status_code == 422
    assert "Version 1.0.0 exists already" in response.text
    (release,) = ModelRelease.objects.all()
    assert (release.folder / "model.safetensors").read_bytes() == b"weights"


@pytest.mark.parametrize("name", ["jonas", "paul", "anke"])
def test_others_add_none(client, request, model, name):
    client.force_login(request.getfixturevalue(name))
    assert add(client, model).status_code == 403
    assert not ModelRelease.objects.exists()


def test_guests_do_not_find_the_model(client, gast, model):
    client.force_login(gast)
    assert add(client, model).status_code == 404
