"""What runs will take and what they took: estimates, budgets, cost and energy with how well each is known."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client

from accounts.models import User
from evaluations.accounting import Mark, total
from evaluations.actions import EvaluationRefused
from evaluations.actions.budgets import set_budget
from evaluations.actions.prices import set_price
from evaluations.actions.runs import request_run
from evaluations.costs import as_csv, attempts_for, lines
from evaluations.estimate import Basis, Estimator
from evaluations.models import Attempt, GpuClass, Run, SuiteVersion
from evaluations.models.run import State
from portfolio.models import ModelRelease, Project

TODAY = date(2026, 5, 4)


@pytest.fixture
def h100(run: Run, petra: User) -> GpuClass:
    """2.50 € an hour, 700 W."""
    made = GpuClass.objects.create(
        code="h100",
        title="NVIDIA H100",
        engine=run.engine,
        gres="gpu:h100",
        most_gpus=4,
        watts=700,
        watts_source="Datenblatt",
    )
    set_price(by=petra, gpu_class=made, cents_per_hour=250, valid_from=date(2026, 1, 1), source="Vertrag")
    return made


@pytest.fixture
def project(paul: User, run: Run, cast) -> Project:  # type: ignore[no-untyped-def]
    return Project.objects.create(
        code="SB-2026-0001",
        title="Angebote",
        model=run.release.model,
        organisation=cast.ias,
        lead=paul,
        starts_on=date(2026, 1, 1),
        results_on=date(2026, 9, 1),
        team_size=8,
    )


def used(run: Run, gpu_class: GpuClass | None, restart: int = 0, **fields: object) -> Attempt:
    """An attempt of an hour on one GPU."""
    Run.objects.filter(pk=run.pk).update(gpu_class=gpu_class, gpus=1)
    told = {
        "started_at": datetime(2026, 5, 4, 9, tzinfo=UTC),
        "seconds": 3600,
        "gpu_seconds": 3600,
        "reason": "",
    }
    return Attempt.objects.create(run=run, engine_job=str(restart), restart=restart, **(told | fields))


def test_failed_attempts_cost_like_others_and_unknown_energy_is_estimated_from_watts(
    run: Run, h100: GpuClass
) -> None:
    used(run, h100, reason="stopped")
    used(run, h100, restart=1, energy_joules=1_800_000.0)
    usage = total(Attempt.objects.all())
    assert (usage.attempts, usage.gpu_hours, usage.cents) == (2, 2.0, 500)
    assert usage.joules == 700 * 3600 + 1_800_000
    assert (usage.cost_mark, usage.energy_mark, usage.time_mark) == (
        Mark.MEASURED,
        Mark.ESTIMATED,
        Mark.MEASURED,
    )


def test_what_nobody_knows_is_unknown_and_never_nothing(run: Run) -> None:
    used(run, run.gpu_class, gpu_seconds=0)
    usage = total(Attempt.objects.all())
    assert (usage.known_cents, usage.cost_mark) == (None, Mark.UNKNOWN)
    assert (usage.kwh, usage.energy_mark) == (None, Mark.UNKNOWN)


def test_the_price_of_the_day_counts(run: Run, h100: GpuClass, petra: User) -> None:
    set_price(by=petra, gpu_class=h100, cents_per_hour=400, valid_from=date(2026, 5, 5), source="Nachtrag")
    used(run, h100)
    used(run, h100, restart=1, started_at=datetime(2026, 5, 5, 9, tzinfo=UTC))
    used(run, h100, restart=2, started_at=datetime(2025, 12, 31, 9, tzinfo=UTC))
    usage = total(Attempt.objects.all())
    assert (usage.cents, usage.unpriced, usage.cost_mark) == (650, 1, Mark.ESTIMATED)


def test_a_class_without_gpus_is_charged_by_the_machine(run: Run, petra: User) -> None:
    assert run.gpu_class is not None
    set_price(by=petra, gpu_class=run.gpu_class, cents_per_hour=10, valid_from=date(2026, 1, 1), source="V")
    used(run, run.gpu_class, gpu_seconds=0)
    usage = total(Attempt.objects.all())
    assert (usage.gpu_seconds, usage.device_seconds, usage.cents) == (0, 3600, 10)


def test_an_estimate_rests_on_what_was_measured_and_else_says_that_it_is_declared(
    run: Run, h100: GpuClass, suite_version: SuiteVersion
) -> None:
    declared = Estimator([h100], TODAY).of(suite_version, h100, 1)
    assert (declared.basis, declared.seconds) == (Basis.DECLARED, 60 + 0.5 * 60)
    used(run, h100)
    Run.objects.filter(pk=run.pk).update(state=State.SUCCEEDED, finished_at=datetime(2026, 5, 4, tzinfo=UTC))
    same = Estimator([h100], TODAY).of(suite_version, h100, 2)
    assert (same.basis, same.runs, same.seconds, same.gpu_hours) == (Basis.SAME, 1, 1800, 1.0)
    assert (same.cents, same.kwh) == (250, 0.7)
    other = SuiteVersion.objects.get(suite__slug="domain-maschinenbau")
    size = Estimator([h100], TODAY).of(other, h100, 1)
    assert (size.basis, size.seconds) == (Basis.SIZE, 3600 / 60 * 24)
    assert Estimator([h100], date(2025, 1, 1)).of(suite_version, h100, 1).cents is None
    uncounted = SuiteVersion.objects.get(suite__slug="de-core")
    assert Estimator([h100], TODAY).of(uncounted, h100, 1).basis == Basis.UNKNOWN


@pytest.fixture
def second(release: ModelRelease, mira: User) -> ModelRelease:
    return ModelRelease.objects.create(
        model=release.model, version="2.0.0", served_name="x", serve_command=["x"], created_by=mira
    )


def test_a_run_over_the_projects_budget_is_refused_with_the_figures(
    mira: User, second: ModelRelease, suite_version: SuiteVersion, run: Run, h100: GpuClass, project: Project
) -> None:
    used(run, h100)
    Run.objects.filter(pk=run.pk).update(project=project)
    set_budget(by=mira, project=project, limit_cents=253)
    with pytest.raises(EvaluationRefused) as caught:
        request_run(by=mira, release=second, suite_version=suite_version, gpu_class=h100, project=project)
    assert str(caught.value) == (
        "This run will cost about €0.06, but of the compute budget of SB-2026-0001 only €0.03 is left: "
        "€2.53, less €2.50 spent and €0.00 set aside for runs on their way."
    )
    assert Run.objects.count() == 1
    set_budget(by=mira, project=project, limit_cents=256)
    made = request_run(by=mira, release=second, suite_version=suite_version, gpu_class=h100, project=project)
    assert (made.planned_cents, made.project) == (6, project)


def test_what_is_on_its_way_is_set_aside(
    mira: User, second: ModelRelease, suite_version: SuiteVersion, run: Run, h100: GpuClass, project: Project
) -> None:
    Run.objects.filter(pk=run.pk).update(project=project, planned_cents=200)
    set_budget(by=mira, project=project, limit_cents=205)
    with pytest.raises(EvaluationRefused, match=r"€2\.00 set aside"):
        request_run(by=mira, release=second, suite_version=suite_version, gpu_class=h100, project=project)


def test_a_run_of_unknown_cost_cannot_be_charged_to_a_budget(
    mira: User, second: ModelRelease, suite_version: SuiteVersion, run: Run, project: Project
) -> None:
    set_budget(by=mira, project=project, limit_cents=10_000)
    with pytest.raises(EvaluationRefused, match="What this run costs is not known"):
        request_run(
            by=mira, release=second, suite_version=suite_version, gpu_class=run.gpu_class, project=project
        )


def test_the_page_of_costs_is_for_readers_of_money_and_leads_of_their_projects(
    client: Client, petra: User, paul: User, jonas: User, run: Run, h100: GpuClass, project: Project
) -> None:
    used(run, h100)
    for person, status in ((petra, 200), (paul, 200), (jonas, 403)):
        client.force_login(person)
        assert client.get("/evaluations/costs/").status_code == status
        assert client.get("/api/v1/evaluations/costs/").status_code == status
    assert not attempts_for(paul).exists()
    Run.objects.filter(pk=run.pk).update(project=project)
    assert attempts_for(paul).count() == 1
    (line,) = lines(attempts_for(paul))
    assert (line.project, line.usage.cents) == ("SB-2026-0001", 250)


def test_the_page_never_shows_an_unknown_cost_as_nothing(client: Client, petra: User, run: Run) -> None:
    used(run, run.gpu_class, gpu_seconds=0)
    client.force_login(petra)
    html = client.get("/evaluations/costs/").content.decode()
    assert '<p class="kpi__value">unknown</p>' in html
    assert "€0.00" not in html


def test_an_unknown_value_is_an_empty_cell(run: Run) -> None:
    used(run, run.gpu_class, gpu_seconds=0)
    heading, line = as_csv(lines(Attempt.objects.all())).splitlines()
    told = dict(zip(heading.split(","), line.split(","), strict=True))
    assert (told["month"], told["cost_cents"], told["energy_kwh"], told["energy"]) == (
        "2026-05",
        "",
        "",
        "unknown",
    )


def test_the_same_question_is_answered_without_a_second_run(
    client: Client, mira: User, run: Run, h100: GpuClass
) -> None:
    Run.objects.filter(pk=run.pk).update(state=State.SUCCEEDED, finished_at=datetime(2026, 5, 4, tzinfo=UTC))
    client.force_login(mira)
    answer = client.post(
        f"/evaluations/releases/{run.release_id}/request/",
        {"suite_version": run.suite_version_id, "gpu_class": h100.pk},
    )
    assert answer.status_code == 422
    assert run.get_absolute_url() in answer.content.decode()
    assert Run.objects.count() == 1


def test_an_estimate_alone_requests_nothing(client: Client, mira: User, run: Run, h100: GpuClass) -> None:
    client.force_login(mira)
    address = f"/evaluations/releases/{run.release_id}/request/"
    text = client.post(
        address, {"suite_version": run.suite_version_id, "gpu_class": h100.pk, "estimate": "1"}
    ).content.decode()
    assert "Estimate of this run" in text
    assert "€0.06" in text
    assert "declared, nothing measured yet" in text
    assert Run.objects.count() == 1


def test_a_suite_whose_data_nobody_has_fetched_is_refused_by_the_name_of_the_data(
    client: Client, mira: User, second: ModelRelease, run: Run
) -> None:
    client.force_login(mira)
    core = SuiteVersion.objects.get(suite__slug="de-core")
    answer = client.post(
        f"/evaluations/releases/{second.pk}/request/",
        {"suite_version": core.pk, "gpu_class": run.gpu_class_id},
    )
    assert answer.status_code == 422
    assert (
        "Missing data set: CohereForAI/include-base-44, CohereLabs/Global-MMLU-Lite"
        in answer.content.decode()
    )
    assert Run.objects.count() == 1
