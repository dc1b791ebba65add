"""What a firm does with a use case in the browser."""

import pytest
from django.urls import reverse

from accounts.models import Membership
from accounts.roles import Role
from portfolio.actions.usecases import ask_submitter, draft_usecase, reject_usecase
from portfolio.models import UseCase
from tests.portfolio.factories import DraftFactory, ProposalFactory, UseCaseFactory

CONTENT = {
    "title": "Rezepturen auf Patente prüfen",
    "problem": "Wir prüfen von Hand.",
    "benefit": "Treffer mit Fundstelle.",
    "data_available": "keine",
    "domain": "chemistry",
    "goals": ["Z1", "Z4"],
    "expected_value_cents": "180,000.50",
    "confidentiality": "confidential",
    "language": "de",
}
NEW = "/use-cases/new/"


def url(name: str, use_case: UseCase) -> str:
    return reverse(f"portfolio:usecase_{name}", args=[use_case.code])


class TestCreate:
    def test_a_draft_keeps_everything_and_stays_with_the_organisation(
        self, client, jonas, leyla, mira, brenner
    ):
        client.force_login(jonas)
        response = client.post(NEW, CONTENT)
        use_case = UseCase.objects.get()
        assert response.status_code == 302
        assert response.url == url("detail", use_case)
        assert (use_case.status, use_case.organisation, use_case.submitter) == ("draft", brenner, jonas)
        assert (use_case.goals, use_case.expected_value_cents) == (["Z1", "Z4"], 18_000_050)
        client.force_login(leyla)
        assert client.get(response.url).status_code == 200
        client.force_login(mira)
        assert client.get(response.url).status_code == 404

    def test_save_and_submit_hands_it_in_at_once(self, client, jonas):
        client.force_login(jonas)
        response = client.post(NEW, {**CONTENT, "submit": "1"}, follow=True)
        use_case = UseCase.objects.get()
        assert use_case.status == UseCase.Status.SUBMITTED
        assert use_case.submitted_at is not None
        assert f"{use_case.code} has been submitted." in response.text

    def test_a_missing_answer_keeps_what_was_typed(self, client, jonas):
        client.force_login(jonas)
        response = client.post(NEW, {**CONTENT, "title": "", "problem": "Ein langer Absatz"})
        assert response.status_code == 422
        assert "Ein langer Absatz" in response.text
        assert "180,000.50" in response.text
        assert "Please check one entry" in response.text
        assert 'href="#id_title"' in response.text
        assert not UseCase.objects.exists()

    def test_german_amounts_are_understood_in_german(self, client, jonas):
        jonas.language = "de"
        jonas.save()
        client.force_login(jonas)
        client.post(NEW, {**CONTENT, "expected_value_cents": "180.000,50 €"})
        assert UseCase.objects.get().expected_value_cents == 18_000_050

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("problem", "x" * 5001, "at most 5000 characters"),
            ("title", "x" * 151, "at most 150 characters"),
            ("title", "a\0b", "Null characters are not allowed"),
            ("domain", "astrology", "Select a valid choice"),
            ("goals", ["Z9"], "Select a valid choice"),
            ("confidentiality", "secret", "Select a valid choice"),
            ("expected_value_cents", "viel", "Please enter an amount in euro"),
            ("expected_value_cents", "-5", "Please enter an amount in euro"),
            ("expected_value_cents", "9" * 25, "This amount is too large"),
        ],
    )
    def test_what_no_column_can_hold_is_refused_with_a_sentence(self, client, jonas, field, value, sentence):
        client.force_login(jonas)
        response = client.post(NEW, {**CONTENT, field: value})
        assert response.status_code == 422
        assert sentence in response.text
        assert not UseCase.objects.exists()

    def test_hostile_html_is_shown_as_text_and_never_run(self, client, jonas):
        hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
        client.force_login(jonas)
        address = client.post(NEW, {**CONTENT, "title": hostile, "problem": hostile}).url
        for page in (address, "/use-cases/", "/dashboard/", url("edit", UseCase.objects.get())):
            text = client.get(page).text
            assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
            assert "<script>alert(1)" not in text
            assert "<img src=x" not in text

    @pytest.mark.parametrize("name", ["gast", "frank", "sven", "mira"])
    def test_who_submits_nothing_may_not_open_the_form(self, client, request, name):
        client.force_login(request.getfixturevalue(name))
        assert client.get(NEW).status_code == 403
        assert client.post(NEW, CONTENT).status_code == 403
        assert not UseCase.objects.exists()

    def test_a_visitor_is_asked_to_sign_in_and_comes_back(self, client, cast):
        assert client.get(NEW).url == f"/accounts/login/?next={NEW}"

    def test_who_belongs_to_two_firms_says_for_which(self, client, jonas, kelheim, rheinchemie):
        Membership.objects.create(user=jonas, organisation=kelheim, role=Role.STAKEHOLDER)
        client.force_login(jonas)
        assert client.post(NEW, CONTENT).status_code == 422
        assert client.post(NEW, {**CONTENT, "organisation": rheinchemie.pk}).status_code == 422
        assert client.post(NEW, {**CONTENT, "organisation": kelheim.pk}).status_code == 302
        assert UseCase.objects.get().organisation == kelheim


