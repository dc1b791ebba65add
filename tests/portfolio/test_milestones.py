"""Promises of a Schnellboot: made, moved, reported, accepted or sent back."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from activity.models import Event
from portfolio.actions import PortfolioRefused
from portfolio.actions.projects import accept_milestone, report_milestone
from portfolio.models import Milestone
from portfolio.progress import milestone_items, progress_of
from tests.portfolio.factories import MilestoneFactory, days_ago


def url(name: str, milestone: Milestone) -> str:
    return reverse(f"portfolio:milestone_{name}", args=[milestone.pk])


def report(client, milestone: Milestone, **changes):
    content = {"reached_on": days_ago(3).isoformat(), "evidence": "Protokoll, Fassung 1.2", **changes}
    return client.post(url("report", milestone), content)


def decide(client, milestone: Milestone, verdict: str, follow: bool = False):
    return client.post(url("decide", milestone), {"verdict": verdict}, follow=follow)


def fresh(milestone: Milestone) -> Milestone:
    return Milestone.objects.get(pk=milestone.pk)


class TestPromise:
    def test_the_lead_adds_a_milestone(self, client, paul, running_project):
        client.force_login(paul)
        promised = running_project.starts_on + timedelta(days=30)
        response = client.post(
            reverse("portfolio:milestone_create", args=[running_project.code]),
            {"title": "Erste Messung", "baseline_on": promised.isoformat(), "criteria": "Messlauf im Portal"},
        )
        assert response.url == running_project.get_absolute_url()
        added = Milestone.objects.get(kind="step")
        assert (added.baseline_on, added.forecast_on, added.status) == (promised, promised, "planned")

    @pytest.mark.parametrize("days", [-1, 271])
    def test_it_lies_between_start_and_results(self, client, paul, running_project, days):
        client.force_login(paul)
        promised = running_project.starts_on + timedelta(days=days)
        response = client.post(
            reverse("portfolio:milestone_create", args=[running_project.code]),
            {"title": "Zu früh", "baseline_on": promised.isoformat()},
        )
        assert response.status_code == 422
        assert "lies between the start and the results presentation" in response.text
        assert "Zu früh" in response.text
        assert not Milestone.objects.filter(kind="step").exists()

    def test_a_moved_date_leaves_the_promise(self, client, paul, milestone):
        client.force_login(paul)
        later = milestone.baseline_on + timedelta(days=14)
        client.post(url("forecast", milestone), {"forecast_on": later.isoformat()})
        moved = fresh(milestone)
        assert (moved.baseline_on, moved.forecast_on, moved.days_late) == (milestone.baseline_on, later, 14)
        assert Event.objects.get(verb="portfolio.milestone_moved").data["to"] == later.isoformat()
        assert "14 days later than promised" in client.get(milestone.project.get_absolute_url()).text

    def test_a_date_that_is_none_moves_nothing(self, client, paul, milestone):
        client.force_login(paul)
        response = client.post(url("forecast", milestone), {"forecast_on": "31.02.2027"})
        assert response.status_code == 422
        assert fresh(milestone).forecast_on == milestone.forecast_on


class TestReport:
    def test_the_lead_reports_with_evidence_and_cesai_accepts(self, client, paul, mira, milestone):
        client.force_login(paul)
        assert report(client, milestone).status_code == 302
        reported = fresh(milestone)
        assert (reported.status, reported.reached_on) == ("reported", days_ago(3))
        client.force_login(mira)
        assert "Protokoll, Fassung 1.2" in client.get(milestone.project.get_absolute_url()).text
        decide(client, milestone, "accept")
        assert fresh(milestone).status == "accepted"
        assert Event.objects.filter(verb="portfolio.milestone_accepted", actor=mira).exists()

    def test_rework_lets_the_lead_report_again(self, client, paul, mira, milestone):
        client.force_login(paul)
        report(client, milestone)
        client.force_login(mira)
        decide(client, milestone, "return")
        assert fresh(milestone).status == "rework"
        client.force_login(paul)
        report(client, milestone, evidence="Fassung 1.3")
        assert (fresh(milestone).status, fresh(milestone).evidence) == ("reported", "Fassung 1.3")

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"evidence": "  "}, "This field is required"),
            ({"evidence": "x" * 2001}, "at most 2000 characters"),
            ({"reached_on": "2099-01-01"}, "cannot be reached in the future"),
            ({"reached_on": "2020-01-01"}, "cannot be reached before the project starts"),
            ({"reached_on": "yesterday"}, "Enter a valid date"),
        ],
    )
    def test_a_report_that_proves_nothing_is_refused(self, client, paul, milestone, changes, sentence):
        client.force_login(paul)
        response = report(client, milestone, **changes)
        assert response.status_code == 422
        assert sentence in response.text
        assert fresh(milestone).status == "planned"

    def test_a_milestone_is_reported_once(self, client, paul, milestone):
        client.force_login(paul)
        report(client, milestone)
        response = report(client, milestone, evidence="Noch einmal")
        assert response.status_code == 422
        assert "is in the state “Reported as done”" in response.text
        assert fresh(milestone).evidence == "Protokoll, Fassung 1.2"

    def test_a_reported_milestone_no_longer_moves(self, client, paul, milestone):
        client.force_login(paul)
        report(client, milestone)
        response = client.post(url("forecast", milestone), {"forecast_on": days_ago(0).isoformat()})
        assert response.status_code == 422
        assert "its forecast no longer moves" in response.text

    def test_the_lead_cannot_accept_what_they_reported(self, paul, milestone):
        today = timezone.localdate()
        report_milestone(by=paul, milestone=milestone, reached_on=today, evidence="Protokoll", today=today)
        with pytest.raises(PortfolioRefused, match="Somebody other than who leads or reported"):
            accept_milestone(by=paul, milestone=milestone)
        assert fresh(milestone).status == "reported"

    def test_a_manager_who_leads_is_offered_no_acceptance(self, client, mira, tariq, cast):
        from accounts.models import Membership
        from accounts.roles import Role
        from tests.portfolio.factories import ProjectFactory

        Membership.objects.create(user=mira, organisation=cast.ias, role=Role.PROJECT_LEAD)
        project = ProjectFactory(lead=mira, organisation=cast.ias)
        milestone = MilestoneFactory(project=project)
        client.force_login(mira)
        report(client, milestone)
        assert "Ask for rework" not in client.get(project.get_absolute_url()).text
        assert (
            "Somebody other than who leads or reported"
            in decide(client, milestone, "accept", follow=True).text
        )
        client.force_login(tariq)
        decide(client, milestone, "accept")
        assert fresh(milestone).status == "accepted"


class TestAccess:
    @pytest.mark.parametrize("name", ["jonas", "leyla", "greta", "petra", "anke"])
    def test_only_the_lead_and_managers_run_a_project(self, client, request, milestone, name):
        client.force_login(request.getfixturevalue(name))
        assert report(client, milestone).status_code == 403
        assert client.get(url("forecast", milestone)).status_code == 403
        assert (
            client.get(reverse("portfolio:milestone_create", args=[milestone.project.code])).status_code
            == 403
        )
        assert decide(client, milestone, "accept").status_code == 403

    def test_the_lead_of_another_project_does_not(self, client, greta, ias, milestone):
        from accounts.models import Membership
        from accounts.roles import Role

        Membership.objects.create(user=greta, organisation=ias, role=Role.PROJECT_LEAD)
        client.force_login(greta)
        assert report(client, milestone).status_code == 403

    def test_a_lead_decides_nothing(self, client, paul, milestone):
        client.force_login(paul)
        report(client, milestone)
        assert decide(client, milestone, "accept").status_code == 403

    def test_guests_find_no_milestone(self, client, gast, milestone):
        client.force_login(gast)
        assert report(client, milestone).status_code == 404
        assert client.get(milestone.project.get_absolute_url()).status_code == 404

    @pytest.mark.parametrize("verdict", ["", "perhaps"])
    def test_a_decision_is_yes_or_rework(self, client, mira, milestone, verdict):
        client.force_login(mira)
        assert decide(client, milestone, verdict).status_code == 400

    def test_what_is_not_reported_cannot_be_accepted(self, client, mira, milestone):
        client.force_login(mira)
        assert "is in the state “Planned”" in decide(client, milestone, "accept", follow=True).text

    @pytest.mark.parametrize("pk", [0, 999_999, 10**30])
    def test_a_key_that_names_nothing_is_not_found(self, client, mira, pk):
        client.force_login(mira)
        assert client.get(f"/milestones/{pk}/report/").status_code == 404


class TestProgress:
    @pytest.mark.parametrize(
        ("statuses", "percent"),
        [
            ([], 0),
            (["planned"], 0),
            (["accepted"], 100),
            (["accepted", "planned", "reported"], 33),
            (["accepted", "accepted", "rework"], 66),
        ],
    )
    def test_progress_is_the_share_of_accepted_milestones(self, statuses, percent):
        assert progress_of([Milestone(status=status) for status in statuses]) == percent

    def test_the_list_counts_like_the_page(self, client, paul, mira, milestone):
        client.force_login(paul)
        report(client, milestone)
        client.force_login(mira)
        decide(client, milestone, "accept")
        (row,) = client.get("/projects/").context["page"].rows
        assert row.progress == client.get(row.get_absolute_url()).context["progress"] == 50

    def test_an_open_milestone_after_its_date_is_late(self, milestone):
        (item,) = milestone_items([milestone], milestone.forecast_on + timedelta(days=1))
        assert item["state"] == "late"
        (item,) = milestone_items([milestone], milestone.forecast_on)
        assert item["state"] == "open"

    @pytest.mark.parametrize(
        ("days", "words"),
        [
            (1, "1 day later than promised"),
            (-1, "1 day earlier than promised"),
            (-9, "9 days earlier than promised"),
        ],
    )
    def test_a_changed_date_is_told_in_days(self, milestone, days, words):
        milestone.forecast_on = milestone.baseline_on + timedelta(days=days)
        (item,) = milestone_items([milestone], milestone.baseline_on)
        assert item["text"].endswith(words)
