"""Pages cost the same few statements, however many rows there are."""

import pytest
from django.urls import reverse

from tests.budgets import budget
from tests.portfolio.factories import (
    MilestoneFactory,
    ProjectFactory,
    ProposalFactory,
    ReleaseFactory,
    UseCaseFactory,
)

LISTS = [
    *(f"portfolio:{noun}_list" for noun in ("usecase", "proposal", "model", "project")),
    *(f"portfolio_api:{noun}_list" for noun in ("usecase", "proposal", "model", "project")),
    "portfolio:roadmap",
]


def visit(client, address: str) -> None:
    assert client.get(address).status_code == 200


def costs(client, names: list[str]) -> dict[str, int]:
    """Statements per page, each within its budget; visited once before, to fill what is cached for good."""
    found = {}
    for name in names:
        visit(client, reverse(name))
        with budget(name) as statements:
            visit(client, reverse(name))
        found[name] = len(statements)
    return found


@pytest.mark.parametrize("reader", ["jonas", "mira"])
def test_a_list_of_thirty_costs_as_much_as_a_list_of_three(client, request, reader):
    names = [*LISTS, "admin:portfolio_usecase_changelist"] if reader == "mira" else LISTS
    client.force_login(request.getfixturevalue(reader))
    ProjectFactory.create_batch(3)
    three = costs(client, names)
    ProjectFactory.create_batch(27)
    assert costs(client, names) == three


def test_a_use_case_page_stays_within_its_budget(client, jonas, use_case):
    ProposalFactory.create_batch(5, use_cases=[use_case])
    client.force_login(jonas)
    visit(client, use_case.get_absolute_url())
    with budget("portfolio:usecase_detail"):
        visit(client, use_case.get_absolute_url())


def test_a_proposal_page_stays_within_its_budget(client, jonas, cast):
    proposal = ProposalFactory(use_cases=UseCaseFactory.create_batch(5))
    client.force_login(jonas)
    visit(client, proposal.get_absolute_url())
    with budget("portfolio:proposal_detail"):
        visit(client, proposal.get_absolute_url())


def test_a_model_page_stays_within_its_budget(client, mira, model):
    ReleaseFactory.create_batch(5, model=model)
    ProjectFactory.create_batch(3, model=model)
    client.force_login(mira)
    visit(client, model.get_absolute_url())
    with budget("portfolio:model_detail"):
        visit(client, model.get_absolute_url())


def test_a_project_page_stays_within_its_budget(client, mira, running_project):
    MilestoneFactory.create_batch(5, project=running_project)
    client.force_login(mira)
    visit(client, running_project.get_absolute_url())
    with budget("portfolio:project_detail"):
        visit(client, running_project.get_absolute_url())
