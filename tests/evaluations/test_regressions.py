"""A release that does worse than the one before is noticed, said, and answered."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from activity.models import Event
from evaluations.actions import EvaluationRefused
from evaluations.actions.regressions import acknowledge_regression, look_for_regressions
from evaluations.models import Regression, Run, SuiteVersion
from portfolio.models import ModelRelease, Project
from tests.evaluations.measuring import accepted_run, another_model, another_release, right, suite_of


@pytest.fixture
def version(db: None) -> SuiteVersion:
    return suite_of({"lesen": 60, "wissen": 60})


@pytest.fixture
def before(mira: User, release: ModelRelease, version: SuiteVersion) -> Run:
    return accepted_run(release, version, {"lesen": right(30, 60), "wissen": right(50, 60)}, mira)


@pytest.fixture
def worse(mira: User, before: Run, version: SuiteVersion) -> Run:
    later = another_release(before.release, "2.0.0")
    run = accepted_run(later, version, {"lesen": right(31, 60), "wissen": right(20, 60)}, mira)
    look_for_regressions(run)
    return run


def test_a_task_that_got_worse_is_written_down_once(worse: Run, before: Run) -> None:
    look_for_regressions(worse)
    (found,) = Regression.objects.all()
    assert (found.run, found.before, found.task.name, found.questions) == (worse, before, "wissen", 60)
    assert found.difference == pytest.approx(-0.5)
    assert found.low < found.difference < found.high < 0
    assert found.p < found.q <= 0.05
    (event,) = Event.objects.filter(verb="evaluations.regression_found")
    assert event.data == {"before": "1.0.0", "tasks": ["wissen"]}


def test_a_repetition_of_the_same_release_raises_no_second_alarm(
    mira: User, worse: Run, version: SuiteVersion
) -> None:
    again = accepted_run(worse.release, version, {"lesen": right(31, 60), "wissen": right(20, 60)}, mira)
    assert look_for_regressions(again) == []


def test_a_better_release_and_a_small_loss_raise_no_alarm(
    mira: User, before: Run, version: SuiteVersion
) -> None:
    later = another_release(before.release, "2.0.0")
    run = accepted_run(later, version, {"lesen": right(60, 60), "wissen": right(47, 60)}, mira)
    assert look_for_regressions(run) == []
    assert not Event.objects.filter(verb="evaluations.regression_found").exists()


def test_another_model_and_the_first_release_have_nothing_to_be_worse_than(
    mira: User, before: Run, version: SuiteVersion
) -> None:
    assert look_for_regressions(before) == []
    other = another_release(before.release, "1.0.0", another_model("Anderes"))
    run = accepted_run(other, version, {"lesen": right(1, 60), "wissen": right(1, 60)}, mira)
    assert look_for_regressions(run) == []


def test_a_release_that_was_not_measured_is_skipped(mira: User, before: Run, version: SuiteVersion) -> None:
    another_release(before.release, "1.5.0")
    later = another_release(before.release, "2.0.0")
    run = accepted_run(later, version, {"lesen": right(30, 60), "wissen": right(20, 60)}, mira)
    assert [each.before for each in look_for_regressions(run)] == [before]


def test_the_page_says_what_got_worse_and_what_could_not_be_seen(
    client: Client, mira: User, worse: Run, before: Run
) -> None:
    client.force_login(mira)
    text = client.get(worse.get_absolute_url()).content.decode()
    assert reverse("evaluations:regression_acknowledge", args=[Regression.objects.get().pk]) in text
    assert client.get(worse.get_absolute_url()).context["before_sentence"]
    assert client.get(before.get_absolute_url()).context["before"] is None


def test_a_manager_answers_it_once(client: Client, mira: User, worse: Run) -> None:
    regression = Regression.objects.get()
    client.force_login(mira)
    address = reverse("evaluations:regression_acknowledge", args=[regression.pk])
    assert client.post(address, {"note": "Gewollt: kleiner und schneller."}).status_code == 302
    regression.refresh_from_db()
    assert (regression.acknowledged_by, regression.note) == (mira, "Gewollt: kleiner und schneller.")
    client.post(address, {"note": "Doch nicht."})
    regression.refresh_from_db()
    assert regression.note == "Gewollt: kleiner und schneller."
    assert "Gewollt" in client.get(worse.get_absolute_url()).content.decode()
    with pytest.raises(EvaluationRefused):
        acknowledge_regression(by=mira, regression=regression, note="Noch einmal.")


def test_an_empty_answer_is_refused(client: Client, mira: User, worse: Run) -> None:
    regression = Regression.objects.get()
    client.force_login(mira)
    client.post(reverse("evaluations:regression_acknowledge", args=[regression.pk]), {"note": " "})
    answer = client.post(
        f"/api/v1/evaluations/regressions/{regression.pk}/acknowledge/",
        {"note": ""},
        content_type="application/json",
    )
    assert answer.status_code == 400
    regression.refresh_from_db()
    assert regression.acknowledged_at is None


def test_stakeholders_see_it_but_do_not_answer_it(client: Client, jonas: User, worse: Run) -> None:
    regression = Regression.objects.get()
    client.force_login(jonas)
    assert client.get(worse.get_absolute_url()).context["regressions"]
    address = reverse("evaluations:regression_acknowledge", args=[regression.pk])
    assert client.post(address, {"note": "Egal."}).status_code == 403
    assert client.post(f"/api/v1{address}", {"note": "Egal."}).status_code == 403


def test_the_lead_of_another_project_does_not_answer_it(client: Client, paul: User, worse: Run) -> None:
    assert not Project.objects.filter(model=worse.release.model).exists()
    client.force_login(paul)
    address = reverse("evaluations:regression_acknowledge", args=[Regression.objects.get().pk])
    assert client.post(address, {"note": "Egal."}).status_code == 403


def test_it_waits_on_the_dashboard_until_somebody_answers(client: Client, mira: User, worse: Run) -> None:
    User.objects.update(language="en")
    client.force_login(mira)
    assert "worse than before" in client.get("/dashboard/").content.decode()
    acknowledge_regression(by=mira, regression=Regression.objects.get(), note="Gewollt.")
    assert "worse than before" not in client.get("/dashboard/").content.decode()


def test_the_api_lists_it_and_takes_the_answer(client: Client, mira: User, worse: Run) -> None:
    client.force_login(mira)
    (row,) = client.get("/api/v1/evaluations/regressions/").json()["results"]
    assert (row["run"], row["task"], row["acknowledged_at"]) == (worse.code, "wissen", None)
    answer = client.post(
        f"/api/v1/evaluations/regressions/{row['id']}/acknowledge/",
        {"note": "Gewollt."},
        content_type="application/json",
    )
    assert answer.status_code == 200
    assert answer.json()["note"] == "Gewollt."


def test_the_database_takes_no_acknowledgement_without_a_word(mira: User, worse: Run) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Regression.objects.update(acknowledged_by=mira)
