"""The same rules as JSON."""

import pytest
from django.test import Client

from accounts.models import User
from evaluations.launchers.protocol import EngineState
from evaluations.models import Engine, Run, SuiteVersion
from evaluations.models.run import State
from evaluations.reconcile import tick
from portfolio.models import ModelRelease
from tests.evaluations.conftest import publish_result
from tests.evaluations.fake_engine import FakeEngine

RUNS = "/api/v1/evaluations/runs/"


@pytest.fixture
def request_body(release: ModelRelease, suite_version: SuiteVersion) -> dict[str, object]:
    return {"release": release.pk, "suite": "smoke-de", "suite_version": 1}


def post(client: Client, address: str, body: object = None):  # type: ignore[no-untyped-def]
    return client.post(address, body or {}, content_type="application/json")


def test_a_manager_requests_reads_and_cancels_a_run(
    client: Client, mira: User, request_body: dict[str, object], fake: FakeEngine
) -> None:
    client.force_login(mira)
    made = post(client, RUNS, request_body)
    assert made.status_code == 201
    code = made.json()["code"]
    assert client.get(f"{RUNS}{code}/").json()["state"] == "queued"
    assert post(client, f"{RUNS}{code}/cancel/").json()["state"] == "cancelled"
    assert [row["code"] for row in client.get(f"{RUNS}?state=cancelled").json()["results"]] == [code]


def test_the_same_run_twice_is_refused(
    client: Client, mira: User, request_body: dict[str, object], fake: FakeEngine
) -> None:
    client.force_login(mira)
    post(client, RUNS, request_body)
    again = post(client, RUNS, request_body)
    assert again.status_code in range(409, 423)
    assert "already on its way" in again.content.decode()
    assert Run.objects.count() == 1


def test_others_may_not_request(
    client: Client, jonas: User, request_body: dict[str, object], fake: FakeEngine
) -> None:
    client.force_login(jonas)
    assert post(client, RUNS, request_body).status_code == 403
    assert not Run.objects.exists()


@pytest.mark.parametrize("change", [{"suite": "unknown"}, {"release": 0}, {"engine": "unknown"}])
def test_what_does_not_exist_is_not_found(
    client: Client, mira: User, request_body: dict[str, object], fake: FakeEngine, change: dict[str, object]
) -> None:
    client.force_login(mira)
    assert post(client, RUNS, request_body | change).status_code == 404


def test_stakeholders_read_scores_of_finished_runs(
    client: Client, jonas: User, run: Run, fake: FakeEngine, engine: Engine
) -> None:
    client.force_login(jonas)
    assert client.get(f"{RUNS}{run.code}/").status_code == 404
    tick()
    publish_result(run)
    fake.say(run.key, EngineState.ENDED, reason="published")
    tick()
    run.refresh_from_db()
    assert run.state == State.SUCCEEDED
    rows = client.get("/api/v1/evaluations/scores/").json()["results"]
    assert [(row["metric"], row["value"], row["stderr"], row["right"]) for row in rows] == [
        ("acc_norm", 0.25, pytest.approx(0.0564, abs=1e-4), 15),
        ("acc", 0.4, pytest.approx(0.0638, abs=1e-4), 24),
    ]
