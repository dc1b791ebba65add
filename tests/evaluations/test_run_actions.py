"""Asking for a run, and asking for its end."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from activity.models import Event
from evaluations.actions import EvaluationRefused
from evaluations.actions.runs import SameRunExists, cancel_run, request_run
from evaluations.models import Engine, Run, SuiteVersion
from evaluations.models.run import State
from portfolio.models import AIModel, ModelRelease
from tests.evaluations.fake_engine import FakeEngine


def test_a_requested_run_waits_and_puts_its_model_into_evaluation(run: Run, mira: User) -> None:
    assert run.state == State.QUEUED
    assert run.code.startswith("EL-")
    assert run.release.model.status == AIModel.Status.IN_EVALUATION
    assert [(change.after, change.actor) for change in run.state_changes.all()] == [(State.QUEUED, mira)]
    assert Event.objects.filter(verb="evaluations.run_requested", actor=mira, target_label=run.code).exists()


def test_the_reconciler_is_woken_when_the_request_is_committed(
    mira: User,
    release: ModelRelease,
    suite_version: SuiteVersion,
    engine: Engine,
    django_capture_on_commit_callbacks,  # type: ignore[no-untyped-def]
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        request_run(by=mira, release=release, suite_version=suite_version, engine=engine)
    assert len(callbacks) == 1


def again(run: Run, by: User, **how: bool) -> Run:
    return request_run(by=by, release=run.release, suite_version=run.suite_version, engine=run.engine, **how)


def test_an_identical_run_on_its_way_is_offered_instead_even_if_a_repetition_is_wanted(
    run: Run, mira: User
) -> None:
    for repeat in (False, True):
        with pytest.raises(SameRunExists) as caught:
            again(run, mira, repeat=repeat)
        assert caught.value.run == run
    assert Run.objects.count() == 1


def test_the_database_refuses_a_second_live_run_of_one_fingerprint(run: Run) -> None:
    with pytest.raises(IntegrityError, match="run_one_live_per_fingerprint"), transaction.atomic():
        Run.objects.create(
            code="EL-X",
            release=run.release,
            suite_version=run.suite_version,
            engine=run.engine,
            fingerprint=run.fingerprint,
            requested_by=run.requested_by,
        )


def test_a_finished_run_answers_the_same_question_unless_a_repetition_is_wanted(run: Run, mira: User) -> None:
    finish(run)
    with pytest.raises(SameRunExists, match="already answered"):
        again(run, mira)
    repeated = again(run, mira, repeat=True)
    assert (repeated.replicate, repeated.fingerprint) == (1, run.fingerprint)


def test_a_failed_run_may_simply_be_requested_again(run: Run, mira: User) -> None:
    run.move_to(State.SUBMITTING)
    run.move_to(State.FAILED, reason="endpoint_unreachable")
    assert again(run, mira).replicate == 0


def finish(run: Run) -> None:
    for state in (State.SUBMITTING, State.SUBMITTED, State.COLLECTING, State.SUCCEEDED):
        assert run.move_to(state)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"serve_command": []}, "says neither how to start"),
        ({"endpoint_url": "http://127.0.0.1:1/v1"}, "or it says both"),
        ({"served_name": ""}, "under which name"),
    ],
)
def test_a_release_that_cannot_be_asked_is_refused(
    mira: User,
    release: ModelRelease,
    suite_version: SuiteVersion,
    engine: Engine,
    fields: dict[str, object],
    sentence: str,
) -> None:
    for name, value in fields.items():
        setattr(release, name, value)
    with pytest.raises(EvaluationRefused, match=sentence):
        request_run(by=mira, release=release, suite_version=suite_version, engine=engine)
    assert not Run.objects.exists()


def test_a_closed_engine_and_an_outdated_suite_are_refused(
    mira: User, release: ModelRelease, suite_version: SuiteVersion, engine: Engine
) -> None:
    engine.is_open = False
    with pytest.raises(EvaluationRefused, match="takes no new runs"):
        request_run(by=mira, release=release, suite_version=suite_version, engine=engine)
    engine.is_open = True
    suite_version.environment = "0" * 64
    with pytest.raises(EvaluationRefused, match="earlier harness"):
        request_run(by=mira, release=release, suite_version=suite_version, engine=engine)


def test_cancelling_a_waiting_run_ends_it_at_once(run: Run, mira: User) -> None:
    cancel_run(by=mira, run=run)
    assert run.state == State.CANCELLED
    assert run.finished_at is not None


def test_cancelling_a_running_one_is_an_intent(run: Run, mira: User) -> None:
    run.move_to(State.SUBMITTING)
    cancel_run(by=mira, run=run)
    assert run.state == State.SUBMITTING
    assert run.cancel_requested_at is not None


@pytest.mark.parametrize("state", [State.COLLECTING, State.SUCCEEDED])
def test_what_is_over_or_almost_over_can_no_longer_be_cancelled(run: Run, mira: User, state: State) -> None:
    for step in (State.SUBMITTING, State.SUBMITTED, State.COLLECTING, State.SUCCEEDED):
        if run.state != state:
            run.move_to(step)
    with pytest.raises(EvaluationRefused, match="can no longer be cancelled"):
        cancel_run(by=mira, run=run)


def test_a_second_cancellation_is_refused(run: Run, mira: User) -> None:
    run.move_to(State.SUBMITTING)
    cancel_run(by=mira, run=run)
    with pytest.raises(EvaluationRefused):
        cancel_run(by=mira, run=run)


def test_an_outdated_instance_moves_nothing(run: Run) -> None:
    outdated = Run.objects.get(pk=run.pk)
    assert run.move_to(State.SUBMITTING)
    assert not outdated.move_to(State.CANCELLED)
    assert run.state_changes.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_many_requests_at_the_same_instant_one_gets_through(
    mira: User, release: ModelRelease, suite_version: SuiteVersion, engine: Engine, fake: FakeEngine
) -> None:
    def ask(_: int) -> str:
        try:
            request_run(by=mira, release=release, suite_version=suite_version, engine=engine)
        except SameRunExists as refusal:
            return str(refusal.run)
        else:
            return "through"
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(4)))
    (run,) = Run.objects.all()
    assert sorted(answers) == sorted(["through", run.code, run.code, run.code])
