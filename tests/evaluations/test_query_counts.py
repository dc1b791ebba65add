"""What the pages of evaluations cost in statements, however many runs there are."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from evaluations.models import Run, RunProgress, Score, Task
from evaluations.models.run import State
from portfolio.models import ModelRelease
from tests.budgets import budget
from tests.evaluations.fake_engine import FakeEngine
from tests.evaluations.measuring import accepted_run, another_release, right, suite_of

LISTS = ["evaluations:run_list", "evaluations_api:run_list", "evaluations_api:score_list"]


def more_runs(run: Run, count: int) -> None:
    """Finished runs of the same release with a score each."""
    for number in range(count):
        other = Run.objects.get(pk=run.pk)
        other.pk, other.code, other.uuid = (
            None,
            f"EL-{Run.objects.count()}-{number}",
            f"{Run.objects.count():032x}",
        )
        other.state, other.finished_at = State.SUCCEEDED, run.created_at
        other.save()
        RunProgress.objects.create(run=other)
        Score.objects.create(
            run=other, task=Task.objects.get(), metric="acc", value=0.5, questions=60, right=30
        )


def statements(client: Client, address: str, name: str, **headers: str) -> int:
    client.get(address, headers=headers)
    with budget(name) as found:
        assert client.get(address, headers=headers).status_code == 200
    return len(found)


def test_lists_of_twenty_cost_as_much_as_lists_of_two(client: Client, mira: User, run: Run) -> None:
    client.force_login(mira)
    more_runs(run, 2)
    two = [statements(client, reverse(name), name) for name in LISTS]
    more_runs(run, 18)
    assert [statements(client, reverse(name), name) for name in LISTS] == two


@pytest.mark.parametrize("name", ["run_request", "release_scores"])
def test_pages_of_a_release_stay_within_their_budget(client: Client, mira: User, run: Run, name: str) -> None:
    client.force_login(mira)
    more_runs(run, 5)
    statements(client, reverse(f"evaluations:{name}", args=[run.release.pk]), f"evaluations:{name}")


def test_a_run_stays_within_its_budget_and_asking_how_far_it_is_costs_least(
    client: Client, mira: User, run: Run, fake: FakeEngine
) -> None:
    client.force_login(mira)
    page = statements(client, run.get_absolute_url(), "evaluations:run_detail")
    part = statements(client, run.get_absolute_url(), "evaluations:run_detail#status", hx_request="true")
    assert part < page


def test_comparing_many_releases_costs_as_much_as_comparing_two(
    client: Client, mira: User, release: ModelRelease
) -> None:
    client.force_login(mira)
    version = suite_of({"lesen": 30, "wissen": 30})
    releases = [release, another_release(release, "2.0.0")]
    for number, each in enumerate(releases):
        accepted_run(each, version, {"lesen": right(9 + number, 30), "wissen": right(20, 30)}, mira)
    run = Run.objects.order_by("-pk")[0]
    board = f"/evaluations/suites/{version.suite.slug}/1/leaderboard"
    pages = {
        "evaluations:suite_leaderboard": f"{board}/",
        "evaluations:suite_export": f"{board}.parquet",
        "evaluations:score_export": "/evaluations/scores.csv",
        "evaluations:run_export": f"/evaluations/{run.code}/export.eee.json",
        "evaluations:release_compare": f"/evaluations/compare/?first={release.pk}&second={releases[1].pk}",
        "evaluations:answer_list": f"/evaluations/{run.code}/answers/?task=lesen",
        "evaluations:run_detail#finished": run.get_absolute_url(),
    }
    few = {name: statements(client, address, name) for name, address in pages.items()}
    for number in range(6):
        later = another_release(release, f"3.{number}")
        accepted_run(later, version, {"lesen": right(9, 30), "wissen": right(20, 30)}, mira)
    assert {name: statements(client, address, name) for name, address in pages.items()} == few
