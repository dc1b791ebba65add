"""From a data set on the disk to a score on it: pinning a suite, and runs that read the data where it lies."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from activity.models import Event
from evaluations.actions import EvaluationRefused
from evaluations.actions.catalogue import sync_catalogue
from evaluations.actions.runs import request_run
from evaluations.catalogue.source import SuiteSource
from evaluations.catalogue.suites import SUITES
from evaluations.data_sets import commit_of, folder_of
from evaluations.demo import SERVE_COMMAND
from evaluations.engines import launcher_of
from evaluations.harness import environment
from evaluations.models import Engine, Run, Suite, SuiteVersion, Task
from evaluations.models.run import State
from evaluations.ngram.model import load_default
from evaluations.reconcile import tick
from evaluations.reproducing import gaps
from evaluations.runner.data import point_at
from evaluations.runner.reasons import Stopped
from portfolio.models import ModelRelease
from tests.evaluations.workshop import eventually, real_harness

COMMIT, LATER = "a" * 40, "b" * 40
DATA_SET = "facebook/belebele"
(READING,) = [
    task
    for suite in SUITES
    for task in suite.tasks
    if task.name == "belebele_deu_Latn" and suite.slug == "de-core"
]
SUITE = SuiteSource(
    *("lesen", 1, "Leseprobe", "Reading sample", "Ein Datensatz des Hubs.", "A data set of the Hub."),
    (READING,),
)
CARD = """---
configs:
- config_name: deu_Latn
  data_files:
  - split: test
    path: data/deu_Latn.jsonl
