"""Ranks as intervals, per suite version."""

import numpy as np
import pytest
from django.test import Client

from accounts.models import User
from evaluations.leaderboard import leaderboard
from evaluations.models import SuiteVersion
from portfolio.models import ModelRelease
from tests.evaluations.measuring import accepted_run, another_model, another_release, right, suite_of


@pytest.fixture
def version(db: None) -> SuiteVersion:
    return suite_of({"wissen": 60})


def page_of(version: SuiteVersion) -> str:
    return f"/evaluations/suites/{version.suite.slug}/{version.number}/leaderboard/"


def test_releases_that_cannot_be_told_apart_share_their_places(
    mira: User, release: ModelRelease, version: SuiteVersion
) -> None:
    strong = another_release(release, "1.0", another_model("Starkes Modell"))
    near = another_release(release, "1.0", another_model("Ähnliches Modell"))
    accepted_run(strong, version, {"wissen": right(50, 60)}, mira)
    accepted_run(release, version, {"wissen": right(12, 60)}, mira)
    accepted_run(near, version, {"wissen": right(14, 60)}, mira)
    entries = leaderboard(version, mira).entries
    assert [(entry.run.release, entry.ranks) for entry in entries] == [
        (strong, "1"),
        (near, "2–3"),
        (release, "2–3"),
    ]


def test_a_release_without_answers_or_with_other_questions_has_no_rank(
    mira: User, release: ModelRelease, version: SuiteVersion
) -> None:
    accepted_run(release, version, {"wissen": right(12, 60)}, mira)
    accepted_run(another_release(release, "1.1"), version, {"wissen": right(13, 60)}, mira)
    silent = accepted_run(
        another_release(release, "2"), version, {"wissen": right(50, 60)}, mira, with_answers=False
    )
    other = accepted_run(
        another_release(release, "3"), version, {"wissen": right(9, 60)}, mira, prompt_hash="8" * 64
    )
    board = leaderboard(version, mira)
    assert len(board.entries) == 2
    assert {run for run, _reason in board.unranked} == {silent, other}


def test_a_suite_of_several_tasks_is_ranked_by_their_mean_and_each_task_by_itself(
    client: Client, jonas: User, mira: User, release: ModelRelease
) -> None:
    version = suite_of({"lesen": 200, "wissen": 200})
    source = np.random.default_rng(3)
    good, bad = (source.random((2, 200)) < share for share in (0.9, 0.2))
    later = another_release(release, "2")
    accepted_run(release, version, {"lesen": good[0].astype(float), "wissen": bad[0].astype(float)}, mira)
    accepted_run(later, version, {"lesen": bad[1].astype(float), "wissen": bad[1].astype(float)}, mira)
    assert [(entry.run.release, entry.ranks) for entry in leaderboard(version, mira).entries] == [
        (release, "1"),
        (later, "2"),
    ]
    client.force_login(jonas)
    whole, single = client.get(page_of(version)), client.get(page_of(version), {"task": "wissen"})
    assert [entry.ranks for entry in whole.context["board"].entries] == ["1", "2"]
    assert [entry.ranks for entry in single.context["board"].entries] == ["1–2", "1–2"]
    rows = client.get(f"/api/v1{page_of(version)}").json()["results"]
    assert [(row["version"], row["best_rank"], row["worst_rank"]) for row in rows] == [
        ("1.0.0", 1, 1),
        ("2", 2, 2),
    ]


def test_tasks_on_different_scales_have_no_common_ranking(
    client: Client, mira: User, release: ModelRelease
) -> None:
    version = suite_of({"lesen": 40, "perplexität": 40})
    values = {"lesen": right(10, 40), "perplexität": [7.0 + number for number in range(40)]}
    accepted_run(release, version, values, mira)
    client.force_login(mira)
    assert client.get(page_of(version)).context["board"].tasks == []
    assert client.get(page_of(version), {"task": "lesen"}).context["board"].entries


def test_an_empty_board_says_so_and_an_unknown_suite_is_not_found(
    client: Client, jonas: User, version: SuiteVersion
) -> None:
    client.force_login(jonas)
    assert client.get(page_of(version)).status_code == 200
    assert client.get(f"/evaluations/suites/{version.suite.slug}/7/leaderboard/").status_code == 404
    assert client.get(f"/api/v1{page_of(version)}", {"task": "unbekannt"}).status_code == 404
