"""Two releases on equal questions, and nothing else."""

from collections.abc import Iterator

import numpy as np
import pytest
from django.test import Client
from django.utils import translation

from accounts.demo import Cast
from accounts.models import User
from evaluations.comparing import ComparisonRefused, compare_releases
from evaluations.models import Answer, Question, Run, SuiteVersion
from evaluations.paired import Method
from portfolio.models import ModelRelease
from tests.evaluations.measuring import accepted_run, another_release, right, suite_of


@pytest.fixture(autouse=True)
def english(cast: Cast) -> Iterator[None]:
    """Sentences are checked in the language of the code."""
    User.objects.update(language="en")
    with translation.override("en"):
        yield


PAGE = "/evaluations/compare/"
API = "/api/v1/evaluations/comparison/"


@pytest.fixture
def version(db: None) -> SuiteVersion:
    return suite_of({"wissen": 60, "lesen": 40})


@pytest.fixture
def later(release: ModelRelease) -> ModelRelease:
    return another_release(release, "1.1.0")


def test_each_common_task_is_compared_question_by_question(
    mira: User, release: ModelRelease, later: ModelRelease, version: SuiteVersion
) -> None:
    accepted_run(release, version, {"wissen": right(20, 60), "lesen": right(10, 40)}, mira)
    accepted_run(later, version, {"wissen": right(45, 60), "lesen": right(10, 40)}, mira)
    board = compare_releases(release, later)
    by_task = {row.second.task.name: row for row in board.rows}
    better, same = by_task["wissen"], by_task["lesen"]
    assert (better.comparison.only_first, better.comparison.only_second) == (0, 25)
    assert better.comparison.method == Method.MCNEMAR
    assert better.is_significant
    assert better.gain == pytest.approx(25 / 60)
    assert better.q == pytest.approx(2 * better.comparison.p)
    assert (same.comparison.difference, same.q) == (0, 1)


def test_graded_answers_are_compared_by_a_bootstrap_and_always_with_the_same_result(
    mira: User, release: ModelRelease, later: ModelRelease
) -> None:
    version = suite_of({"kürzen": 80}, metric="rouge")
    source = np.random.default_rng(1)
    first = source.random(80).round(3)
    accepted_run(release, version, {"kürzen": first.tolist()}, mira)
    accepted_run(later, version, {"kürzen": (first * 0.9).tolist()}, mira)
    (row,) = compare_releases(release, later).rows
    assert row.comparison.method == Method.BOOTSTRAP
    assert row.gain < 0
    assert compare_releases(release, later).rows[0] == row


def test_of_several_runs_of_a_release_the_newest_counts(
    mira: User, release: ModelRelease, later: ModelRelease, version: SuiteVersion
) -> None:
    accepted_run(release, version, {"wissen": right(20, 60)}, mira)
    accepted_run(later, version, {"wissen": right(20, 60)}, mira)
    accepted_run(later, version, {"wissen": right(50, 60)}, mira)
    (row,) = compare_releases(release, later).rows
    assert row.comparison.second == pytest.approx(50 / 60)


def test_the_same_task_in_a_later_version_of_the_suite_is_comparable(
    mira: User, release: ModelRelease, later: ModelRelease, version: SuiteVersion
) -> None:
    accepted_run(release, version, {"wissen": right(20, 60)}, mira)
    accepted_run(later, suite_of({"wissen": 60}), {"wissen": right(50, 60)}, mira)
    assert len(compare_releases(release, later).rows) == 1


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"harness_version": "0.4.12"}, "lm-eval 0.4.12"),
        ({"applies_chat_template": True}, "prompt template"),
    ],
)
def test_scores_under_another_harness_or_template_are_not_compared(
    mira: User,
    release: ModelRelease,
    later: ModelRelease,
    version: SuiteVersion,
    change: dict[str, object],
    word: str,
) -> None:
    other = suite_of({"wissen": 60})
    SuiteVersion.objects.filter(pk=other.pk).update(**change)
    accepted_run(release, version, {"wissen": right(20, 60)}, mira)
    accepted_run(later, other, {"wissen": right(50, 60)}, mira)
    with pytest.raises(ComparisonRefused, match=word):
        compare_releases(release, later)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"shots": 5}, "number of examples"),
        ({"content_hash": "d" * 64}, "other questions"),
        ({"content_hash": ""}, "not known yet"),
    ],
)
def test_scores_of_other_questions_are_not_compared(
    mira: User,
    release: ModelRelease,
    later: ModelRelease,
    version: SuiteVersion,
    change: dict[str, object],
    word: str,
) -> None:
    other = suite_of({"wissen": 60}, **change)
    accepted_run(release, version, {"wissen": right(20, 60)}, mira)
    accepted_run(later, other, {"wissen": right(50, 60)}, mira)
    with pytest.raises(ComparisonRefused, match=word):
        compare_releases(release, later)