class TestEdit:
    def test_a_draft_changes(self, client, jonas, draft):
        client.force_login(jonas)
        assert "Angebote prüfen" in client.get(url("edit", draft)).text
        assert client.post(url("edit", draft), {**CONTENT, "title": "Neuer Titel"}).status_code == 302
        draft.refresh_from_db()
        assert (draft.title, draft.status) == ("Neuer Titel", "draft")

    def test_the_amount_is_shown_as_it_is_typed(self, client, jonas):
        use_case = DraftFactory(expected_value_cents=18_000_050)
        client.force_login(jonas)
        assert 'value="180000.50"' in client.get(url("edit", use_case)).text
        jonas.language = "de"
        jonas.save()
        assert 'value="180000,50"' in client.get(url("edit", use_case)).text

    def test_a_colleague_may_edit_it_too(self, client, leyla, draft):
        client.force_login(leyla)
        assert client.post(url("edit", draft), CONTENT).status_code == 302

    def test_the_answer_to_a_question_goes_back_to_cesai(self, client, jonas, mira, use_case):
        ask_submitter(by=mira, use_case=use_case, question="Welche Sprachen?")
        client.force_login(jonas)
        assert "Welche Sprachen?" in client.get(url("edit", use_case)).text
        client.post(url("edit", use_case), {**CONTENT, "data_available": "Deutsch", "submit": "1"})
        use_case.refresh_from_db()
        assert (use_case.status, use_case.data_available) == ("submitted", "Deutsch")

    def test_what_cesai_reads_no_longer_changes(self, client, jonas, use_case):
        client.force_login(jonas)
        assert client.get(url("edit", use_case)).url == url("detail", use_case)
        response = client.post(url("edit", use_case), {**CONTENT, "title": "Neuer Titel"})
        assert response.status_code == 422
        assert "Withdraw it to change it." in response.text
        assert "Neuer Titel" in response.text
        use_case.refresh_from_db()
        assert use_case.title == "Störmeldungen auswerten"

    def test_an_edit_that_meets_a_submission_is_refused_with_a_sentence(self, client, jonas, draft):
        from portfolio.actions import PortfolioRefused
        from portfolio.actions.usecases import edit_usecase, submit_usecase

        stale = UseCase.objects.get(pk=draft.pk)
        submit_usecase(by=jonas, use_case=draft)
        with pytest.raises(PortfolioRefused, match="Somebody else has just changed"):
            edit_usecase(by=jonas, use_case=stale, title="Neuer Titel")
        draft.refresh_from_db()
        assert draft.title == "Angebote prüfen"


