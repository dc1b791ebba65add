"""The single answers: who reads them, how they are found, and that they do no harm."""

import pytest
from django.test import Client

from accounts.models import User
from evaluations.models import Answer, Run, SuiteVersion
from portfolio.models import ModelRelease
from tests.evaluations.measuring import accepted_run, another_release, right, suite_of

HOSTILE = '<script>alert("x")</script>{{ settings.SECRET_KEY }} \u202e\0 <img src=x onerror=alert(1)>'


@pytest.fixture
def version(db: None) -> SuiteVersion:
    return suite_of({"lesen": 30, "wissen": 30})


@pytest.fixture
def measured(mira: User, release: ModelRelease, version: SuiteVersion) -> Run:
    return accepted_run(release, version, {"lesen": right(10, 30), "wissen": right(20, 30)}, mira)


def found(client: Client, run: Run, **query: str) -> list[int]:
    page = client.get(f"/evaluations/{run.code}/answers/", query)
    assert page.status_code == 200
    return [card.number for card in page.context["cards"]]


def test_answers_come_in_order_and_in_pages(client: Client, mira: User, measured: Run) -> None:
    client.force_login(mira)
    first = client.get(f"/evaluations/{measured.code}/answers/")
    assert [card.number for card in first.context["cards"]] == list(range(1, 21))
    second = client.get(f"/evaluations/{measured.code}/answers/{first.context['page'].next_url}")
    assert [card.number for card in second.context["cards"]] == list(range(21, 41))
    back = client.get(f"/evaluations/{measured.code}/answers/{second.context['page'].previous_url}")
    assert [card.number for card in back.context["cards"]] == list(range(1, 21))


def test_answers_are_found_by_task_verdict_and_words(client: Client, mira: User, measured: Run) -> None:
    client.force_login(mira)
    assert found(client, measured, task="wissen", verdict="wrong") == list(range(51, 61))
    assert found(client, measured, task="lesen", verdict="right") == list(range(1, 11))
    assert found(client, measured, q="Elbe", task="lesen", verdict="right") == []
    assert found(client, measured, q='"Frage 7"') == [8, 38]
    assert found(client, measured, q="nirgendwo") == []


def test_only_what_another_release_answered_otherwise_is_shown_with_both_answers(
    client: Client, mira: User, measured: Run, version: SuiteVersion
) -> None:
    later = another_release(measured.release, "2.0.0")
    other = accepted_run(later, version, {"lesen": right(13, 30), "wissen": right(20, 30)}, mira)
    client.force_login(mira)
    assert found(client, other, changed=measured.code) == [11, 12, 13]
    page = client.get(f"/evaluations/{other.code}/answers/", {"changed": measured.code})
    card = page.context["cards"][0]
    assert (card.response, card.other_response) == ("Rhein", "Elbe")


@pytest.mark.parametrize("query", [{"task": "unbekannt"}, {"changed": "EL-0000"}, {"verdict": "vielleicht"}])
def test_an_unknown_filter_shows_its_error_and_all_answers(
    client: Client, mira: User, measured: Run, query: dict[str, str]
) -> None:
    client.force_login(mira)
    page = client.get(f"/evaluations/{measured.code}/answers/", query)
    assert page.context["filter"].form.errors


def test_texts_from_outside_are_shown_as_text(
    client: Client, mira: User, release: ModelRelease, version: SuiteVersion
) -> None:
    run = accepted_run(
        release,
        version,
        {"lesen": [0.0] * 30},
        mira,
        arguments=[[HOSTILE, {"until": []}]],
        resps=[[HOSTILE]],
        filtered_resps=[HOSTILE],
        target=HOSTILE,
    )
    client.force_login(mira)
    text = client.get(f"/evaluations/{run.code}/answers/").content.decode()
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "&lt;script&gt;alert" in text
    assert "{{ settings.SECRET_KEY }}" in text
    assert "\0" not in text


def test_stakeholders_do_not_read_the_questions_of_a_test(client: Client, jonas: User, measured: Run) -> None:
    client.force_login(jonas)
    assert client.get(measured.get_absolute_url()).status_code == 200
    assert client.get(f"/evaluations/{measured.code}/answers/").status_code == 403
    assert client.get(f"/api/v1/evaluations/runs/{measured.code}/answers/").status_code == 403
    assert "Frage 7" not in client.get(measured.get_absolute_url()).content.decode()


def test_a_run_that_is_not_there_has_no_answers(client: Client, mira: User) -> None:
    client.force_login(mira)
    assert client.get("/evaluations/EL-0/answers/").status_code == 404
    assert client.get("/api/v1/evaluations/runs/EL-0/answers/").status_code == 404


def test_the_api_gives_the_same_answers_with_the_hashes(client: Client, mira: User, measured: Run) -> None:
    client.force_login(mira)
    address = f"/api/v1/evaluations/runs/{measured.code}/answers/"
    first = client.get(address).json()
    assert [row["number"] for row in first["results"]] == list(range(1, 51))
    rest = client.get(address + first["next"]).json()["results"]
    assert [row["number"] for row in rest] == list(range(51, 61))
    wrong = client.get(address, {"task": "wissen", "verdict": "wrong"}).json()["results"]
    assert [row["number"] for row in wrong] == list(range(51, 61))
    assert wrong[0]["doc_hash"] == f"{20:064x}"
    assert client.get(address, {"task": "unbekannt"}).status_code == 400


def test_the_answers_of_a_taken_in_result_are_all_there(run: Run, fake, mira: User, client: Client) -> None:  # type: ignore[no-untyped-def]
    from evaluations.launchers.protocol import EngineState
    from evaluations.reconcile import tick
    from tests.evaluations.conftest import publish_result

    tick()
    publish_result(run)
    fake.say(run.key, EngineState.ENDED, reason="published")
    tick()
    answers = Answer.objects.filter(run=run).order_by("number")
    assert [answer.is_right for answer in answers] == [True] * 24 + [False] * 36
    vectors = {score.metric: score.vector for score in run.scores.select_related("vector")}
    assert vectors["acc"].values.sum() == 24
    assert vectors["acc_norm"].values.sum() == 15
    assert vectors["acc"].questions_hash == vectors["acc_norm"].questions_hash
