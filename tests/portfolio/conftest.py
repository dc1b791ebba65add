import pytest

from portfolio.models import AIModel, Milestone, ModelProposal, ModelRelease, Project, UseCase
from tests.portfolio import factories


@pytest.fixture
def draft(cast) -> UseCase:
    """Of Jonas, for Brenner."""
    return factories.DraftFactory(title="Angebote prüfen")


@pytest.fixture
def use_case(cast) -> UseCase:
    """Of Jonas, for Brenner, waiting for triage."""
    return factories.UseCaseFactory(title="Störmeldungen auswerten")


@pytest.fixture
def proposal(use_case) -> ModelProposal:
    return factories.ProposalFactory(use_cases=[use_case], title="Fachsprachmodell Maschinenbau")


@pytest.fixture
def prioritised_proposal(cast) -> ModelProposal:
    return factories.PrioritisedProposalFactory(title="Fachsprachmodell Maschinenbau")


@pytest.fixture
def model(cast) -> AIModel:
    return factories.ModelFactory(name="Werkstatt")


@pytest.fixture
def running_project(cast) -> Project:
    """Led by Paul."""
    return factories.ProjectFactory(title="Schnellboot Werkstatt")


@pytest.fixture
def milestone(running_project) -> Milestone:
    """A planned one of the running project."""
    return factories.MilestoneFactory(project=running_project, title="Datensammlung geprüft")


@pytest.fixture
def release(model) -> ModelRelease:
    return factories.ReleaseFactory(model=model, version="1.0.0")