class TestSubmitAndWithdraw:
    def test_a_use_case_is_handed_in_once(self, client, jonas, draft):
        client.force_login(jonas)
        client.post(url("submit", draft))
        draft.refresh_from_db()
        first = draft.submitted_at
        response = client.post(url("submit", draft), follow=True)
        draft.refresh_from_db()
        assert draft.submitted_at == first
        assert "is in the state “Submitted”; this step is not possible from there." in response.text

    def test_a_withdrawn_use_case_is_out_of_triage(self, client, jonas, use_case):
        client.force_login(jonas)
        assert "has been withdrawn" in client.post(url("withdraw", use_case), follow=True).text
        assert not UseCase.objects.awaiting_triage().exists()

    def test_what_a_proposal_builds_on_cannot_be_withdrawn(self, client, jonas, proposal, use_case):
        client.force_login(jonas)
        response = client.post(url("withdraw", use_case), follow=True)
        assert "A model proposal already builds on this use case" in response.text
        use_case.refresh_from_db()
        assert use_case.status == UseCase.Status.ASSESSED

    @pytest.mark.parametrize("step", ["edit", "submit", "withdraw"])
    def test_others_cannot_touch_it(self, client, step, stefan, mira, gast, draft):
        shared = UseCaseFactory(confidentiality="public")
        for person in (stefan, gast, mira):
            client.force_login(person)
            assert client.post(url(step, draft), CONTENT).status_code == 404
            assert client.post(url(step, shared), CONTENT).status_code == 403
        draft.refresh_from_db()
        assert draft.status == UseCase.Status.DRAFT

    @pytest.mark.parametrize("step", ["submit", "withdraw"])
    def test_a_link_changes_nothing(self, client, step, jonas, draft):
        client.force_login(jonas)
        assert client.get(url(step, draft)).status_code == 405


class TestDetail:
    @pytest.mark.parametrize(
        ("confidentiality", "readers"),
        [
            ("public", {"jonas", "leyla", "stefan", "paul", "mira", "anke", "gast", "frank", "sven"}),
            ("members", {"jonas", "leyla", "stefan", "paul", "mira", "anke", "frank", "sven"}),
            ("confidential", {"jonas", "leyla", "mira", "anke"}),
        ],
    )
    def test_confidentiality_decides_who_reads_it(self, client, request, cast, confidentiality, readers):
        address = url("detail", UseCaseFactory(confidentiality=confidentiality))
        everybody = {"jonas", "leyla", "stefan", "paul", "mira", "anke", "gast", "frank", "sven"}
        for name in everybody:
            client.force_login(request.getfixturevalue(name))
            assert (client.get(address).status_code == 200) == (name in readers), name

    def test_a_rejection_is_shown_with_its_reason(self, client, jonas, mira, use_case):
        reject_usecase(by=mira, use_case=use_case, reason="Passt nicht zum Programm.")
        client.force_login(jonas)
        text = client.get(url("detail", use_case)).text
        assert "Reason for the decision" in text
        assert "Passt nicht zum Programm." in text

    def test_it_leads_to_the_proposal_that_covers_it(self, client, jonas, proposal, use_case):
        client.force_login(jonas)
        assert f'href="{proposal.get_absolute_url()}"' in client.get(url("detail", use_case)).text

    def test_the_page_is_german_for_a_german_reader(self, client, jonas, use_case):
        jonas.language = "de"
        jonas.save()
        client.force_login(jonas)
        text = client.get(url("detail", use_case)).text
        assert "Eingereicht" in text
        assert "Was daraus wurde" in text
        assert 'lang="de"' in text

    @pytest.mark.parametrize("code", ["AF-2026-9999", "af-2026-0001", "AF-2026-%00", "AF-1", "x" * 300])
    def test_a_code_that_names_nothing_is_not_found(self, client, jonas, code):
        client.force_login(jonas)
        assert client.get(f"/use-cases/{code}/").status_code == 404

    def test_the_next_code_follows_the_last(self, jonas, brenner):
        content = {"title": "x", "problem": "x", "benefit": "x", "domain": "other"}
        codes = [draft_usecase(by=jonas, organisation=brenner, **content).code for _ in range(3)]
        assert [code[-4:] for code in codes] == ["0001", "0002", "0003"]


def test_a_proposal_page_names_only_use_cases_that_the_reader_may_see(client, stefan, jonas):
    secret = UseCaseFactory(title="Geheimer Fall", confidentiality="confidential")
    shown = UseCaseFactory(title="Offener Fall")
    address = ProposalFactory(use_cases=[secret, shown]).get_absolute_url()
    client.force_login(stefan)
    text = client.get(address).text
    assert "Offener Fall" in text
    assert "Geheimer Fall" not in text
