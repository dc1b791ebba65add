"""An award that pays for evaluations: its limit is kept, and what they cost stands beside the books."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.demo import Cast
from accounts.models import User
from evaluations.actions import EvaluationRefused
from evaluations.actions.catalogue import sync_catalogue
from evaluations.actions.prices import set_price
from evaluations.actions.runs import request_run
from evaluations.models import Attempt, GpuClass, SuiteVersion
from funding.models import Award, ComputeAllotment, Entry
from portfolio.models import AIModel, ModelRelease, Project


@pytest.fixture
def release(mira: User) -> ModelRelease:
    model = AIModel.objects.create(code="MO-2026-0900", slug="basislinie", name="Basislinie Deutsch")
    return ModelRelease.objects.create(model=model, version="0", created_by=mira)


@pytest.fixture
def allotment(award: Award, release: ModelRelease, paul: User, petra: User, cast: Cast) -> ComputeAllotment:
    sync_catalogue()
    project = Project.objects.create(
        code="SB-2026-0001",
        title="Angebote",
        model=release.model,
        organisation=cast.ias,
        lead=paul,
        starts_on=date(2026, 1, 1),
        results_on=date(2026, 9, 1),
        team_size=8,
    )
    today = timezone.localdate()
    set_price(
        by=petra,
        gpu_class=GpuClass.objects.get(code="local"),
        cents_per_hour=3600,
        valid_from=date(2020, 1, 1),
        source="Vertrag",
    )
    return ComputeAllotment.objects.create(
        project=project,
        line=award.budget_lines.get(position="0835"),
        limit_cents=100,
        starts_on=today - timedelta(days=30),
        ends_on=today + timedelta(days=30),
    )


def requested(by: User, project: Project, version: str):  # type: ignore[no-untyped-def]
    release = ModelRelease.objects.create(
        model=project.model, version=version, served_name="x", serve_command=["x"], created_by=by
    )
    return request_run(
        by=by,
        release=release,
        suite_version=SuiteVersion.objects.get(suite__slug="smoke-de"),
        gpu_class=GpuClass.objects.get(code="local"),
        project=project,
    )


def test_a_run_over_the_allotment_of_the_award_is_refused(mira: User, allotment: ComputeAllotment) -> None:
    # Estimated 60 s and half a second for each of 60 questions, at one cent a second.
    assert requested(mira, allotment.project, "1").planned_cents == 90
    with pytest.raises(EvaluationRefused, match=r"the compute allotment of .* only €0\.10 is left") as caught:
        requested(mira, allotment.project, "2")
    assert caught.value.field == "project"


def test_what_runs_cost_stands_beside_the_books_and_books_nothing(
    client: Client, mira: User, petra: User, jonas: User, allotment: ComputeAllotment
) -> None:
    run = requested(mira, allotment.project, "1")
    Attempt.objects.create(run=run, engine_job="1", restart=0, started_at=datetime.now(UTC), seconds=42)
    address = f"/funding/awards/{allotment.line.award.code}/compute/"
    client.force_login(petra)
    assert "€0.42" in client.get(address).content.decode()
    assert not Entry.objects.exists()
    client.force_login(jonas)
    assert client.get(address).status_code == 404


def test_one_allotment_at_a_time(allotment: ComputeAllotment) -> None:
    with pytest.raises(IntegrityError, match="computeallotment_one_at_a_time"), transaction.atomic():
        ComputeAllotment.objects.create(
            project=allotment.project,
            line=allotment.line,
            limit_cents=1,
            starts_on=allotment.ends_on,
            ends_on=allotment.ends_on,
        )
