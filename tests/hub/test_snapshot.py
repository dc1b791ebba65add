"""What the card says is what the portal holds, to the last digit."""

from datetime import timedelta

import pytest
import yaml
from django.utils import timezone

from evaluations.actions.catalogue import sync_catalogue
from evaluations.models import Engine, Run, Score, SuiteVersion
from evaluations.models.run import State
from hub.card import render
from hub.models import Connection, Plan, Target
from hub.snapshot import snapshot
from portfolio.actions import proposals, usecases
from tests.hub.factories import make_model, make_release
from tests.world import demo_world


@pytest.fixture
def release(mira, tmp_path):
    return make_release(mira, make_model(), folder=tmp_path / "sources")


@pytest.fixture
def target(release):
    connection = Connection.objects.create(
        name="Hub",
        namespace="cesai",
        token_source="env:T",
        funding_note="Gefördert durch …",
        contact="x@example.org",
    )
    return Target.objects.create(
        model=release.model, connection=connection, repository="werkstatt", limitations="klein"
    )


@pytest.fixture
def version(db):
    sync_catalogue()
    return SuiteVersion.objects.get(suite__slug="smoke-de", number=1)


def score_task(version):
    return version.tasks.order_by("pk")[0]


def finished_run(mira, release, version, code, value, *, days_ago=0, state=State.SUCCEEDED):
    run = Run.objects.create(
        code=code,
        release=release,
        suite_version=version,
        engine=Engine.objects.get(slug="local"),
        fingerprint="f" * 64,
        state=state,
        reason="" if state == State.SUCCEEDED else "foreign_result",
        requested_by=mira,
        finished_at=timezone.now() - timedelta(days=days_ago),
    )
    if state == State.SUCCEEDED:
        task = score_task(version)
        Score.objects.create(
            run=run, task=task, metric="acc", value=value, stderr=0.0634, questions=60, right=24
        )
    return run


def test_the_newest_finished_run_of_a_suite_stands_on_the_card_with_its_provenance(
    mira, release, target, version
):
    finished_run(mira, release, version, "EV-1", 0.1, days_ago=3)
    run = finished_run(mira, release, version, "EV-2", 0.40000000000000002)
    (score,) = snapshot(release, target).scores
    assert (float(score.value), float(score.stderr), score.samples) == (0.4, 0.0634, 60)
    assert (score.run, score.run_url) == ("EV-2", f"http://testserver{run.get_absolute_url()}")
    assert score.harness == f"{version.harness} {version.harness_version}"
    assert score.metric_name == "Right answers"
    assert (score.task_name, score.task_name_de) == (
        score_task(version).title_en,
        score_task(version).title_de,
    )
    front = yaml.safe_load(render(snapshot(release, target)).decode().split("---\n")[1])
    metric = front["model-index"][0]["results"][0]["metrics"][0]
    assert metric["value"] == 0.4
    assert metric["args"]["stderr"] == 0.0634


def test_a_run_in_quarantine_is_never_published(mira, release, target, version):
    finished_run(mira, release, version, "EV-1", 0.9, state=State.QUARANTINED)
    assert snapshot(release, target).scores == ()


def test_runs_of_another_release_do_not_count(mira, release, target, version, tmp_path):
    other = make_release(mira, release.model, "2.0.0", folder=tmp_path / "other")
    finished_run(mira, other, version, "EV-1", 0.9)
    assert snapshot(release, target).scores == ()


def test_the_card_names_funding_contact_files_and_texts(release, target):
    text = render(snapshot(release, target)).decode()
    for part in (
        "Gefördert durch …",
        "x@example.org",
        "klein",
        "LICENSE.txt",
        release.manifest["model.json"]["sha256"],
    ):
        assert part in text
    assert "http://testserver/models/werkstatt/" in text


def test_the_card_tells_where_the_model_comes_from(mira, jonas, brenner, release, target):
    use_case = usecases.draft_usecase(
        by=jonas, organisation=brenner, title="Prüfen", problem="p", benefit="b", domain="mechanical"
    )
    usecases.submit_usecase(by=jonas, use_case=use_case)
    chosen = proposals.propose_model(
        by=mira, use_cases=[use_case], title="Fachmodell", summary="s", cost_gpu_hours=10, cost_cents=100
    )
    release.model.proposal = chosen
    release.model.save(update_fields=["proposal"])
    made = snapshot(release, target)
    assert (made.proposal, made.use_cases, made.organisations) == (str(chosen), 1, 1)
    assert made.voted_in == ""
    assert "Zugrunde liegende Anwendungsfälle: 1." in render(made).decode()


def test_in_the_demo_the_card_names_the_round_that_chose_the_model(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), demo_world():
        plan = Plan.objects.select_related("release__model__proposal", "target__connection").get()
        made = snapshot(plan.release, plan.target)
    assert made.voted_in == "Erste Modellrunde"
    assert made.developed_by == "Institut für Angewandte Sprache"
    assert "gewählt in der Abstimmungsrunde „Erste" in render(made).decode()
