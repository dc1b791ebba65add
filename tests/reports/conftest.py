from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from evaluations.models import Engine, Run, Score, Suite, SuiteVersion, Task
from evaluations.models.run import State
from hub.models import Connection, Plan, Publication, Target
from portfolio.actions import aimodels, projects, proposals, usecases
from portfolio.models import Project
from tests.funding.conftest import award  # noqa: F401
from voting.models import Round, RoundItem

# The day that the run below finished and its release was published.
RESULTS_ON = date(2026, 5, 20)


@pytest.fixture
def project(jonas, brenner, mira, paul, ias) -> Project:
    """A Schnellboot from a use case of Jonas's firm, started on 1 February 2026, with one milestone reached in March."""
    use_case = usecases.draft_usecase(
        by=jonas,
        organisation=brenner,
        title="Angebote prüfen",
        problem="PDF",
        benefit="Zeit",
        domain="mechanical",
    )
    usecases.submit_usecase(by=jonas, use_case=use_case)
    proposal = proposals.propose_model(
        by=mira, use_cases=[use_case], title="Fachsprache", summary="x", cost_gpu_hours=10, cost_cents=1
    )
    voting_round = Round.objects.create(
        slug="erste", title="Erste Runde", question="Was?", budget=100, created_by=mira
    )
    RoundItem.objects.create(
        round=voting_round, proposal=proposal, code=proposal.code, title=proposal.title, cost=10
    )
    proposals.put_on_ballot(by=mira, proposal=proposal)
    proposals.prioritise(by=mira, proposal=proposal)
    model = aimodels.commission_model(by=mira, proposal=proposal, name="Fachsprachmodell")
    start = date(2026, 2, 1)
    started = projects.start_project(
        by=mira,
        model=model,
        organisation=ias,
        lead=paul,
        title="Fachsprache",
        starts_on=start,
        results_on=start + timedelta(days=250),
        team_size=8,
    )
    milestone = projects.add_milestone(
        by=paul, project=started, title="Erste Fassung", baseline_on=date(2026, 3, 1)
    )
    projects.report_milestone(
        by=paul, milestone=milestone, reached_on=date(2026, 3, 11), evidence="Lauf", today=date(2026, 11, 1)
    )
    projects.accept_milestone(by=mira, milestone=milestone)
    return started


@pytest.fixture
def run(project, mira, tmp_path) -> Run:
    """A finished run on the first release: 0.3125 right with a standard error of 0.0411, on 128 questions."""
    weights = tmp_path / "weights.bin"
    weights.write_bytes(b"weights")
    release = aimodels.add_release(
        by=mira,
        model=project.model,
        version="1.0",
        notes="",
        files={"weights.bin": weights},
        endpoint_url="http://127.0.0.1:9",
        served_name="m",
    )
    suite = Suite.objects.create(
        slug="deutsch", title_de="Deutsch", title_en="German", summary_de="x", summary_en="x"
    )
    version = SuiteVersion.objects.create(
        suite=suite, number=1, harness="lm-eval", harness_version="0.4.13", environment="0" * 64
    )
    task = Task.objects.create(
        version=version,
        name="t",
        title_de="Fragen",
        title_en="Questions",
        questions=128,
        language="de",
        licence="CC0-1.0",
        files={"tasks/t.jsonl": "f" * 64},
    )
    engine = Engine.objects.create(slug="here", title="Here", kind=Engine.Kind.LOCAL)
    finished = datetime(2026, 5, 20, 10, tzinfo=UTC)
    made = Run.objects.create(
        code="EV-2026-0001",
        release=release,
        suite_version=version,
        engine=engine,
        fingerprint="1" * 64,
        state=State.SUCCEEDED,
        requested_by=mira,
        finished_at=finished,
    )
    Score.objects.create(
        run=made, task=task, metric="acc", value=0.3125, stderr=0.0411, questions=128, right=40
    )
    return made


@pytest.fixture
def publication(run, mira, tariq) -> Publication:
    """The release of `run`, on a Hub for everybody."""
    connection = Connection.objects.create(
        name="Hub", endpoint="https://hub.example.org", namespace="cesai", token_source="env:HUB_TOKEN"
    )
    target = Target.objects.create(model=run.release.model, connection=connection, repository="fachsprache")
    plan = Plan.objects.create(
        target=target,
        release=run.release,
        state=Plan.State.DONE,
        digest="2" * 64,
        created_by=mira,
        approved_by=tariq,
        approved_at=timezone.now(),
        expires_at=timezone.now(),
    )
    return Publication.objects.create(
        plan=plan,
        state=Publication.State.PUBLISHED,
        commit_oid="a" * 40,
        finished_at=datetime(2026, 5, 20, 12, tzinfo=UTC),
    )
