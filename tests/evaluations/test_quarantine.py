"""What people may do about a result that the gates did not let through, and what nobody may."""

import io
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from activity.models import Event
from evaluations.actions import EvaluationRefused
from evaluations.actions.quarantine import check_again, hand_in_result, reject_result, release_result
from evaluations.engines import launcher_of
from evaluations.launchers.protocol import EngineState
from evaluations.models import Decision, Run, Score
from evaluations.models.run import State
from evaluations.reconcile import tick
from evaluations.zips import ZipRefused, unpack
from tests.evaluations.conftest import publish_result
from tests.evaluations.fake_engine import FakeEngine

ODD = {"warnings": ["Left truncating context."]}
FOREIGN = {"fingerprint": "e" * 64}


@pytest.fixture
def quarantined(run: Run, fake: FakeEngine):  # type: ignore[no-untyped-def]
    """Puts the run into quarantine with a manifest that differs like this."""

    def put(**changes: Any) -> Run:
        tick()
        publish_result(run, **changes)
        fake.say(run.key, EngineState.ENDED, reason="published")
        tick()
        run.refresh_from_db()
        assert run.state == State.QUARANTINED
        return run

    return put


def packed(place: Path) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for path in sorted(place.iterdir()):
            archive.write(path, f"result/{path.name}")
    return held.getvalue()


def place_of(run: Run) -> Path:
    return launcher_of(run.engine).folder(run.key) / "result"


def test_a_second_person_releases_what_only_looks_odd(quarantined, tariq: User) -> None:  # type: ignore[no-untyped-def]
    run = quarantined(**ODD)
    assert run.reason == "log_warning"
    release_result(by=tariq, run=run, reason="Die Fragen passen alle in das Fenster.")
    run.refresh_from_db()
    assert (run.state, run.reason) == (State.SUCCEEDED, "")
    assert run.scores.count() == 2
    decision = run.decisions.get()
    assert (decision.kind, decision.doubt, decision.by) == ("released", "log_warning", tariq)
    assert Event.objects.filter(verb="evaluations.run_released", actor=tariq).exists()


def test_nobody_releases_the_result_of_their_own_request(quarantined, mira: User) -> None:  # type: ignore[no-untyped-def]
    run = quarantined(**ODD)
    with pytest.raises(EvaluationRefused, match="somebody else"):
        release_result(by=mira, run=run, reason="Passt schon.")
    with pytest.raises(IntegrityError, match="decision_by_a_second_person"), transaction.atomic():
        Decision.objects.create(run=run, kind="released", doubt="log_warning", reason="x", by=mira)
    assert not Score.objects.exists()


def test_a_doubt_about_truth_or_origin_is_released_by_nobody(quarantined, tariq: User) -> None:  # type: ignore[no-untyped-def]
    run = quarantined(**FOREIGN)
    with pytest.raises(EvaluationRefused, match="belongs to another run"):
        release_result(by=tariq, run=run, reason="Ich bin sicher.")
    assert not Score.objects.exists()


def test_a_release_does_not_reach_past_the_other_gates(quarantined, tariq: User) -> None:  # type: ignore[no-untyped-def]
    run = quarantined(**ODD)
    (samples,) = place_of(run).glob("samples_*")
    samples.write_text(samples.read_text() + "\n")
    with pytest.raises(EvaluationRefused, match="changed after it was written"):
        release_result(by=tariq, run=run, reason="Passt schon.")
    assert not run.decisions.exists()


def test_a_decision_needs_a_reason(quarantined, tariq: User) -> None:  # type: ignore[no-untyped-def]
    run = quarantined(**ODD)
    for decide in (release_result, reject_result):
        with pytest.raises(EvaluationRefused, match="reason"):
            decide(by=tariq, run=run, reason="  ")
    assert run.state == State.QUARANTINED


def test_a_rejected_result_stays_rejected(quarantined, mira: User, tariq: User) -> None:  # type: ignore[no-untyped-def]
    run = quarantined(**ODD)
    reject_result(by=mira, run=run, reason="Falscher Endpunkt.")
    run.refresh_from_db()
    assert (run.state, run.decisions.get().reason) == (State.REJECTED, "Falscher Endpunkt.")
    with pytest.raises(EvaluationRefused, match="not in quarantine"):
        release_result(by=tariq, run=run, reason="Doch.")
    with pytest.raises(EvaluationRefused, match="not in quarantine"):
        check_again(by=mira, run=run)


def test_decisions_are_never_changed(quarantined, mira: User) -> None:  # type: ignore[no-untyped-def]
    run = quarantined(**ODD)
    reject_result(by=mira, run=run, reason="Falscher Endpunkt.")
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        Decision.objects.update(reason="anders")


def test_checking_again_finds_what_was_mended(quarantined, mira: User) -> None:  # type: ignore[no-untyped-def]
    run = quarantined(**FOREIGN)
    with pytest.raises(EvaluationRefused, match="stays in quarantine"):
        check_again(by=mira, run=run)
    shutil.rmtree(place_of(run))
    publish_result(run)
    check_again(by=mira, run=run)
    run.refresh_from_db()
    assert run.state == State.SUCCEEDED
    assert run.decisions.get().kind == "checked"


@pytest.mark.parametrize("state", [State.QUARANTINED, State.FAILED, State.RUNNING])
def test_the_database_keeps_scores_of_nothing_but_a_success(run: Run, state: str) -> None:
    final = {} if state == State.RUNNING else {"finished_at": run.created_at, "reason": "x"}
    Run.objects.filter(pk=run.pk).update(state=state, **final)
    with pytest.raises(IntegrityError, match="has not succeeded"), transaction.atomic():
        Score.objects.create(
            run=run, task=run.suite_version.tasks.get(), metric="acc", value=1.0, questions=60
        )


