"""From a proposal that won its round to a model with a running Schnellboot."""

from datetime import date

import pytest
from django.urls import reverse

from activity.models import Event
from portfolio.models import AIModel, Milestone, ModelProposal, Project
from tests.portfolio.factories import PrioritisedProposalFactory


@pytest.fixture
def content(ias, paul) -> dict[str, object]:
    return {
        "name": "Werkstatt Süd",
        "title": "Schnellboot Werkstatt",
        "organisation": ias.pk,
        "lead": paul.pk,
        "starts_on": "2026-09-01",
        "results_on": "2027-06-01",
        "team_size": 8,
    }


def start(client, proposal: ModelProposal, content: dict, **changes):
    return client.post(reverse("portfolio:project_start", args=[proposal.code]), {**content, **changes})


def test_a_won_proposal_becomes_a_model_and_a_running_project(
    client, mira, ias, paul, prioritised_proposal, content
):
    client.force_login(mira)
    shown = client.get(prioritised_proposal.get_absolute_url())
    assert "Start model and Schnellboot" in shown.text
    response = start(client, prioritised_proposal, content)
    project, model = Project.objects.get(), AIModel.objects.get()
    assert response.url == project.get_absolute_url()
    assert (model.slug, model.status, model.proposal) == (
        "werkstatt-sued",
        "in_development",
        prioritised_proposal,
    )
    assert (project.status, project.organisation, project.lead, project.model) == (
        "running",
        ias,
        paul,
        model,
    )
    results = Milestone.objects.get()
    assert (results.kind, results.baseline_on) == ("results", date(2027, 6, 1))
    assert ModelProposal.objects.get().status == "decided"
    assert Event.objects.filter(verb="portfolio.project_started", actor=mira).exists()


@pytest.mark.parametrize(
    ("results_on", "allowed"),
    [
        ("2027-02-28", False),
        ("2027-03-01", True),
        ("2027-09-01", True),
        ("2027-09-02", False),
    ],
)
def test_six_to_twelve_months_or_a_reason(client, mira, prioritised_proposal, content, results_on, allowed):
    client.force_login(mira)
    if not allowed:
        response = start(client, prioritised_proposal, content, results_on=results_on)
        assert response.status_code == 422
        assert "A Schnellboot takes 6 to 12 months." in response.text
        assert not AIModel.objects.exists()
        content["exception_reason"] = "Die Messkampagne läuft nur im Winter."
    assert start(client, prioritised_proposal, content, results_on=results_on).status_code == 302
    assert Project.objects.get().results_on.isoformat() == results_on


@pytest.mark.parametrize(("team_size", "allowed"), [(7, False), (8, True), (10, True), (11, False)])
def test_eight_to_ten_people_or_a_reason(client, mira, prioritised_proposal, content, team_size, allowed):
    client.force_login(mira)
    if not allowed:
        response = start(client, prioritised_proposal, content, team_size=team_size)
        assert response.status_code == 422
        assert "A Schnellboot team has 8 to 10 people." in response.text
        content["exception_reason"] = "Zwei Stellen werden im Herbst besetzt."
    assert start(client, prioritised_proposal, content, team_size=team_size).status_code == 302


def test_the_reason_is_shown_on_the_page(client, mira, jonas, prioritised_proposal, content):
    client.force_login(mira)
    address = start(
        client, prioritised_proposal, content, team_size=7, exception_reason="Zwei Stellen offen."
    ).url
    client.force_login(jonas)
    assert "Zwei Stellen offen." in client.get(address).text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"results_on": "2026-08-01", "exception_reason": "x"}, "must come after the start"),
        ({"results_on": "2026-09-01", "exception_reason": "x"}, "must come after the start"),
        ({"results_on": "soon"}, "Enter a valid date"),
        ({"team_size": "0"}, "greater than or equal to 1"),
        ({"team_size": "70000"}, "less than or equal to 999"),
        ({"name": "–!–"}, "at least one letter or digit"),
        ({"name": ""}, "This field is required"),
        ({"title": "x" * 151}, "at most 150 characters"),
        ({"exception_reason": "   ", "team_size": "3"}, "8 to 10 people"),
    ],
)
def test_what_cannot_be_is_refused_and_starts_nothing(
    client, mira, prioritised_proposal, content, changes, sentence
):
    client.force_login(mira)
    response = start(client, prioritised_proposal, content, **changes)
    assert response.status_code == 422
    assert sentence in response.text
    assert "Schnellboot" in response.text
    assert not AIModel.objects.exists()
    assert not Project.objects.exists()
    assert ModelProposal.objects.get().status == "prioritised"


def test_the_lead_comes_from_the_lead_organisation(
    client, mira, brenner, paul, prioritised_proposal, content
):
    from accounts.models import Membership
    from accounts.roles import Role

    other = Membership.objects.create(
        user=mira, organisation=brenner, role=Role.PROJECT_LEAD, starts_on=date(2026, 1, 1)
    )
    client.force_login(mira)
    response = start(client, prioritised_proposal, content, organisation=other.organisation_id)
    assert response.status_code == 422
    assert "must be a Schnellboot lead of the lead organisation" in response.text


def test_a_proposal_starts_once(client, mira, prioritised_proposal, content):
    client.force_login(mira)
    start(client, prioritised_proposal, content)
    response = start(client, prioritised_proposal, content, name="Anders")
    assert response.status_code == 422
    assert "There is already a model of this name or from this proposal." in response.text
    assert AIModel.objects.count() == Project.objects.count() == 1


def test_the_form_of_a_proposal_that_has_started_leads_back_to_it(
    client, mira, prioritised_proposal, content
):
    client.force_login(mira)
    start(client, prioritised_proposal, content)
    response = client.get(reverse("portfolio:project_start", args=[prioritised_proposal.code]), follow=True)
    assert response.redirect_chain == [(prioritised_proposal.get_absolute_url(), 302)]
    assert "only once" in response.text


def test_two_models_cannot_share_a_name(client, mira, prioritised_proposal, content):
    second = PrioritisedProposalFactory()
    client.force_login(mira)
    start(client, prioritised_proposal, content)
    assert start(client, second, content).status_code == 422
    assert start(client, second, content, name="Werkstatt Nord").status_code == 302


def test_a_proposal_that_has_not_won_starts_nothing(client, mira, proposal, content):
    client.force_login(mira)
    assert "Start model and Schnellboot" not in client.get(proposal.get_absolute_url()).text
    response = start(client, proposal, content)
    assert response.status_code == 422
    assert "is in the state “Under review”" in response.text
    assert not AIModel.objects.exists()


@pytest.mark.parametrize("name", ["jonas", "paul", "petra", "anke", "gast", "frank"])
def test_only_programme_managers_start_projects(client, request, prioritised_proposal, content, name):
    reader = request.getfixturevalue(name)
    client.force_login(reader)
    seen = ModelProposal.objects.visible_to(reader).exists()
    assert start(client, prioritised_proposal, content).status_code == (403 if seen else 404)
    assert not AIModel.objects.exists()


def test_the_form_proposes_the_months_of_the_proposal(client, mira, cast, monkeypatch):
    proposal = PrioritisedProposalFactory(months=7)
    monkeypatch.setattr("portfolio.views.projects.timezone.localdate", lambda: date(2026, 8, 31))
    client.force_login(mira)
    form = client.get(reverse("portfolio:project_start", args=[proposal.code])).context["form"]
    assert (form["starts_on"].value(), form["results_on"].value()) == (date(2026, 8, 31), date(2027, 3, 28))
