"""The shipped suites: complete, honest about their questions, and fixed once published."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
import yaml
from django.db import IntegrityError, transaction

from evaluations.actions.catalogue import CatalogueChanged, sync_catalogue
from evaluations.catalogue.suites import SUITES, TASKS
from evaluations.jobs import is_runnable
from evaluations.models import Run, Suite, SuiteVersion, Task
from evaluations.ngram.model import CORPUS

OWN = {"cesai_smoke_de": 10, "cesai_maschinenbau_de": 2}


def questions(task: str) -> list[dict]:
    return [json.loads(line) for line in (TASKS / f"{task}.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(("task", "fewest"), OWN.items())
def test_every_question_has_four_different_answers_and_one_is_right(task: str, fewest: int) -> None:
    asked = questions(task)
    for question in asked:
        assert len(set(question["optionen"])) == 4, question["id"]
        assert question["antwort"] in range(4)
        assert question["frage"].endswith(("?", "."))
    assert len({question["id"] for question in asked}) == len({question["frage"] for question in asked})
    assert Counter(question["bereich"] for question in asked).most_common()[-1][1] >= fewest


@pytest.mark.parametrize("task", OWN)
def test_the_right_answer_stands_at_every_place_equally_often(task: str) -> None:
    places = Counter(question["antwort"] for question in questions(task))
    assert places == dict.fromkeys(range(4), len(questions(task)) // 4)


@pytest.mark.parametrize("task", OWN)
def test_the_baseline_has_not_read_the_questions(task: str) -> None:
    corpus = CORPUS.read_text()
    assert not [question["id"] for question in questions(task) if question["frage"][:-1] in corpus]
    assert not [
        q["id"]
        for q in questions(task)
        if len(q["optionen"][q["antwort"]]) > 12 and q["optionen"][q["antwort"]] in corpus
    ]


@pytest.mark.parametrize(
    "task", [task for suite in SUITES for task in suite.tasks if task.files], ids=lambda task: task.name
)
def test_what_the_catalogue_says_about_a_task_is_what_its_file_says(task) -> None:  # type: ignore[no-untyped-def]
    (definition,) = [
        yaml.safe_load((TASKS / name).read_text()) for name in task.files if name.endswith(".yaml")
    ]
    assert definition["task"] == task.name
    assert tuple(metric["metric"] for metric in definition["metric_list"]) == task.metrics
    assert definition["metadata"]["licence"] == task.licence
    data = definition["dataset_kwargs"]["data_files"][definition["test_split"]]
    assert data in task.files
    assert len((TASKS / data).read_text().splitlines()) == task.questions


def test_all_tasks_of_a_suite_use_the_same_number_of_examples() -> None:
    for suite in SUITES:
        assert len({task.shots for task in suite.tasks}) == 1


@pytest.mark.django_db
def test_the_catalogue_is_there_after_a_migration_and_loading_it_again_changes_nothing() -> None:
    before = list(Task.objects.values())
    sync_catalogue()
    assert list(Task.objects.values()) == before
    assert is_runnable(SuiteVersion.objects.get(suite__slug="smoke-de", number=1))


@pytest.mark.django_db
def test_better_words_are_taken_over_and_other_pins_are_refused() -> None:
    suite = SUITES[0]
    sync_catalogue((replace(suite, title_en="Another title"),))
    assert Suite.objects.get(slug="smoke-de").title_en == "Another title"
    with pytest.raises(CatalogueChanged, match="seed"):
        sync_catalogue((replace(suite, seed=43),))
    with pytest.raises(CatalogueChanged, match="questions"):
        sync_catalogue((replace(suite, tasks=(replace(suite.tasks[0], questions=59),)),))
    with pytest.raises(CatalogueChanged, match="other tasks"):
        sync_catalogue((replace(suite, tasks=()),))


def test_a_suite_with_data_for_non_commercial_use_says_so_in_its_name() -> None:
    for suite in SUITES:
        assert any(task.non_commercial for task in suite.tasks) == suite.slug.endswith("-nc")


def test_the_suite_of_the_official_languages_covers_all_of_them() -> None:
    (suite,) = [suite for suite in SUITES if suite.slug == "eu24-core"]
    assert len({task.language for task in suite.tasks}) == 24
    assert len(suite.tasks) == 46


@pytest.mark.django_db
def test_what_nobody_could_fetch_here_is_not_pinned() -> None:
    assert {
        task.version.suite.slug for task in Task.objects.select_related("version__suite") if task.is_pinned
    } == {
        "smoke-de",
        "domain-maschinenbau",
    }


def test_what_a_run_was_made_with_stays(run: Run) -> None:
    task = run.suite_version.tasks.get()
    forbidden: list[tuple[str, Callable[[], object]]] = [
        ("suiteversion_used_stays", lambda: SuiteVersion.objects.filter(pk=task.version_id).update(seed=1)),
        ("task_used_stays", lambda: Task.objects.filter(pk=task.pk).update(shots=5)),
        ("task_used_stays", lambda: Task.objects.filter(pk=task.pk).delete()),
        (
            "task_used_stays",
            lambda: Task.objects.create(
                version=task.version, name="b", questions=1, language="de", licence="x", files={"a": "b"}
            ),
        ),
    ]
    for name, change in forbidden:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            change()
    Task.objects.filter(pk=task.pk).update(title_en="Better words", content_hash="c" * 64)
    with pytest.raises(IntegrityError, match="task_hash_binds"), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(content_hash="d" * 64)


def test_a_version_that_nobody_used_may_still_be_corrected(suite_version: SuiteVersion) -> None:
    suite_version.seed = 7
    suite_version.save()
    assert suite_version.tasks.update(shots=3) == 1
