"""The portfolio as JSON: what a role reads in the browser, and nothing else."""

import json

import pytest

from portfolio.models import UseCase
from tests.portfolio.factories import ProjectFactory, ProposalFactory, UseCaseFactory

API = "/api/v1/portfolio"


def get(client, address: str):
    response = client.get(f"{API}{address}")
    return response.status_code, json.loads(response.content)


def test_a_use_case_in_a_list_and_alone(client, jonas, use_case):
    client.force_login(jonas)
    status, page = get(client, "/use-cases/")
    assert status == 200
    assert (page["next"], page["previous"]) == (None, None)
    (row,) = page["results"]
    assert row["code"] == use_case.code
    assert row["organisation"] == "Brenner Maschinenbau GmbH"
    status, alone = get(client, f"/use-cases/{use_case.code}/")
    assert alone.items() >= row.items()
    assert alone["problem"] == use_case.problem


def test_the_same_visibility_as_in_the_browser(client, jonas, stefan, gast, draft):
    UseCaseFactory(confidentiality="confidential")
    UseCaseFactory(confidentiality="members")
    public = UseCaseFactory(confidentiality="public")
    for person, count in ((jonas, 4), (stefan, 2), (gast, 1)):
        client.force_login(person)
        assert len(get(client, "/use-cases/")[1]["results"]) == count
    assert get(client, f"/use-cases/{draft.code}/")[0] == 404
    assert get(client, f"/use-cases/{public.code}/")[0] == 200


def test_a_page_leads_to_the_next_and_back(client, jonas):
    UseCaseFactory.create_batch(60)
    client.force_login(jonas)
    _, first = get(client, "/use-cases/?status=submitted")
    _, second = get(client, f"/use-cases/{first['next']}")
    assert "status=submitted" in first["next"]
    codes = [row["code"] for page in (first, second) for row in page["results"]]
    assert len(codes) == len(set(codes)) == 60
    assert second["next"] is None
    _, again = get(client, f"/use-cases/{second['previous']}")
    assert again["results"] == first["results"]


@pytest.mark.parametrize("query", ["?page=damaged", "?page=WyJhZnRlciIsMSwxXQ", "?page=é"])
def test_a_damaged_place_is_a_bad_request(client, jonas, query):
    client.force_login(jonas)
    status, body = get(client, f"/use-cases/{query}")
    assert status == 400
    assert body["errors"][0]["detail"].startswith("This page address is damaged")


def test_a_filter_value_that_does_not_exist_is_named(client, jonas):
    client.force_login(jonas)
    status, body = get(client, "/use-cases/?status=lost")
    assert status == 400
    assert (body["type"], body["errors"][0]["attr"]) == ("validation_error", "status")


@pytest.mark.parametrize("address", ["/use-cases/", "/proposals/", "/models/", "/projects/"])
def test_visitors_are_not_let_in(client, cast, address):
    assert get(client, address)[0] in {401, 403}


def test_proposals_models_and_projects(client, mira, cast):
    project = ProjectFactory()
    ProposalFactory()
    client.force_login(mira)
    assert len(get(client, "/proposals/")[1]["results"]) == 2
    assert len(get(client, "/proposals/?status=decided")[1]["results"]) == 1
    (model,) = get(client, "/models/")[1]["results"]
    assert model["slug"] == project.model.slug
    (row,) = get(client, "/projects/?light=green")[1]["results"]
    assert (row["code"], row["progress"], row["starts_on"]) == (
        project.code,
        0,
        project.starts_on.isoformat(),
    )


class TestSubmit:
    def post(self, client, use_case):
        response = client.post(f"{API}/use-cases/{use_case.code}/submit/", content_type="application/json")
        return response.status_code, json.loads(response.content)

    def test_a_draft_is_handed_in(self, client, jonas, draft):
        client.force_login(jonas)
        status, body = self.post(client, draft)
        assert (status, body["status"]) == (200, "submitted")
        assert UseCase.objects.awaiting_triage().exists()

    def test_a_second_time_is_refused_with_the_sentence_of_the_browser(self, client, jonas, draft):
        client.force_login(jonas)
        self.post(client, draft)
        status, body = self.post(client, draft)
        assert status == 422
        assert body["errors"][0]["code"] == "refused"
        assert "is in the state “Submitted”" in body["errors"][0]["detail"]

    def test_strangers_do_not_find_it_and_readers_may_not(self, client, stefan, mira, draft, use_case):
        client.force_login(stefan)
        assert self.post(client, draft)[0] == 404
        assert self.post(client, use_case)[0] == 403
        client.force_login(mira)
        assert self.post(client, draft)[0] == 404

    def test_without_the_token_of_the_form_nothing_is_changed(self, jonas, draft):
        from django.test import Client

        client = Client(enforce_csrf_checks=True)
        client.force_login(jonas)
        assert self.post(client, draft)[0] == 403
