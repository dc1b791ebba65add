"""How long each stage of a run took, as its page and the API tell it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from evaluations.launchers.protocol import EngineState
from evaluations.models import Run, StateChange
from evaluations.models.run import State
from evaluations.reconcile import tick
from evaluations.stages import Stage, elapsed, stages_of
from tests.evaluations.conftest import publish_result
from tests.evaluations.fake_engine import FakeEngine

BEGAN = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def changes(*steps: tuple[float, State]) -> list[StateChange]:
    return [StateChange(at=at(seconds), after=state) for seconds, state in steps]


def told(stages: list[Stage]) -> list[tuple[str, float, bool]]:
    return [(stage.name, stage.seconds, stage.is_current) for stage in stages]


def test_what_a_stage_took_is_summed_up_over_all_attempts() -> None:
    seen = changes(
        (0, State.QUEUED),
        (10, State.SUBMITTING),
        (12, State.SUBMITTED),
        (40, State.RUNNING),
        (100, State.SUBMITTED),
        (220, State.RUNNING),
        (250, State.COLLECTING),
        (251, State.SUCCEEDED),
    )
    assert told(stages_of(Run(state=State.SUCCEEDED), seen, None, at(9999))) == [
        ("queued", 10, False),
        ("submitted", 150, False),
        ("running", 90, False),
        ("collecting", 1, False),
    ]


def test_a_stage_that_is_not_over_counts_until_now() -> None:
    seen = changes((0, State.QUEUED), (10, State.SUBMITTING), (20, State.RUNNING))
    assert told(stages_of(Run(state=State.RUNNING), seen, None, at(65)))[-1] == ("running", 45, True)


def test_quarantine_is_no_stage_of_the_machine() -> None:
    seen = changes((0, State.QUEUED), (5, State.COLLECTING), (6, State.QUARANTINED))
    stages = stages_of(Run(state=State.QUARANTINED), seen, None, at(9999))
    assert told(stages) == [("queued", 5, False), ("collecting", 1, False)]


def phases(restart: int = 0) -> dict[str, Any]:
    began = BEGAN.timestamp()
    return {
        "restart": restart,
        "at": began + 80,
        "phases": [["starting", began + 20], ["endpoint", began + 21], ["evaluating", began + 30]],
    }


def test_the_running_stage_has_the_parts_that_the_runner_noted() -> None:
    seen = changes((0, State.QUEUED), (10, State.SUBMITTING), (20, State.RUNNING))
    run = Run(state=State.RUNNING)
    parts = stages_of(run, seen, phases(), at(90))[-1].parts
    assert told(list(parts)) == [("starting", 1, False), ("endpoint", 9, False), ("evaluating", 60, True)]
    ended = stages_of(Run(state=State.FAILED), [*seen, *changes((85, State.FAILED))], phases(), at(9999))
    assert told(list(ended[-1].parts))[-1] == ("evaluating", 50, False)


@pytest.mark.parametrize(
    "progress",
    [
        phases(restart=1),
        {"restart": 0},
        {"restart": 0, "phases": "many"},
        {"restart": 0, "phases": [["evaluating"], 7, ["evaluating", "soon"]]},
    ],
    ids=["another attempt", "an earlier runner", "no list", "no moments"],
)
def test_what_a_runner_did_not_tell_is_left_out(progress: dict[str, Any]) -> None:
    seen = changes((0, State.QUEUED), (20, State.RUNNING))
    (_waiting, running) = stages_of(Run(state=State.RUNNING), seen, progress, at(90))
    assert running.parts == ()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59.4, "59 s"), (64, "1 min 04 s"), (3599, "59 min 59 s"), (7505, "2 h 05 min")],
)
def test_times_are_written_for_people(seconds: float, text: str) -> None:
    assert elapsed(seconds) == text


def test_the_page_and_the_api_show_the_stages(
    client: Client, mira: User, jonas: User, run: Run, fake: FakeEngine
) -> None:
    tick()
    fake.say(run.key, EngineState.RUNNING)
    tick()
    folder = fake.folder(run.key)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "progress.json").write_text(json.dumps(phases()))
    client.force_login(mira)
    html = client.get(run.get_absolute_url(), headers={"hx-request": "true"}).content.decode()
    assert "How long it took" in html
    assert "Waiting at the engine" in html
    assert "Asking the questions" in html
    address = f"/api/v1/evaluations/runs/{run.code}/stages/"
    waiting, handed_over, running = client.get(address).json()
    assert (waiting["name"], waiting["is_current"], handed_over["name"]) == ("queued", False, "submitted")
    assert (running["is_current"], [part["name"] for part in running["parts"]]) == (
        True,
        ["starting", "endpoint", "evaluating"],
    )
    client.force_login(jonas)
    assert client.get(address).status_code == 404
    publish_result(run)
    fake.say(run.key, EngineState.ENDED, reason="published")
    tick()
    assert [stage["is_current"] for stage in client.get(address).json()] == [False] * 4
