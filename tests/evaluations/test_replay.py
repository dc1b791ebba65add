"""Taking a result in once more: scores that are there are compared and never touched."""

import json
import shutil

import pytest
from django.test import Client

from accounts.models import User
from activity.models import Event
from evaluations.actions import EvaluationRefused
from evaluations.actions.replay import replay_ingest
from evaluations.engines import launcher_of
from evaluations.launchers.protocol import EngineState
from evaluations.models import AnswerVector, Run, Score
from evaluations.models.run import State
from evaluations.reconcile import tick
from tests.evaluations.conftest import publish_result
from tests.evaluations.fake_engine import FakeEngine


@pytest.fixture
def finished(run: Run, fake: FakeEngine) -> Run:
    tick()
    publish_result(run, right=24)
    fake.say(run.key, EngineState.ENDED, reason="published")
    tick()
    run.refresh_from_db()
    assert run.state == State.SUCCEEDED
    return run


def kept(run: Run) -> list[tuple[object, ...]]:
    return list(run.scores.order_by("pk").values_list("pk", "value", "stderr", "right"))


def test_the_same_files_give_the_same_scores_and_leave_them_alone(
    client: Client, mira: User, finished: Run
) -> None:
    before = kept(finished)
    client.force_login(mira)
    answer = client.post(f"/evaluations/{finished.code}/replay/", follow=True)
    assert "gives the same scores and answers" in answer.content.decode()
    assert kept(finished) == before
    assert Event.objects.filter(verb="evaluations.result_replayed", actor=mira).exists()


def test_a_stored_score_that_does_not_follow_from_the_files_is_named(finished: Run, mira: User) -> None:
    Score.objects.filter(run=finished, metric="acc_norm").update(value=0.9)
    before = kept(finished)
    with pytest.raises(EvaluationRefused, match=r"cesai_smoke_de \(acc_norm\)\. What is stored"):
        replay_ingest(by=mira, run=finished)
    assert kept(finished) == before


def test_a_stored_answer_that_is_another_one_is_found(finished: Run, mira: User) -> None:
    vector = AnswerVector.objects.get(score__run=finished, score__metric="acc")
    values = 1 - vector.values
    AnswerVector.objects.filter(pk=vector.pk).update(
        packed=AnswerVector.of(vector.score, values, vector.questions_hash).packed
    )
    with pytest.raises(EvaluationRefused, match=r"cesai_smoke_de \(acc\)"):
        replay_ingest(by=mira, run=finished)


def test_files_that_were_changed_afterwards_no_longer_pass(finished: Run, mira: User) -> None:
    place = launcher_of(finished.engine).folder(finished.key) / "result"
    (samples,) = place.glob("samples_*")
    samples.write_text(samples.read_text() + "\n")
    with pytest.raises(EvaluationRefused, match="changed after it was written"):
        replay_ingest(by=mira, run=finished)
    shutil.rmtree(place)
    with pytest.raises(EvaluationRefused, match="is missing"):
        replay_ingest(by=mira, run=finished)
    finished.refresh_from_db()
    assert (finished.state, finished.scores.count()) == (State.SUCCEEDED, 2)


def test_a_lost_run_whose_result_has_turned_up_gets_its_scores(
    run: Run, mira: User, fake: FakeEngine
) -> None:
    Run.objects.filter(pk=run.pk).update(state=State.LOST, reason="forgotten", finished_at=run.created_at)
    run.refresh_from_db()
    with pytest.raises(EvaluationRefused, match="is missing"):
        replay_ingest(by=mira, run=run)
    publish_result(run)
    replay_ingest(by=mira, run=run)
    run.refresh_from_db()
    assert (run.state, run.reason, run.scores.count()) == (State.SUCCEEDED, "", 2)
    assert (run.decisions.get().kind, run.decisions.get().doubt) == ("checked", "forgotten")


def test_a_run_without_a_result_has_nothing_to_read(run: Run, mira: User) -> None:
    with pytest.raises(EvaluationRefused, match="no result that could be read again"):
        replay_ingest(by=mira, run=run)


def test_an_administrator_reads_many_again_in_the_admin(client: Client, mira: User, finished: Run) -> None:
    client.force_login(mira)
    answer = client.post(
        "/admin/evaluations/run/",
        {"action": "replay_ingest", "_selected_action": [finished.pk]},
        follow=True,
    )
    assert answer.status_code == 200
    assert Event.objects.filter(verb="evaluations.result_replayed").count() == 1


def test_others_may_not_and_the_api_holds_to_the_same_rules(
    client: Client, mira: User, jonas: User, finished: Run
) -> None:
    address = f"/api/v1/evaluations/runs/{finished.code}/replay/"
    client.force_login(jonas)
    assert client.post(f"/evaluations/{finished.code}/replay/").status_code == 403
    assert client.post(address).status_code == 403
    client.force_login(mira)
    assert client.post(address).json() == {"code": finished.code, "state": "succeeded", "reason": ""}
    Score.objects.filter(run=finished, metric="acc").update(value=0.9)
    refused = client.post(address)
    assert refused.status_code in range(409, 423)
    assert "cesai_smoke_de (acc)" in json.dumps(refused.json())
