"""The portfolio's objects in the states that tests start from, made by the actions that people use.

They need the `cast` fixture; whoever acts is one of the named people unless a test names somebody else.
"""

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import factory
from django.utils import timezone

from accounts.models import User
from portfolio.actions.aimodels import add_release, commission_model
from portfolio.actions.projects import add_milestone, start_project
from portfolio.actions.proposals import prioritise, propose_model, put_on_ballot
from portfolio.actions.usecases import draft_usecase, submit_usecase
from portfolio.models import AIModel, Milestone, ModelProposal, ModelRelease, Project, UseCase


def person(name: str) -> User:
    return User.objects.get(email=f"{name}@demo.example.org")


def days_ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


class ActionFactory(factory.Factory):
    """Calls `make` with the declared values instead of the model."""

    class Meta:
        abstract = True

    @classmethod
    def make(cls, **content: Any) -> Any:
        raise NotImplementedError

    @classmethod
    def _create(cls, model_class: type, *args: Any, **content: Any) -> Any:
        return cls.make(**content)


class DraftFactory(ActionFactory):
    """A draft of Jonas for Brenner, or of `by` for the first organisation they belong to."""

    class Meta:
        model = UseCase

    by = factory.LazyFunction(lambda: person("jonas"))
    organisation = factory.LazyAttribute(lambda draft: draft.by.organisations[0])
    title = factory.Sequence(lambda number: f"Angebote prüfen {number}")
    problem = "Zwei Konstrukteure vergleichen 60 Angebote in der Woche mit Zeichnungen."
    benefit = "Abweichungen werden vorab markiert."
    domain = UseCase.Domain.MECHANICAL

    @classmethod
    def make(cls, **content: Any) -> UseCase:
        return draft_usecase(**content)


class UseCaseFactory(DraftFactory):
    """Handed in, so that it waits for triage."""

    @classmethod
    def make(cls, **content: Any) -> UseCase:
        use_case = super().make(**content)
        submit_usecase(by=content["by"], use_case=use_case)
        return use_case


class ProposalFactory(ActionFactory):
    """Under review, for one use case unless `use_cases` are given."""

    class Meta:
        model = ModelProposal

    by = factory.LazyFunction(lambda: person("mira"))
    use_cases = factory.LazyFunction(lambda: [UseCaseFactory()])
    title = factory.Sequence(lambda number: f"Fachsprachmodell {number}")
    summary = "Liest Angebote und Zeichnungen."
    cost_gpu_hours = 12_000
    cost_cents = 30_000_000

    @classmethod
    def make(cls, **content: Any) -> ModelProposal:
        return propose_model(**content)


class PrioritisedProposalFactory(ProposalFactory):
    """It won its round."""

    @classmethod
    def make(cls, **content: Any) -> ModelProposal:
        proposal = super().make(**content)
        put_on_ballot(by=content["by"], proposal=proposal)
        prioritise(by=content["by"], proposal=proposal)
        return proposal


class ModelFactory(ActionFactory):
    class Meta:
        model = AIModel

    by = factory.LazyFunction(lambda: person("mira"))
    proposal = factory.LazyFunction(lambda: PrioritisedProposalFactory())
    name = factory.Sequence(lambda number: f"Werkstatt {number}")

    @classmethod
    def make(cls, **content: Any) -> AIModel:
        return commission_model(**content)


class ProjectFactory(ActionFactory):
    """A running Schnellboot led by Paul: started 100 days ago, results in about half a year."""

    class Meta:
        model = Project

    by = factory.LazyFunction(lambda: person("mira"))
    model = factory.LazyFunction(lambda: ModelFactory())
    lead = factory.LazyFunction(lambda: person("paul"))
    organisation = factory.LazyAttribute(lambda project: project.lead.organisations[0])
    title = factory.Sequence(lambda number: f"Schnellboot {number}")
    starts_on = factory.LazyFunction(lambda: days_ago(100))
    results_on = factory.LazyAttribute(lambda project: project.starts_on + timedelta(days=270))
    team_size = 8

    @classmethod
    def make(cls, **content: Any) -> Project:
        return start_project(**content)


class MilestoneFactory(ActionFactory):
    """A planned milestone, promised for 60 days after the project's start."""

    class Meta:
        model = Milestone

    by = factory.LazyFunction(lambda: person("paul"))
    project = factory.LazyFunction(lambda: ProjectFactory())
    title = factory.Sequence(lambda number: f"Datensammlung {number}")
    baseline_on = factory.LazyAttribute(lambda milestone: milestone.project.starts_on + timedelta(days=60))

    @classmethod
    def make(cls, **content: Any) -> Milestone:
        return add_milestone(**content)


class ReleaseFactory(ActionFactory):
    """A release with one small file of weights, in the test run's own folder."""

    class Meta:
        model = ModelRelease

    by = factory.LazyFunction(lambda: person("mira"))
    model = factory.LazyFunction(lambda: ModelFactory())
    version = factory.Sequence(lambda number: f"1.0.{number}")
    served_name = "werkstatt"
    endpoint_url = "http://127.0.0.1:9/v1"
    content = b"weights"

    @classmethod
    def make(cls, *, content: bytes, **fields: Any) -> ModelRelease:
        with TemporaryDirectory() as folder:
            weights = Path(folder, "model.safetensors")
            weights.write_bytes(content)
            return add_release(files={"model.safetensors": weights}, **fields)