---
"""


def put(commit: str, questions: int, *, is_main: bool = True) -> Path:
    """The data set in the layout of the Hub's cache, with so many questions in its own shape."""
    place = folder_of(DATA_SET, commit)
    (place / "data").mkdir(parents=True)
    (place / "README.md").write_text(CARD)
    lines = [
        {
            "link": "https://example.org",
            "question_number": number,
            "flores_passage": f"Am Werktor {number} steht eine Waage.",
            "question": "Was steht am Werktor?",
            **{f"mc_answer{place}": text for place, text in enumerate(("Waage", "Kran", "Ofen", "Zaun"), 1)},
            "correct_answer_num": "1",
            "dialect": "deu_Latn",
            "ds": "2023-05-03",
        }
        for number in range(questions)
    ]
    (place / "data" / "deu_Latn.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    if is_main:
        (place.parents[1] / "refs").mkdir(exist_ok=True)
        (place.parents[1] / "refs" / "main").write_text(commit)
    return place


@pytest.fixture(autouse=True)
def no_data_sets() -> Iterator[None]:
    yield
    shutil.rmtree(settings.VAR_DIR / "datasets", ignore_errors=True)


@pytest.fixture
def suite(db: None) -> Suite:
    sync_catalogue((SUITE,))
    return Suite.objects.get(slug="lesen")


@pytest.fixture
def harness() -> Iterator[None]:
    """The real one, where the portal has its own."""
    python = environment.python_of(settings.VAR_DIR / "harness")
    python.parent.parent.parent.mkdir(parents=True, exist_ok=True)
    python.parent.parent.symlink_to(Path(real_harness()).parents[1])
    yield
    python.parent.parent.unlink()


@pytest.fixture
def baseline(release: ModelRelease) -> ModelRelease:
    model = load_default()
    release.folder.mkdir(parents=True, exist_ok=True)
    (release.folder / "model.ngram").write_bytes(model.to_bytes())
    release.manifest = {"model.ngram": {"size": len(model.to_bytes()), "sha256": model.sha256}}
    release.serve_command = SERVE_COMMAND
    release.save()
    return release


def pin(by: User) -> SuiteVersion:
    call_command("pin_suite", "lesen", by=by.email, verbosity=0)
    return SuiteVersion.objects.order_by("-number")[0]


@pytest.mark.slow
def test_a_release_is_measured_on_a_data_set_of_the_hub_at_its_commit(
    client: Client, mira: User, baseline: ModelRelease, suite: Suite, harness: None, capsys: Any
) -> None:
    put(COMMIT, 8)
    version = pin(mira)
    assert "belebele_deu_Latn: 8 questions, facebook/belebele @ aaaaaaaaaaaa" in capsys.readouterr().out
    task = version.tasks.get()
    assert (version.number, task.revision, task.questions, task.is_pinned) == (101, COMMIT, 8, True)
    assert Event.objects.filter(verb="evaluations.suite_pinned", actor=mira).exists()
    with pytest.raises(CommandError, match="exactly these commits already"):
        pin(mira)

    run = request_run(
        by=mira, release=baseline, suite_version=version, engine=Engine.objects.get(slug="local")
    )

    def ended() -> bool:
        tick()
        run.refresh_from_db()
        return run.is_final

    eventually(ended, 300)
    assert run.state == State.SUCCEEDED, (run.reason, run.detail)
    score = run.scores.get(metric="acc")
    assert score.questions == 8
    assert run.answers.filter(question__prompt__contains="Am Werktor 7 steht eine Waage.").exists()
    assert gaps(run) == []
    client.force_login(mira)
    assert "aaaaaaaaaaaa" in client.get("/evaluations/suites/lesen/").content.decode()
    told = client.get(f"/evaluations/{run.code}/export.eval_results.yaml").content.decode()
    assert f"revision: {COMMIT}" in told

    put(LATER, 9)
    later = pin(mira)
    assert (later.number, later.tasks.get().revision, later.tasks.get().questions) == (102, LATER, 9)
    assert launcher_of(run.engine).folder(run.key).is_dir()


def test_a_suite_is_not_pinned_to_what_is_not_there(mira: User, suite: Suite) -> None:
    with pytest.raises(CommandError, match=r"hf download --repo-type dataset facebook/belebele --cache-dir"):
        pin(mira)
    put(COMMIT, 2, is_main=False)
    put(LATER, 2, is_main=False)
    assert commit_of(DATA_SET) == ""
    with pytest.raises(CommandError, match="at several commits"):
        pin(mira)
    assert SuiteVersion.objects.filter(suite=suite).count() == 1


def test_of_several_commits_it_is_the_one_that_was_fetched_as_the_newest(mira: User) -> None:
    put(LATER, 2, is_main=False)
    assert commit_of(DATA_SET) == LATER
    put(COMMIT, 2)
    assert commit_of(DATA_SET) == COMMIT


def test_own_questions_need_no_pinning(mira: User, suite_version: SuiteVersion) -> None:
    with pytest.raises(CommandError, match="nothing to pin"):
        call_command("pin_suite", "smoke-de", by=mira.email)
    with pytest.raises(CommandError, match="does not exist"):
        call_command("pin_suite", "unheard-of", by=mira.email)


@pytest.mark.slow
def test_data_that_the_harness_cannot_read_is_refused_with_its_words(
    mira: User, suite: Suite, harness: None
) -> None:
    place = put(COMMIT, 2)
    (place / "data" / "deu_Latn.jsonl").write_text('{"question": ')
    with pytest.raises(CommandError, match="The harness cannot read a data set"):
        pin(mira)
    assert SuiteVersion.objects.filter(suite=suite).count() == 1


def test_a_run_on_a_commit_that_has_gone_is_refused_by_the_name_of_the_data(
    mira: User, baseline: ModelRelease, suite: Suite
) -> None:
    version = SuiteVersion.objects.get(suite=suite)
    Task.objects.filter(version=version).update(revision=COMMIT, questions=2)
    engine = Engine.objects.get(slug="local")
    with pytest.raises(
        EvaluationRefused, match=r"facebook/belebele @ aaaaaaaaaaaa\. This commit is no longer"
    ):
        request_run(by=mira, release=baseline, suite_version=version, engine=engine)
    assert not Run.objects.exists()


def test_a_task_is_pointed_at_its_data_and_at_nothing_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Stopped, match="is not on this node") as caught:
        point_at({"belebele_deu_Latn": str(tmp_path / "none")}, "python-that-is-not-asked", tmp_path)
    assert caught.value.reason == "data_missing"
    point_at({}, "python-that-is-not-asked", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_harness_is_asked_for_its_own_definition(tmp_path: Path) -> None:
    point_at({"belebele_deu_Latn": str(tmp_path)}, real_harness(), tmp_path)
    told = (tmp_path / "belebele_deu_Latn.yaml").read_text()
    assert f'dataset_path: "{tmp_path}"\n' in told
    assert "/lm_eval/tasks/belebele/belebele_deu_Latn.yaml" in told
    with pytest.raises(Stopped, match="no definition of belebele_klingon") as caught:
        point_at({"belebele_klingon": str(tmp_path)}, real_harness(), tmp_path)
    assert caught.value.reason == "task_unknown"