def test_a_score_without_answers_is_not_compared(
    mira: User, release: ModelRelease, later: ModelRelease, version: SuiteVersion
) -> None:
    accepted_run(release, version, {"wissen": right(20, 60)}, mira)
    run = accepted_run(later, version, {"wissen": right(50, 60)}, mira, with_answers=False)
    with pytest.raises(ComparisonRefused, match=run.code):
        compare_releases(release, later)


def test_answers_to_other_prompts_are_not_compared_even_if_the_task_says_that_it_is_the_same(
    mira: User, release: ModelRelease, later: ModelRelease, version: SuiteVersion
) -> None:
    accepted_run(release, version, {"wissen": right(20, 60)}, mira)
    accepted_run(later, version, {"wissen": right(50, 60)}, mira, prompt_hash="9" * 64)
    with pytest.raises(ComparisonRefused, match="not the same"):
        compare_releases(release, later)


def test_what_cannot_be_compared_is_named_beside_what_can(
    mira: User, release: ModelRelease, later: ModelRelease, version: SuiteVersion
) -> None:
    other = suite_of({"wissen": 60, "lesen": 40})
    other.tasks.filter(name="lesen").update(shots=3)
    accepted_run(release, version, {"wissen": right(20, 60), "lesen": right(9, 40)}, mira)
    accepted_run(later, other, {"wissen": right(50, 60), "lesen": right(9, 40)}, mira)
    board = compare_releases(release, later)
    assert [row.second.task.name for row in board.rows] == ["wissen"]
    assert [task for task, _reason in board.left_out] == ["Task lesen"]


@pytest.fixture
def two_runs(mira: User, release: ModelRelease, later: ModelRelease, version: SuiteVersion) -> list[Run]:
    return [
        accepted_run(release, version, {"wissen": right(30, 60)}, mira),
        accepted_run(later, version, {"wissen": right(32, 60)}, mira),
    ]


def test_the_page_says_what_the_questions_cannot_show(
    client: Client, jonas: User, two_runs: list[Run], release: ModelRelease, later: ModelRelease
) -> None:
    client.force_login(jonas)
    page = client.get(PAGE, {"first": release.pk, "second": later.pk})
    assert page.status_code == 200
    assert "cannot be told apart with 60 questions" in page.content.decode()


def test_the_page_without_a_choice_asks_for_one(client: Client, jonas: User) -> None:
    client.force_login(jonas)
    assert client.get(PAGE).status_code == 200


def test_two_releases_without_common_questions_are_refused_with_the_reason(
    client: Client, mira: User, release: ModelRelease, later: ModelRelease, version: SuiteVersion
) -> None:
    accepted_run(release, version, {"wissen": right(20, 60)}, mira)
    accepted_run(later, suite_of({"rechnen": 30}), {"rechnen": right(9, 30)}, mira)
    client.force_login(mira)
    page = client.get(PAGE, {"first": release.pk, "second": later.pk})
    assert page.status_code == 422
    assert page.context["refusal"]
    assert "board" not in page.context
    answer = client.get(API, {"first": release.pk, "second": later.pk})
    assert answer.status_code in (409, 422)
    assert "same questions" in answer.content.decode()


@pytest.mark.parametrize("second", ["same", "unmeasured", "unknown", "text"])
def test_what_cannot_be_compared_is_refused_on_the_page(
    client: Client, mira: User, two_runs: list[Run], release: ModelRelease, second: str
) -> None:
    unmeasured = another_release(release, "3.0.0")
    chosen = {"same": release.pk, "unmeasured": unmeasured.pk, "unknown": 0, "text": "x"}[second]
    client.force_login(mira)
    page = client.get(PAGE, {"first": release.pk, "second": chosen})
    assert page.status_code == 422
    assert "board" not in page.context


def test_the_api_tells_the_same_as_the_page(
    client: Client, jonas: User, two_runs: list[Run], release: ModelRelease, later: ModelRelease
) -> None:
    client.force_login(jonas)
    found = client.get(API, {"first": release.pk, "second": later.pk}).json()
    (task,) = found["tasks"]
    assert (task["task"], task["questions"], task["only_first"], task["only_second"]) == ("wissen", 60, 0, 2)
    assert task["p"] == pytest.approx(0.5)
    assert task["method"] == "mcnemar"
    assert task["significant"] is False
    assert task["runs"] == [run.code for run in two_runs]


def test_the_api_refuses_releases_that_are_not_there(
    client: Client, jonas: User, release: ModelRelease
) -> None:
    client.force_login(jonas)
    assert client.get(API, {"first": release.pk, "second": 0}).status_code == 404
    assert client.get(API, {"first": release.pk}).status_code == 400


def test_question_texts_are_kept_once_for_all_runs(two_runs: list[Run]) -> None:
    assert (Answer.objects.count(), Question.objects.count()) == (120, 60)
