"""Models and their releases."""

import hashlib
from pathlib import Path

import pytest
from django.urls import reverse

from portfolio.actions import PortfolioRefused
from portfolio.actions.aimodels import add_release, begin_evaluation, mark_published
from portfolio.models import AIModel, ModelRelease
from tests.portfolio.factories import ReleaseFactory


def test_a_release_keeps_its_files_and_their_checksums(release):
    assert release.manifest == {
        "model.safetensors": {"size": 7, "sha256": hashlib.sha256(b"weights").hexdigest()}
    }
    assert (release.folder / "model.safetensors").read_bytes() == b"weights"
    assert release.size == 7


@pytest.mark.parametrize("name", ["../weights", "/etc/passwd", "a/../../b", "", "."])
def test_no_file_leaves_the_release(mira, model, tmp_path, name):
    source = Path(tmp_path, "weights")
    source.write_bytes(b"weights")
    with pytest.raises(PortfolioRefused, match="is no path inside the release"):
        add_release(by=mira, model=model, version="1", files={name: source}, served_name="x")
    assert not ModelRelease.objects.exists()


def test_a_release_without_files_is_none(mira, model):
    with pytest.raises(PortfolioRefused, match="at least one file"):
        add_release(by=mira, model=model, version="1", files={}, served_name="x")


def test_a_version_is_never_written_twice(release):
    with pytest.raises(PortfolioRefused, match=r"Version 1\.0\.0 exists already"):
        ReleaseFactory(model=release.model, version="1.0.0", content=b"other")
    assert (release.folder / "model.safetensors").read_bytes() == b"weights"


def test_a_file_that_cannot_be_copied_leaves_no_release(mira, model, tmp_path):
    with pytest.raises(FileNotFoundError):
        add_release(
            by=mira, model=model, version="1", files={"weights": tmp_path / "missing"}, served_name="x"
        )
    assert not ModelRelease.objects.exists()


def test_evaluating_and_publishing_twice_changes_nothing_more(mira, model):
    begin_evaluation(by=mira, model=model)
    begin_evaluation(by=mira, model=model)
    assert AIModel.objects.get().status == "in_evaluation"
    mark_published(by=mira, model=model)
    mark_published(by=mira, model=model)
    assert AIModel.objects.get().status == "published"
    begin_evaluation(by=mira, model=model)
    assert AIModel.objects.get().status == "published"


def test_a_withdrawn_model_is_not_published(mira, model):
    AIModel.objects.filter(pk=model.pk).update(status="withdrawn")
    with pytest.raises(PortfolioRefused, match="is in the state “Withdrawn”"):
        mark_published(by=mira, model=AIModel.objects.get())


def test_the_page_lists_releases_and_leads_to_the_proposal(client, jonas, mira, release):
    client.force_login(jonas)
    text = client.get(release.model.get_absolute_url()).text
    assert f'id="release-{release.pk}"' in text
    assert "Version 1.0.0" in text
    assert release.model.proposal.get_absolute_url() in text
    assert release.get_absolute_url().endswith(f"#release-{release.pk}")


def test_guests_see_what_is_published(client, gast, mira, model):
    address = reverse("portfolio:model_detail", args=[model.slug])
    client.force_login(gast)
    assert client.get(address).status_code == 404
    assert not client.get("/models/").context["page"].rows
    mark_published(by=mira, model=AIModel.objects.get(pk=_in_evaluation(mira, model)))
    assert client.get(address).status_code == 200


def _in_evaluation(mira, model: AIModel) -> int:
    begin_evaluation(by=mira, model=model)
    return model.pk