def test_the_database_lets_no_run_with_scores_leave_its_success(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(state=State.SUCCEEDED, finished_at=run.created_at)
    Score.objects.create(run=run, task=run.suite_version.tasks.get(), metric="acc", value=1.0, questions=60)
    with pytest.raises(IntegrityError, match="the run has scores"), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(state=State.QUARANTINED, reason="x")


def test_a_lost_run_gets_the_result_that_was_handed_in(
    run: Run, mira: User, fake: FakeEngine, tmp_path: Path
) -> None:
    publish_result(run)
    archive = tmp_path / "result.zip"
    archive.write_bytes(packed(place_of(run)))
    shutil.rmtree(place_of(run))
    Run.objects.filter(pk=run.pk).update(state=State.LOST, reason="forgotten", finished_at=run.created_at)
    run.refresh_from_db()
    hand_in_result(by=mira, run=run, archive=archive)
    run.refresh_from_db()
    assert run.state == State.SUCCEEDED
    assert run.scores.count() == 2
    assert (place_of(run) / "manifest.json").exists()


def test_the_zip_of_a_foreign_run_is_refused_on_the_page_and_stores_nothing(
    client: Client,
    quarantined,
    mira: User,  # type: ignore[no-untyped-def]
) -> None:
    run = quarantined(**FOREIGN)
    before = sorted(path.name for path in place_of(run).parent.rglob("*"))
    client.force_login(mira)
    response = client.post(
        f"/evaluations/{run.code}/hand-in/",
        {"archive": SimpleUploadedFile("result.zip", packed(place_of(run)))},
    )
    assert response.status_code == 422
    assert "The result belongs to another run." in response.content.decode()
    assert sorted(path.name for path in place_of(run).parent.rglob("*")) == before
    assert not Score.objects.exists()
    assert not run.decisions.exists()


def test_a_run_that_has_its_scores_takes_no_other_result(run: Run, mira: User, tmp_path: Path) -> None:
    with pytest.raises(EvaluationRefused, match="lost or in quarantine"):
        hand_in_result(by=mira, run=run, archive=tmp_path / "none.zip")


def bomb() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("result/manifest.json", b"0" * (3 << 20))
    return held.getvalue()


def with_names(*names: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in names:
            archive.writestr(name, "{}")
    return held.getvalue()


def with_link() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        entry = zipfile.ZipInfo("result/manifest.json")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no zip at all", "not a zip archive"),
        (b"PK\x03\x04 and then nothing", "not a zip archive"),
        (with_names(), "empty"),
        (with_names("../../etc/cron.d/x"), "leads out"),
        (with_names("/etc/passwd"), "leads out"),
        (with_names("..\\x"), "leads out"),
        (with_link(), "a link"),
        (with_names("a/x", "b/y"), "more than one folder"),
        (with_names(*(f"r/{number}" for number in range(201))), "more than 200 files"),
        (bomb(), "more than 1 MB"),
    ],
)
def test_archives_that_are_none_or_mean_harm_are_refused(tmp_path: Path, content: bytes, words: str) -> None:
    archive = tmp_path / "x.zip"
    archive.write_bytes(content)
    with pytest.raises(ZipRefused, match=words):
        unpack(archive, tmp_path / "out", limit=1 << 20)
    assert [path for path in tmp_path.rglob("*") if path.name in ("x", "passwd")] == []


def test_the_page_offers_what_may_be_decided(client: Client, quarantined, mira: User, tariq: User) -> None:  # type: ignore[no-untyped-def]
    run = quarantined(**ODD)
    client.force_login(tariq)
    html = client.get(run.get_absolute_url()).content.decode()
    assert "The harness warned" in html
    assert f"/evaluations/{run.code}/release/" in html
    response = client.post(f"/evaluations/{run.code}/release/", {"reason": "Geprüft."}, follow=True)
    assert "has been released" in response.content.decode()
    assert "Geprüft." in response.content.decode()


def test_the_page_refuses_with_the_reason(client: Client, quarantined, mira: User) -> None:  # type: ignore[no-untyped-def]
    run = quarantined(**ODD)
    client.force_login(mira)
    response = client.post(f"/evaluations/{run.code}/release/", {"reason": "Geprüft."})
    assert response.status_code == 422
    assert "somebody else" in response.content.decode()


def test_others_decide_nothing(client: Client, quarantined, paul: User, jonas: User) -> None:  # type: ignore[no-untyped-def]
    run = quarantined(**ODD)
    for person, status in ((paul, 403), (jonas, 404)):
        client.force_login(person)
        for step in ("check", "release", "reject", "hand-in"):
            assert client.post(f"/evaluations/{run.code}/{step}/", {"reason": "x"}).status_code == status
    run.refresh_from_db()
    assert run.state == State.QUARANTINED


def test_the_api_follows_the_same_rules(client: Client, quarantined, mira: User, tariq: User) -> None:  # type: ignore[no-untyped-def]
    run = quarantined(**ODD)
    address = f"/api/v1/evaluations/runs/{run.code}/release/"
    client.force_login(mira)
    refused = client.post(address, {"reason": "x"}, content_type="application/json")
    assert refused.status_code in range(409, 423)
    client.force_login(tariq)
    told = client.post(address, {"reason": "x"}, content_type="application/json").json()
    assert told == {"code": run.code, "state": "succeeded", "reason": ""}
