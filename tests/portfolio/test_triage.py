"""What a programme manager decides about use cases, in the administration."""

import pytest
from django.urls import reverse

from activity.models import Event
from portfolio.models import ModelProposal, UseCase
from tests.portfolio.factories import UseCaseFactory

LIST = reverse("admin:portfolio_usecase_changelist")


def step(name: str, *use_cases: UseCase) -> str:
    keys = ",".join(str(each.pk) for each in use_cases)
    return reverse("admin:portfolio_usecase_step", args=[name]) + f"?keys={keys}"


def choose(client, action: str, *use_cases: UseCase, follow: bool = False):
    data = {"action": action, "_selected_action": [each.pk for each in use_cases]}
    return client.post(LIST, data, follow=follow)


def status_of(use_case: UseCase) -> str:
    return UseCase.objects.values_list("status", flat=True).get(pk=use_case.pk)


def test_several_are_taken_into_triage_at_once(client, mira, cast):
    use_cases = UseCaseFactory.create_batch(3)
    client.force_login(mira)
    response = choose(client, "take", *use_cases, follow=True)
    assert response.status_code == 200
    assert {status_of(each) for each in use_cases} == {"in_triage"}
    assert Event.objects.filter(verb="portfolio.usecase_in_triage", actor=mira).count() == 3


def test_one_that_cannot_be_taken_stops_no_other(client, mira, jonas, use_case):
    from portfolio.actions.usecases import withdraw_usecase

    gone = UseCaseFactory(title="Zurückgezogener Fall")
    withdraw_usecase(by=jonas, use_case=gone)
    client.force_login(mira)
    response = choose(client, "take", gone, use_case, follow=True)
    assert "is in the state “Withdrawn”" in response.text
    assert (status_of(gone), status_of(use_case)) == ("withdrawn", "in_triage")


@pytest.mark.parametrize(
    ("action", "status", "verb"),
    [("ask", "query", "queried"), ("defer", "deferred", "deferred"), ("reject", "rejected", "rejected")],
)
class TestDecisionInWords:
    def test_the_choice_leads_to_a_form_that_asks_for_words(
        self, client, mira, use_case, action, status, verb
    ):
        client.force_login(mira)
        response = choose(client, action, use_case, follow=True)
        assert response.redirect_chain[0][0].startswith(
            reverse("admin:portfolio_usecase_step", args=[action])
        )
        assert use_case.title in response.text
        assert status_of(use_case) == "submitted"

    def test_the_submitter_reads_the_words(self, client, mira, jonas, use_case, action, status, verb):
        client.force_login(mira)
        client.post(step(action, use_case), {"reason": " Welche Daten <b>genau</b>? "})
        use_case = UseCase.objects.get(pk=use_case.pk)
        assert (use_case.status, use_case.reason) == (status, "Welche Daten <b>genau</b>?")
        assert Event.objects.filter(verb=f"portfolio.usecase_{verb}", actor=mira).exists()
        client.force_login(jonas)
        assert "Welche Daten &lt;b&gt;genau&lt;/b&gt;?" in client.get(use_case.get_absolute_url()).text

    @pytest.mark.parametrize("reason", ["", "   ", "x" * 2001])
    def test_no_words_or_far_too_many_decide_nothing(
        self, client, mira, use_case, action, status, verb, reason
    ):
        client.force_login(mira)
        assert client.post(step(action, use_case), {"reason": reason}).status_code == 422
        assert status_of(use_case) == "submitted"

    def test_several_share_one_reason_or_none_changes(
        self, client, mira, jonas, use_case, action, status, verb
    ):
        from portfolio.actions.usecases import withdraw_usecase

        second = UseCaseFactory()
        gone = UseCaseFactory()
        withdraw_usecase(by=jonas, use_case=gone)
        client.force_login(mira)
        assert client.post(step(action, second, use_case, gone), {"reason": "Später"}).status_code == 422
        assert {status_of(second), status_of(use_case)} == {"submitted"}
        client.post(step(action, second, use_case), {"reason": "Später"})
        assert {status_of(second), status_of(use_case)} == {status}

    @pytest.mark.parametrize("name", ["jonas", "anke", "samir", "petra", "sven", "gast"])
    def test_only_programme_managers_decide(self, client, request, use_case, action, status, verb, name):
        client.force_login(request.getfixturevalue(name))
        assert client.post(step(action, use_case), {"reason": "Nein"}, follow=True).status_code == 403
        assert status_of(use_case) == "submitted"


