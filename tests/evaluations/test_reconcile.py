"""Rows and engines come together, whatever happens in between."""

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from activity.models import Event
from evaluations.actions.runs import cancel_run, request_run
from evaluations.launchers.protocol import EngineState
from evaluations.models import Engine, Run, SuiteVersion
from evaluations.models.run import State
from evaluations.reconcile import (
    FORGOTTEN_AFTER,
    HAND_OVER_AGAIN_AFTER,
    LOCK,
    MOST_RESTARTS,
    settle_accounts,
    tick,
)
from portfolio.models import ModelRelease
from tests.evaluations.conftest import publish_result
from tests.evaluations.fake_engine import FakeEngine
from tests.evaluations.published import content_hash, documents


def after_tick(run: Run, times: int = 1) -> Run:
    for _ in range(times):
        tick()
    run.refresh_from_db()
    return run


def claimed(run: Run, ago: timedelta) -> None:
    Run.objects.filter(pk=run.pk).update(claimed_at=timezone.now() - ago)


def test_a_waiting_run_is_handed_over_once(run: Run, fake: FakeEngine) -> None:
    after_tick(run, times=3)
    assert run.state == State.SUBMITTED
    assert fake.submitted == [(run.key, 0)]
    spec = fake.jobs[run.key].spec
    assert spec["fingerprint"] == run.fingerprint
    assert spec["endpoint"]["serve"]["command"][-1] == "{port}"
    assert str(run.release.folder) in spec["endpoint"]["serve"]["command"][4]


def test_a_published_result_becomes_scores(run: Run, fake: FakeEngine) -> None:
    after_tick(run)
    fake.say(run.key, EngineState.RUNNING)
    assert after_tick(run).state == State.RUNNING
    publish_result(run, right=24)
    fake.say(run.key, EngineState.ENDED, reason="published")
    assert after_tick(run).state == State.SUCCEEDED
    assert [(score.metric, score.value, score.right) for score in run.scores.all()] == [
        ("acc", 0.4, 24),
        ("acc_norm", 0.25, 15),
    ]
    assert run.suite_version.tasks.get().content_hash == content_hash(documents(24, 60)[1])
    assert [attempt.seconds for attempt in run.attempts.all()] == [12.5]
    assert Event.objects.filter(verb="evaluations.run_succeeded", actor=None).count() == 1


def test_a_doubtful_result_goes_into_quarantine_and_leaves_no_score(run: Run, fake: FakeEngine) -> None:
    after_tick(run)
    publish_result(run, fingerprint="e" * 64)
    fake.say(run.key, EngineState.ENDED, reason="published")
    assert after_tick(run).state == State.QUARANTINED
    assert run.reason == "foreign_result"
    assert not run.scores.exists()


def test_a_failed_job_fails_the_run_with_its_reason(run: Run, fake: FakeEngine) -> None:
    after_tick(run)
    fake.say(run.key, EngineState.ENDED, reason="endpoint_unreachable", message="connection refused")
    assert after_tick(run).state == State.FAILED
    assert (run.reason, run.detail) == ("endpoint_unreachable", "connection refused")


def test_what_an_attempt_used_is_asked_again_when_the_accounts_came_late(run: Run, fake: FakeEngine) -> None:
    after_tick(run)
    fake.accounts_are_late = True
    fake.say(run.key, EngineState.ENDED, reason="endpoint_died")
    assert after_tick(run).state == State.FAILED
    settle_accounts()
    assert [attempt.is_measured for attempt in run.attempts.all()] == [False]
    fake.accounts_are_late = False
    fake.down = True
    settle_accounts()
    fake.down = False
    settle_accounts()
    assert [attempt.is_measured for attempt in run.attempts.all()] == [True]


def test_an_attempt_that_the_accounts_did_not_know_is_asked_for_again(run: Run, fake: FakeEngine) -> None:
    after_tick(run)
    fake.say(run.key, EngineState.RUNNING)
    after_tick(run)
    started, fake.submitted = fake.submitted, []
    fake.say(run.key, EngineState.ENDED, reason="endpoint_died")
    assert after_tick(run).state == State.FAILED
    assert not run.attempts.exists()
    fake.submitted = started
    settle_accounts()
    assert [attempt.restart for attempt in run.attempts.all()] == [0]


def test_a_run_says_what_it_waits_for(client: Client, mira: User, run: Run, fake: FakeEngine) -> None:
    after_tick(run)
    fake.say(run.key, EngineState.PENDING, message="QOSGrpGRES")
    after_tick(run)
    client.force_login(mira)
    assert (
        "share of the cluster (quality of service) is in use"
        in client.get(run.get_absolute_url()).content.decode()
    )
    fake.say(run.key, EngineState.RUNNING)
    after_tick(run)
    assert "share of the cluster" not in client.get(run.get_absolute_url()).content.decode()


def test_a_claimed_run_whose_tick_was_killed_at_once_is_handed_over(run: Run, fake: FakeEngine) -> None:
    Run.objects.update(state=State.SUBMITTING, claimed_at=timezone.now() - HAND_OVER_AGAIN_AFTER)
    assert after_tick(run).state == State.SUBMITTED


def test_a_silent_engine_changes_no_run_and_is_asked_again(
    run: Run, fake: FakeEngine, engine: Engine
) -> None:
    after_tick(run)
    fake.say(run.key, EngineState.RUNNING)
    after_tick(run)
    fake.down = True
    after_tick(run, times=5)
    engine.refresh_from_db()
    assert run.state == State.RUNNING
    assert engine.unreachable_since is not None
    assert engine.trouble == "the engine is switched off"
    fake.down = False
    after_tick(run)
    engine.refresh_from_db()
    assert engine.unreachable_since is None
    assert fake.submitted == [(run.key, 0)]


