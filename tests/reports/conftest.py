from datetime import date, timedelta

import pytest

from portfolio.actions import aimodels, projects, proposals, usecases
from portfolio.models import AIModel, Project
from tests.funding.conftest import award  # noqa: F401


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
    return started


@pytest.fixture
def model(project) -> AIModel:
    return project.model