class TestProposal:
    CONTENT = {
        "title": "Fachsprachmodell Maschinenbau",
        "summary": "Liest Angebote.",
        "kind": "domain",
        "licence": "Apache-2.0",
        "cost_gpu_hours": "12000",
        "cost_cents": "300,000.00",
        "months": "9",
    }

    def test_use_cases_become_one_proposal_with_its_cost(self, client, mira, cast):
        use_cases = UseCaseFactory.create_batch(2)
        client.force_login(mira)
        shown = choose(client, "propose", *use_cases, follow=True)
        assert use_cases[-1].title in shown.text
        keys = [each.pk for each in use_cases]
        response = client.post(step("propose", *use_cases), {**self.CONTENT, "use_cases": keys}, follow=True)
        proposal = ModelProposal.objects.get()
        assert response.status_code == 200
        assert (proposal.cost_gpu_hours, proposal.cost_cents) == (12_000, 30_000_000)
        assert (proposal.status, proposal.created_by) == ("under_review", mira)
        assert set(proposal.use_cases.all()) == set(use_cases)
        assert {status_of(each) for each in use_cases} == {"assessed"}

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("cost_gpu_hours", "0"),
            ("cost_gpu_hours", "3000000000"),
            ("cost_gpu_hours", "many"),
            ("cost_cents", "0"),
            ("cost_cents", "-1"),
            ("title", ""),
            ("months", "-1"),
            ("use_cases", []),
            ("use_cases", ["999999"]),
        ],
    )
    def test_a_proposal_without_a_proper_cost_or_use_case_is_refused(
        self, client, mira, use_case, field, value
    ):
        client.force_login(mira)
        content = {**self.CONTENT, "use_cases": [use_case.pk], field: value}
        response = client.post(step("propose", use_case), content)
        assert response.status_code == 422
        assert not ModelProposal.objects.exists()
        assert status_of(use_case) == "submitted"

    def test_a_withdrawn_use_case_cannot_be_proposed(self, client, mira, jonas, use_case):
        from portfolio.actions.usecases import withdraw_usecase

        withdraw_usecase(by=jonas, use_case=use_case)
        client.force_login(mira)
        response = client.post(step("propose", use_case), {**self.CONTENT, "use_cases": [use_case.pk]})
        assert response.status_code == 422
        assert not ModelProposal.objects.exists()


class TestAccess:
    @pytest.mark.parametrize("name", ["jonas", "leyla", "paul", "frank", "greta", "gast"])
    def test_who_works_elsewhere_cannot_enter_the_administration(self, client, request, name, use_case):
        client.force_login(request.getfixturevalue(name))
        assert client.get(LIST, follow=True).status_code == 403
        assert choose(client, "take", use_case, follow=True).status_code == 403
        assert status_of(use_case) == "submitted"

    def test_a_visitor_signs_in_first_and_comes_back(self, client, mira, use_case):
        (_, _), (address, _) = client.get(LIST, follow=True).redirect_chain
        assert address == f"/accounts/login/?next={LIST}"
        client.force_login(mira)
        assert client.get(f"/admin/login/?next={LIST}").url == LIST

    def test_the_way_back_never_leads_out_of_the_portal(self, client, mira):
        client.force_login(mira)
        assert client.get("/admin/login/?next=https://example.org/").url == "/admin/"

    def test_an_auditor_reads_but_is_offered_no_decision(self, client, anke, use_case):
        client.force_login(anke)
        text = client.get(LIST).text
        assert use_case.code in text
        assert 'value="reject"' not in text
        choose(client, "take", use_case)
        assert status_of(use_case) == "submitted"

    def test_drafts_stay_out_of_sight(self, client, mira, draft):
        client.force_login(mira)
        assert draft.code not in client.get(LIST).text
        change = reverse("admin:portfolio_usecase_change", args=[draft.pk])
        assert client.get(change).status_code == 302
        assert client.get(step("ask", draft)).status_code == 400

    def test_fields_are_read_only(self, client, mira, use_case):
        client.force_login(mira)
        change = reverse("admin:portfolio_usecase_change", args=[use_case.pk])
        assert client.get(change).status_code == 200
        client.post(change, {"title": "Gekapert", "status": "assessed"})
        use_case = UseCase.objects.get(pk=use_case.pk)
        assert (use_case.title, use_case.status) == ("Störmeldungen auswerten", "submitted")

    @pytest.mark.parametrize("query", ["", "?keys=", "?keys=abc", "?keys=0", "?keys=99999999999999999999"])
    def test_a_step_about_nothing_is_a_bad_request(self, client, mira, query):
        client.force_login(mira)
        assert client.get(reverse("admin:portfolio_usecase_step", args=["ask"]) + query).status_code == 400

    def test_an_unknown_step_is_a_bad_request(self, client, mira, use_case):
        client.force_login(mira)
        assert client.get(step("promote", use_case)).status_code == 400
