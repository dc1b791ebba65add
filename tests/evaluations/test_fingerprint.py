"""Equal inputs, equal fingerprint; any other input, another one."""

from collections.abc import Callable

import pytest

from evaluations.fingerprint import fingerprint_of
from evaluations.models import SuiteVersion
from portfolio.models import ModelRelease

Change = Callable[[ModelRelease, SuiteVersion], None]


def change_task(**fields: object) -> Change:
    return lambda release, version: version.tasks.update(**fields) and None  # type: ignore[func-returns-value]


CHANGES: dict[str, Change] = {
    "model": lambda release, version: setattr(release.model, "slug", "another"),
    "version": lambda release, version: setattr(release, "version", "1.0.1"),
    "file": lambda release, version: setattr(
        release, "manifest", {"model.ngram": {"size": 1, "sha256": "b" * 64}}
    ),
    "served name": lambda release, version: setattr(release, "served_name", "another"),
    "command": lambda release, version: setattr(release, "serve_command", ["vllm"]),
    "address": lambda release, version: setattr(release, "endpoint_url", "http://127.0.0.1:1/v1"),
    "harness": lambda release, version: setattr(version, "harness", "another"),
    "harness version": lambda release, version: setattr(version, "harness_version", "0.4.14"),
    "environment": lambda release, version: setattr(version, "environment", "b" * 64),
    "seed": lambda release, version: setattr(version, "seed", 43),
    "template": lambda release, version: setattr(version, "applies_chat_template", True),
    "task": change_task(name="another"),
    "task files": change_task(files={"another.yaml": "c" * 64}),
    "data set": change_task(files={}, dataset="another/set"),
    "part of the data set": change_task(files={}, dataset="another/set", configuration="de"),
    "commit of the data set": change_task(files={}, dataset="another/set", revision="d" * 40),
    "shots": change_task(shots=5),
}


def test_the_fingerprint_is_the_same_for_the_same_inputs(
    release: ModelRelease, suite_version: SuiteVersion
) -> None:
    again = ModelRelease.objects.select_related("model").get(pk=release.pk)
    assert fingerprint_of(release, suite_version) == fingerprint_of(again, suite_version)


def test_words_about_a_release_do_not_count(release: ModelRelease, suite_version: SuiteVersion) -> None:
    before = fingerprint_of(release, suite_version)
    release.notes = "other words"
    assert fingerprint_of(release, suite_version) == before


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_every_input_counts(release: ModelRelease, suite_version: SuiteVersion, change: Change) -> None:
    before = fingerprint_of(release, suite_version)
    change(release, suite_version)
    assert fingerprint_of(release, suite_version) != before
