"""The shipped suites: complete, honest about their questions, and fixed once published."""

import json
from collections import Counter
from dataclasses import replace

import pytest
import yaml

from evaluations.actions.catalogue import CatalogueChanged, sync_catalogue
from evaluations.catalogue.suites import SUITES, TASKS
from evaluations.jobs import is_runnable
from evaluations.models import Suite, SuiteVersion, Task
from evaluations.ngram.model import CORPUS


def questions() -> list[dict]:
    return [json.loads(line) for line in (TASKS / "cesai_smoke_de.jsonl").read_text().splitlines()]


def test_every_question_has_four_different_answers_and_one_is_right() -> None:
    for question in questions():
        assert len(set(question["optionen"])) == 4, question["id"]
        assert question["antwort"] in range(4)
        assert question["frage"].endswith(("?", "."))
    assert len({question["id"] for question in questions()}) == 60
    assert Counter(question["bereich"] for question in questions()).most_common()[-1][1] == 10


def test_the_right_answer_stands_at_every_place_equally_often() -> None:
    assert Counter(question["antwort"] for question in questions()) == {0: 15, 1: 15, 2: 15, 3: 15}


def test_the_baseline_has_not_read_the_questions() -> None:
    corpus = CORPUS.read_text()
    assert not [question["id"] for question in questions() if question["frage"][:-1] in corpus]
    assert not [
        q["id"]
        for q in questions()
        if len(q["optionen"][q["antwort"]]) > 12 and q["optionen"][q["antwort"]] in corpus
    ]


@pytest.mark.parametrize(
    "task", [task for suite in SUITES for task in suite.tasks], ids=lambda task: task.name
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
    (suite,) = SUITES
    sync_catalogue((replace(suite, title_en="Another title"),))
    assert Suite.objects.get(slug="smoke-de").title_en == "Another title"
    with pytest.raises(CatalogueChanged, match="seed"):
        sync_catalogue((replace(suite, seed=43),))
    with pytest.raises(CatalogueChanged, match="questions"):
        sync_catalogue((replace(suite, tasks=(replace(suite.tasks[0], questions=59),)),))
    with pytest.raises(CatalogueChanged, match="other tasks"):
        sync_catalogue((replace(suite, tasks=()),))
