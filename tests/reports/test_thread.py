from datetime import date

import pytest

from reports.thread import stations
from tests.funding.factories import book


@pytest.fixture
def thread(award, petra, project, run, publication):
    """The key of one object per kind, all on one thread."""
    book(award, by=petra, cents=1_000, project=project, booked_on=date(2026, 3, 1))
    model = project.model
    return {
        "use-case": model.proposal.use_cases.get().pk,
        "proposal": model.proposal_id,
        "round": model.proposal.round_items.get().round_id,
        "model": model.pk,
        "project": project.pk,
        "run": run.pk,
        "publication": publication.pk,
        "report": award.pk,
    }


def found(kind, pk, user):
    return {each.key: [link.label for link in each.links] for each in stations(kind, pk, user) if each.links}


def test_the_stations_stand_in_the_order_of_the_work(thread, mira):
    order = [each.key for each in stations("model", thread["model"], mira)]
    assert order == ["use-case", "proposal", "round", "model", "project", "run", "publication", "report"]


def test_from_every_object_one_step_leads_to_every_other(thread, mira):
    strips = [found(kind, pk, mira) for kind, pk in thread.items()]
    assert all(strip == strips[0] for strip in strips)
    assert set(strips[0]) == set(thread)


def test_each_link_opens(client, thread, mira):
    client.force_login(mira)
    for kind, pk in thread.items():
        for station in stations(kind, pk, mira):
            for link in station.links:
                assert client.get(link.url).status_code == 200, link.url


def test_the_object_itself_is_current_and_nothing_else(thread, mira):
    for kind, pk in thread.items():
        assert [each.key for each in stations(kind, pk, mira) if each.current] == [kind]


def test_a_reader_sees_only_stations_that_open_for_them(thread, jonas, gast):
    member = found("project", thread["project"], jonas)
    assert set(thread) - set(member) == {"round", "report"}  # a draft of a round, and money
    assert set(found("model", thread["model"], gast)) == {"proposal"}


def test_a_thread_that_ends_early_is_open_from_there(usecase, jonas):
    strip = stations("use-case", usecase.pk, jonas)
    assert [bool(each.links) for each in strip] == [each.key == "use-case" for each in strip]
    assert all(each.label == "" for each in strip[1:])


@pytest.fixture
def usecase(jonas, brenner):
    from portfolio.actions.usecases import draft_usecase

    return draft_usecase(by=jonas, organisation=brenner, title="x", problem="x", benefit="x", domain="other")


@pytest.fixture
def crowded(thread, jonas, brenner):
    """The thread with six use cases behind its proposal."""
    from portfolio.actions import usecases
    from portfolio.models import ModelProposal

    proposal = ModelProposal.objects.get(pk=thread["proposal"])
    for number in range(5):
        extra = usecases.draft_usecase(
            by=jonas, organisation=brenner, title=f"x{number}", problem="x", benefit="x", domain="other"
        )
        usecases.submit_usecase(by=jonas, use_case=extra)
        proposal.use_cases.add(extra)
    return thread


def test_more_objects_than_fit_are_counted_and_listed(client, crowded, mira):
    station = stations("model", crowded["model"], mira)[0]
    assert (len(station.links), station.more) == (3, 5)
    client.force_login(mira)
    page = client.get(station.more_url)
    assert [name for _label, name, _url in page.context["links"]][:5] == ["x4", "x3", "x2", "x1", "x0"]
    assert len(page.context["links"]) == 6
    assert all(client.get(url).status_code == 200 for _label, _name, url in page.context["links"])


def test_every_station_of_every_object_has_its_list(client, thread, mira):
    client.force_login(mira)
    for kind, pk in thread.items():
        for station in stations(kind, pk, mira):
            page = client.get(station.more_url)
            assert [url for _label, _name, url in page.context["links"]] == [
                link.url for link in station.links
            ], (kind, station.key)


@pytest.mark.parametrize(
    "address",
    [
        "/reports/thread/round/0/proposal/",
        "/reports/thread/ship/1/proposal/",
        "/reports/thread/round/1/ship/",
    ],
)
def test_a_station_that_is_not_there_is_not_found(client, mira, address):
    client.force_login(mira)
    assert client.get(address).status_code == 404


def test_the_list_of_a_station_shows_no_more_than_the_strip(client, crowded, gast, jonas):
    """Who may not see the object gets no list; who may gets of each station only what opens for them."""
    address = stations("use-case", crowded["use-case"], jonas)[7].more_url
    client.force_login(gast)
    assert client.get(address).status_code == 404
    client.force_login(jonas)
    assert client.get(address).context["links"] == []


def test_the_strip_is_one_statement(thread, mira, django_assert_num_queries):
    mira.roles  # noqa: B018  read once per request, whatever the page
    with django_assert_num_queries(1):
        stations("project", thread["project"], mira)


def test_a_kind_that_is_not_on_the_thread_is_an_error(mira):
    with pytest.raises(KeyError):
        stations("invoice", 1, mira)
