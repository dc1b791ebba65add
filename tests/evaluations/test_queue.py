"""What waits, why, and who may hold an engine up; and what a monitoring system reads."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import User
from evaluations.metrics import note_tick, render
from evaluations.models import Run
from evaluations.models.run import State
from evaluations.queue import queues
from evaluations.reconcile import tick


def test_a_paused_engine_keeps_runs_waiting_and_says_so(client: Client, mira: User, run: Run, fake) -> None:  # type: ignore[no-untyped-def]
    client.force_login(mira)
    assert client.post("/evaluations/engines/local/pause/").status_code == 302
    tick()
    run.refresh_from_db()
    assert run.state == State.QUEUED
    (queue,) = queues(mira)
    assert (queue.health, queue.waiting[0].reason) == ("paused", "The engine is paused.")
    assert queue.waiting[0].expected_at is None
    assert "The engine is paused." in client.get("/evaluations/queue/").content.decode()
    again = client.post("/evaluations/engines/local/pause/", follow=True)
    assert "is paused already" in again.content.decode()
    client.post("/evaluations/engines/local/resume/")
    tick()
    run.refresh_from_db()
    assert run.state == State.SUBMITTED


@pytest.mark.parametrize("name", ["jonas", "paul", "petra"])
def test_others_hold_no_engine_up(
    client: Client, run: Run, name: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(name))
    assert client.post("/evaluations/engines/local/pause/").status_code == 403
    assert client.post("/api/v1/evaluations/engines/local/pause/").status_code == 403
    run.engine.refresh_from_db()
    assert run.engine.is_open


def test_a_full_engine_says_when_a_place_becomes_free(mira: User, run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(state=State.RUNNING, started_at=run.created_at, planned_seconds=600)
    second = Run.objects.get(pk=run.pk)
    second.pk, second.code, second.uuid, second.fingerprint = None, "EL-2", "2" * 32, "b" * 64
    second.state, second.planned_seconds = State.QUEUED, None
    second.save()
    (queue,) = queues(mira)
    (waiting,) = queue.waiting
    assert waiting.reason == "The engine is full: 1 of 1 runs."
    assert waiting.expected_at == run.created_at + timedelta(seconds=600)


def test_metrics_need_the_token(client: Client, settings, run: Run) -> None:  # type: ignore[no-untyped-def]
    address = "/evaluations/metrics/"
    assert client.get(address).status_code == 404
    settings.METRICS_TOKEN = "secret"
    assert client.get(address).status_code == 404
    assert client.get(address, headers={"authorization": "Bearer wrong"}).status_code == 404
    told = client.get(address, headers={"authorization": "Bearer secret"})
    assert told.status_code == 200
    assert told["Content-Type"].startswith("text/plain; version=0.0.4")


def test_metrics_tell_runs_engines_and_ticks(run: Run) -> None:
    assert "cesai_tick_seconds" not in render()
    note_tick(0.25)
    told = render().splitlines()
    for line in (
        'cesai_evaluation_runs{state="queued"} 1',
        'cesai_evaluation_runs{state="failed"} 0',
        'cesai_engine_up{engine="local"} 1',
        'cesai_engine_places{engine="local"} 1',
        'cesai_outbox_runs{engine="local"} 1',
        "cesai_tick_seconds 0.25",
    ):
        assert line in told
