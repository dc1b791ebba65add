"""Whatever was wrong with what came in: the page of the run says it in a sentence, and there is no score."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from evaluations.engines import launcher_of
from evaluations.launchers.protocol import EngineState
from evaluations.models import Run, Score
from evaluations.models.run import State
from evaluations.reconcile import tick
from evaluations.runner.harness import complaint_of
from evaluations.runner.reasons import EXIT_CODES
from evaluations.sentences import REASONS
from tests.evaluations.conftest import publish_result
from tests.evaluations.fake_engine import FakeEngine
from tests.evaluations.published import sha256
from tests.evaluations.test_runner import start
from tests.evaluations.workshop import lay_out, read, real_harness, specification, task_files


def page_of(client: Client, user: User, run: Run) -> str:
    client.force_login(user)
    return client.get(run.get_absolute_url()).content.decode()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("task", "reason", "words"),
    [
        ("belebele_klingon", "task_unknown", "belebele_klingon"),
        ("belebele_deu_Latn", "data_missing", "facebook/belebele"),
    ],
)
def test_the_real_harness_is_understood_when_it_lacks_a_task_or_its_data(
    tmp_path: Path, task: str, reason: str, words: str
) -> None:
    spec = specification("eval-1", real_harness(), task_files(4), tasks=[task])
    with start(lay_out(tmp_path, spec, task_files(4))) as process:
        assert process.wait(300) == EXIT_CODES[reason]
    ended = read(tmp_path / "exit.json")
    assert ended["reason"] == reason
    assert words in ended["message"]
    assert not (tmp_path / "result").exists()


@pytest.mark.parametrize(
    "words",
    [
        "",
        "ValueError: the stand-in was told to fail",
        "torch.OutOfMemoryError: CUDA out of memory",
        "FileNotFoundError: [Errno 2] No such file or directory: '/usr/bin/ld'",
        "KeyError: 'loglikelihood'",
    ],
)
def test_other_complaints_of_the_harness_stay_its_own(words: str) -> None:
    assert complaint_of(words) == "harness_failed"


@pytest.mark.parametrize(
    ("reason", "said", "sentence"),
    [
        (
            "task_unknown",
            "ValueError: Tasks not found: ['belebele_klingon']",
            "does not know a task of the suite",
        ),
        (
            "data_missing",
            "Couldn't reach 'facebook/belebele' on the Hub",
            "A data set of the suite is not there",
        ),
        ("endpoint_unreachable", "Connection refused", "Nobody answers at the address"),
        ("engine_partition", "Invalid partition name specified", "does not have the partition"),
        (
            "engine_limits",
            "violates accounting/QOS policy",
            "asks for more than the cluster&#x27;s limits allow",
        ),
        ("result_invalid", "the harness wrote 0 result files", "ended without a complete result"),
    ],
)
def test_a_run_that_cannot_be_made_says_why_and_what_the_machine_said(
    client: Client, mira: User, run: Run, fake: FakeEngine, reason: str, said: str, sentence: str
) -> None:
    tick()
    fake.say(run.key, EngineState.ENDED, reason=reason, message=said)
    tick()
    html = page_of(client, mira, run)
    assert sentence in html
    assert said.replace("'", "&#x27;") in html
    run.refresh_from_db()
    assert run.state == State.FAILED


def damaged(place: Path, content: str) -> None:
    """The harness's results as `content`, with the hash of that in the manifest."""
    (results,) = place.glob("results_*")
    results.write_text(content)
    manifest = json.loads((place / "manifest.json").read_text())
    manifest["files"][results.name]["sha256"] = sha256(content)
    (place / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    "content",
    ["{", "[]", '{"results": 7}', "[" * 100_000, json.dumps({"results": {"cesai_smoke_de": "many"}})],
    ids=["cut off", "a list", "a number", "too deep", "no figures"],
)
def test_malformed_results_wait_in_quarantine_with_a_sentence(
    client: Client, mira: User, run: Run, fake: FakeEngine, content: str
) -> None:
    tick()
    publish_result(run)
    damaged(launcher_of(run.engine).folder(run.key) / "result", content)
    fake.say(run.key, EngineState.ENDED, reason="published")
    tick()
    run.refresh_from_db()
    assert run.state == State.QUARANTINED
    html = page_of(client, mira, run)
    assert "it must not become a score" in html
    assert str(REASONS[run.reason]) in html
    assert not Score.objects.exists()


def test_every_end_of_a_runner_has_a_sentence() -> None:
    ways: dict[str, Any] = dict(EXIT_CODES)
    for no_failure in ("published", "already_published", "stopped", "busy"):
        del ways[no_failure]
    assert ways.keys() <= REASONS.keys()
    assert len(set(EXIT_CODES.values())) == len(EXIT_CODES) - 1
