"""What people see of an evaluation."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from evaluations.launchers.protocol import EngineState
from evaluations.models import Engine, Run, RunProgress, SuiteVersion
from evaluations.models.run import State
from evaluations.reconcile import tick
from portfolio.models import ModelRelease
from tests.evaluations.conftest import publish_result
from tests.evaluations.fake_engine import FakeEngine


def page(client: Client, user: User, address: str, status: int = 200, **headers: str) -> str:
    client.force_login(user)
    response = client.get(address, headers=headers)
    assert response.status_code == status
    return response.content.decode()


@pytest.fixture
def finished(run: Run, fake: FakeEngine) -> Run:
    tick()
    publish_result(run, right=24)
    fake.say(run.key, EngineState.ENDED, reason="published")
    tick()
    run.refresh_from_db()
    assert run.state == State.SUCCEEDED
    return run


@pytest.fixture
def running(run: Run, fake: FakeEngine) -> Run:
    tick()
    fake.say(run.key, EngineState.RUNNING)
    tick()
    run.refresh_from_db()
    RunProgress.objects.update(phase="evaluating", done=30, total=240, heartbeat_at=timezone.now())
    folder = fake.folder(run.key)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "log.txt").write_text("first line\n<script>alert(1)</script>\nlast line\n")
    return run


def test_a_manager_requests_a_run_in_the_browser(
    client: Client,
    mira: User,
    release: ModelRelease,
    suite_version: SuiteVersion,
    engine: Engine,
    fake: FakeEngine,
) -> None:
    address = f"/evaluations/releases/{release.pk}/request/"
    assert "Quick check German, version 1" in page(client, mira, address)
    response = client.post(
        address, {"suite_version": suite_version.pk, "gpu_class": engine.gpu_classes.get().pk}, follow=True
    )
    run = Run.objects.get()
    assert response.redirect_chain == [(run.get_absolute_url(), 302)]
    assert f"{run.code} has been requested." in response.content.decode()


def test_the_same_request_again_leads_to_the_run_that_answers_it(
    client: Client, mira: User, finished: Run
) -> None:
    address = f"/evaluations/releases/{finished.release.pk}/request/"
    client.force_login(mira)
    asked = {"suite_version": finished.suite_version.pk, "gpu_class": finished.gpu_class_id}
    response = client.post(address, asked)
    assert response.status_code == 422
    assert finished.get_absolute_url() in response.content.decode()
    assert client.post(address, asked | {"repeat": "on"}).status_code == 302
    assert Run.objects.count() == 2


def test_an_unknown_suite_is_refused_at_its_field(
    client: Client, mira: User, release: ModelRelease, engine: Engine
) -> None:
    client.force_login(mira)
    response = client.post(
        f"/evaluations/releases/{release.pk}/request/",
        {"suite_version": 999, "gpu_class": engine.gpu_classes.get().pk},
    )
    assert response.status_code == 422
    assert not Run.objects.exists()


def test_only_managers_may_request_and_cancel(client: Client, jonas: User, paul: User, running: Run) -> None:
    for person in (jonas, paul):
        page(client, person, f"/evaluations/releases/{running.release.pk}/request/", status=403)
    client.force_login(paul)
    assert client.post(f"{running.get_absolute_url()}cancel/").status_code == 403
    client.force_login(jonas)
    assert client.post(f"{running.get_absolute_url()}cancel/").status_code == 404


def test_a_running_run_shows_progress_and_log_and_renews_itself(
    client: Client, mira: User, running: Run
) -> None:
    html = page(client, mira, running.get_absolute_url())
    assert "30 of 240 answers" in html
    assert 'hx-trigger="every 2s"' in html
    assert "last line" in html
    assert "&lt;script&gt;alert(1)" in html
    fragment = page(client, mira, running.get_absolute_url(), hx_request="true")
    assert fragment.lstrip().startswith('<div id="status"')
    assert "<html" not in fragment


def test_a_final_run_no_longer_asks(client: Client, mira: User, finished: Run) -> None:
    assert "hx-trigger" not in page(client, mira, finished.get_absolute_url(), hx_request="true")


def test_a_silent_runner_is_mentioned(client: Client, mira: User, running: Run) -> None:
    RunProgress.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=3))
    assert "has not been heard of" in page(client, mira, running.get_absolute_url())


def test_an_unreachable_engine_is_said_and_nothing_is_called_lost(
    client: Client, mira: User, running: Run, fake: FakeEngine
) -> None:
    fake.down = True
    tick()
    assert "neither lost nor started again" in page(client, mira, running.get_absolute_url())
    assert "does not answer" in page(client, mira, "/evaluations/")


def test_a_dead_endpoint_is_a_clear_sentence_with_the_next_step(
    client: Client, mira: User, run: Run, fake: FakeEngine
) -> None:
    tick()
    fake.say(run.key, EngineState.ENDED, reason="endpoint_unreachable", message="Connection refused")
    tick()
    html = page(client, mira, run.get_absolute_url())
    assert "Nobody answers at the address of the model&#x27;s endpoint." in html
    assert "Connection refused" in html
    assert f"/evaluations/releases/{run.release.pk}/request/" in html


def test_a_quarantined_run_shows_its_reason_and_no_score(
    client: Client, mira: User, run: Run, fake: FakeEngine
) -> None:
    tick()
    publish_result(run, model="another-model")
    fake.say(run.key, EngineState.ENDED, reason="published")
    tick()
    html = page(client, mira, run.get_absolute_url())
    assert "it must not become a score" in html
    assert "The answers come from another model than the release." in html
    assert "Standard error" not in html


def test_scores_say_how_sure_they_are_and_what_guessing_gives(
    client: Client, jonas: User, finished: Run
) -> None:
    html = page(client, jonas, finished.get_absolute_url())
    assert "40.0%" in html
    assert "± 6.4%" in html
    assert "28.6% to 52.6%" in html
    assert "24 of 60" in html
    assert "better than guessing (25.0%)" in html
    assert "cannot be told apart from guessing (25.0%)" in html


def test_scores_of_a_release_are_a_page_and_a_part_of_the_models_page(
    client: Client, jonas: User, finished: Run
) -> None:
    address = f"/evaluations/releases/{finished.release.pk}/scores/"
    assert "<html" in page(client, jonas, address)
    fragment = page(client, jonas, address, hx_request="true")
    assert "<html" not in fragment
    assert "40.0%" in fragment
    assert address in page(client, jonas, finished.release.model.get_absolute_url())


def test_a_release_without_a_run_says_so(client: Client, jonas: User, release: ModelRelease) -> None:
    assert "Not measured yet." in page(client, jonas, f"/evaluations/releases/{release.pk}/scores/")


def test_stakeholders_see_finished_runs_without_their_logs(
    client: Client, jonas: User, finished: Run
) -> None:
    (folder_log := fake_log(finished)).write_text("internal address http://10.0.0.1")
    assert "10.0.0.1" not in page(client, jonas, finished.get_absolute_url())
    page(client, jonas, f"{finished.get_absolute_url()}log/", status=403)
    assert folder_log.exists()


def fake_log(run: Run):  # type: ignore[no-untyped-def]
    from evaluations.engines import launcher_of

    return launcher_of(run.engine).folder(run.key) / "log.txt"


def test_stakeholders_do_not_see_runs_under_way(client: Client, jonas: User, running: Run) -> None:
    page(client, jonas, running.get_absolute_url(), status=404)
    assert running.code not in page(client, jonas, "/evaluations/")


def test_the_whole_log_is_plain_text(client: Client, mira: User, running: Run) -> None:
    client.force_login(mira)
    response = client.get(f"{running.get_absolute_url()}log/")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().endswith("last line")


def test_cancelling_in_the_browser_is_an_intent_the_page_shows(
    client: Client, mira: User, running: Run
) -> None:
    client.force_login(mira)
    response = client.post(f"{running.get_absolute_url()}cancel/", follow=True)
    assert "The run is being ended" in response.content.decode()
    again = client.post(f"{running.get_absolute_url()}cancel/", follow=True)
    assert "can no longer be cancelled" in again.content.decode()


def test_the_list_can_be_filtered_by_state(client: Client, mira: User, running: Run) -> None:
    assert running.code in page(client, mira, "/evaluations/?state=running")
    assert "No run here" in page(client, mira, "/evaluations/?state=failed")


def test_a_suite_says_what_it_measures_and_under_which_licence(
    client: Client, jonas: User, suite_version: SuiteVersion
) -> None:
    html = page(client, jonas, "/evaluations/suites/smoke-de/")
    assert "CC0-1.0" in html
    assert "cesai_smoke_de" in html
    page(client, jonas, "/evaluations/suites/unknown/", status=404)


def test_the_dashboard_of_a_manager_names_what_went_wrong(
    client: Client, mira: User, run: Run, fake: FakeEngine
) -> None:
    tick()
    fake.say(run.key, EngineState.ENDED, reason="wrong_model")
    tick()
    assert f"{run.code} has failed" in page(client, mira, "/dashboard/")


def test_german_readers_read_german(client: Client, mira: User, finished: Run) -> None:
    mira.language = "de"
    mira.save()
    html = page(client, mira, finished.get_absolute_url())
    assert "Evaluierungslauf" in html
    assert "40,0\u00a0%" in html
    assert "besser als Raten" in html