def test_a_run_claimed_while_the_engine_was_silent_is_handed_over_later(run: Run, fake: FakeEngine) -> None:
    fake.down = True
    assert after_tick(run).state == State.SUBMITTING
    fake.down = False
    claimed(run, HAND_OVER_AGAIN_AFTER + timedelta(seconds=1))
    assert after_tick(run).state == State.SUBMITTED
    assert fake.submitted == [(run.key, 0)]


def test_a_tick_killed_after_handing_over_finds_its_job_again(run: Run, fake: FakeEngine) -> None:
    fake.crashes_after_submit = True
    with pytest.raises(KeyboardInterrupt):
        tick()
    fake.crashes_after_submit = False
    assert after_tick(run).state == State.SUBMITTED
    assert fake.submitted == [(run.key, 0)]


def test_an_engine_that_refuses_fails_the_run(run: Run, fake: FakeEngine) -> None:
    fake.refuses = "no such partition"
    assert after_tick(run).state == State.FAILED
    assert (run.reason, run.detail) == ("engine_refused", "no such partition")


def test_an_interrupted_run_goes_on_in_its_next_attempt(run: Run, fake: FakeEngine) -> None:
    after_tick(run)
    fake.say(run.key, EngineState.GONE)
    after_tick(run)
    assert (run.state, run.restarts) == (State.SUBMITTED, 1)
    fake.say(run.key, EngineState.ENDED, reason="stopped")
    after_tick(run)
    assert (run.state, run.restarts) == (State.SUBMITTED, 2)
    assert fake.submitted == [(run.key, 0), (run.key, 1), (run.key, 2)]


def test_an_old_attempts_end_does_not_touch_the_new_one(run: Run, fake: FakeEngine) -> None:
    after_tick(run)
    Run.objects.filter(pk=run.pk).update(restarts=1)
    fake.say(run.key, EngineState.ENDED, restart=0, reason="endpoint_died")
    assert after_tick(run).state == State.SUBMITTED


def test_a_run_that_is_interrupted_again_and_again_is_given_up(run: Run, fake: FakeEngine) -> None:
    after_tick(run)
    for _ in range(MOST_RESTARTS + 1):
        fake.say(run.key, EngineState.GONE)
        after_tick(run)
    assert (run.state, run.reason) == (State.LOST, "interrupted_too_often")
    assert len(fake.submitted) == MOST_RESTARTS + 1


def test_a_run_that_the_engine_forgot_is_lost_after_a_grace_only(run: Run, fake: FakeEngine) -> None:
    after_tick(run)
    fake.seen.clear()
    assert after_tick(run).state == State.SUBMITTED
    claimed(run, FORGOTTEN_AFTER + timedelta(seconds=1))
    assert after_tick(run).state == State.LOST


def test_a_forgotten_run_with_a_result_is_collected(run: Run, fake: FakeEngine) -> None:
    after_tick(run)
    fake.seen.clear()
    publish_result(run)
    claimed(run, FORGOTTEN_AFTER + timedelta(seconds=1))
    assert after_tick(run).state == State.SUCCEEDED


def test_a_cancelled_job_is_told_until_it_has_ended(run: Run, fake: FakeEngine, mira: User) -> None:
    after_tick(run)
    fake.say(run.key, EngineState.RUNNING)
    after_tick(run)
    cancel_run(by=mira, run=run)
    assert after_tick(run, times=2).state == State.RUNNING
    assert fake.cancelled == [run.key, run.key]
    fake.say(run.key, EngineState.ENDED, reason="stopped")
    assert after_tick(run).state == State.CANCELLED


def test_a_result_that_was_already_published_wins_over_a_late_cancellation(
    run: Run, fake: FakeEngine, mira: User
) -> None:
    after_tick(run)
    cancel_run(by=mira, run=run)
    publish_result(run)
    fake.say(run.key, EngineState.ENDED, reason="published")
    assert after_tick(run).state == State.SUCCEEDED


def test_one_question_answers_for_all_runs_and_the_engine_gets_no_more_than_it_takes(
    run: Run, fake: FakeEngine, mira: User, release: ModelRelease, suite_version: SuiteVersion, engine: Engine
) -> None:
    release.pk, release.version = None, "1.1.0"
    release.save()
    second = request_run(by=mira, release=release, suite_version=suite_version, engine=engine)
    after_tick(run, times=2)
    second.refresh_from_db()
    assert (run.state, second.state) == (State.SUBMITTED, State.QUEUED)
    Engine.objects.update(most_at_once=2)
    after_tick(run)
    before = fake.questions
    after_tick(second)
    assert second.state == State.SUBMITTED
    assert fake.questions == before + 1


def test_a_closed_engine_ends_what_it_has_and_starts_nothing(run: Run, fake: FakeEngine) -> None:
    Engine.objects.update(is_open=False)
    assert after_tick(run).state == State.QUEUED
    assert fake.submitted == []


def test_a_suite_whose_files_are_gone_fails_the_run(
    run: Run, fake: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evaluations.jobs.TASKS", tmp_path)
    assert after_tick(run).state == State.FAILED
    assert run.reason == "files_missing"


def test_a_second_tick_at_the_same_time_does_nothing(run: Run, fake: FakeEngine) -> None:
    parameters = connection.get_connection_params()
    other = {
        name: parameters[name]
        for name in ("dbname", "user", "password", "host", "port")
        if parameters.get(name)
    }
    with psycopg.connect(**other) as elsewhere:
        elsewhere.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        assert after_tick(run).state == State.QUEUED
        elsewhere.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    assert after_tick(run).state == State.SUBMITTED


def test_a_tick_without_work_asks_nobody(fake: FakeEngine, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_num_queries(3):
        tick()
    assert fake.questions == 0
