"""Schnellboot pages: status light, list, roadmap."""

import json
import re

import pytest
from django.urls import reverse

from activity.models import Event
from portfolio.models import Project
from tests.portfolio.factories import MilestoneFactory, ProjectFactory


def set_light(client, project: Project, light: str, reason: str = ""):
    address = reverse("portfolio:project_light", args=[project.code])
    return client.post(address, {"light": light, "light_reason": reason})


class TestLight:
    @pytest.mark.parametrize("light", ["yellow", "red"])
    def test_trouble_needs_a_reason_that_everybody_reads(self, client, paul, jonas, running_project, light):
        client.force_login(paul)
        refused = set_light(client, running_project, light)
        assert refused.status_code == 422
        assert "A yellow or red light needs a reason." in refused.text
        assert Project.objects.get().light == "green"
        assert set_light(client, running_project, light, "Zwei Stellen offen").status_code == 302
        assert Event.objects.get(verb="portfolio.light_set").data["reason"] == "Zwei Stellen offen"
        client.force_login(jonas)
        assert "Zwei Stellen offen" in client.get(running_project.get_absolute_url()).text

    def test_green_needs_none(self, client, mira, running_project):
        client.force_login(mira)
        assert set_light(client, running_project, "green").status_code == 302

    @pytest.mark.parametrize(
        ("light", "reason"), [("blue", "x"), ("", "x"), ("red", "x" * 301), ("red", "  ")]
    )
    def test_no_other_light_and_no_endless_reason(self, client, paul, running_project, light, reason):
        client.force_login(paul)
        assert set_light(client, running_project, light, reason).status_code == 422
        assert Project.objects.get().light == "green"

    @pytest.mark.parametrize("name", ["jonas", "greta", "anke", "petra"])
    def test_others_do_not_set_it(self, client, request, running_project, name):
        client.force_login(request.getfixturevalue(name))
        assert set_light(client, running_project, "green").status_code == 403


class TestList:
    def test_members_and_funders_see_projects_and_guests_do_not(
        self, client, jonas, frank, gast, running_project
    ):
        for person, count in ((jonas, 1), (frank, 1), (gast, 0)):
            client.force_login(person)
            assert len(client.get("/projects/").context["page"].rows) == count

    def test_the_light_filters(self, client, mira, paul, running_project):
        ProjectFactory(title="Läuft rund")
        client.force_login(mira)
        set_light(client, running_project, "red", "Ausfall")
        (row,) = client.get("/projects/?light=red").context["page"].rows
        assert row == running_project
        assert client.get("/projects/?light=purple").status_code == 200


class TestRoadmap:
    def figure(self, client) -> dict:
        text = client.get("/roadmap/").text
        (data,) = re.findall(
            r'<script id="roadmap-figure" type="application/json">(.*?)</script>', text, re.S
        )
        return json.loads(data)

    def test_the_figure_shows_each_project_from_start_to_results(self, client, jonas, running_project):
        milestone = MilestoneFactory(project=running_project, title="Erste Messung")
        client.force_login(jonas)
        bars, points, titles = self.figure(client)["data"]
        start, results = running_project.starts_on, running_project.results_on
        assert self.figure(client)["layout"]["yaxis"]["ticktext"] == [running_project.code]
        assert titles["text"] == [running_project.title]
        assert bars["base"] == [start.isoformat()]
        assert bars["x"] == [(results - start).days * 86_400_000]
        assert points["x"] == [milestone.baseline_on.isoformat(), results.isoformat()]
        assert [shown[0] for shown in points["customdata"]] == ["Erste Messung", "Results presentation"]

    def test_the_table_beside_it_says_the_same(self, client, jonas, running_project):
        later = ProjectFactory(title="Später", starts_on=running_project.results_on)
        client.force_login(jonas)
        table = client.get("/roadmap/").context["table"]
        assert [row[0] for row in table["rows"]] == [
            str(running_project),
            f"{later.code} Später",
        ]
        assert all(len(row) == len(table["columns"]) for row in table["rows"])
        text = client.get("/roadmap/").text
        assert "<caption" in text
        assert str(running_project.organisation) in text

    def test_hostile_titles_stay_inside_the_data(self, client, jonas, cast):
        ProjectFactory(title="</script><script>alert(1)</script>")
        client.force_login(jonas)
        bars, _points, titles = self.figure(client)["data"]
        shown = "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;"
        assert bars["customdata"][0][0] == titles["text"][0] == shown
        assert "<script>alert(1)" not in client.get("/roadmap/").text

    def test_without_projects_it_says_when_one_appears(self, client, gast):
        client.force_login(gast)
        assert "No project on the roadmap yet" in client.get("/roadmap/").text


def test_the_second_schnellboot_of_a_model_is_its_second_iteration(running_project):
    assert running_project.iteration == 1
    assert ProjectFactory(model=running_project.model).iteration == 2
