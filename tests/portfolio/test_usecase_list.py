"""Finding use cases."""

import pytest

from portfolio.models import UseCase
from tests.portfolio.factories import DraftFactory, UseCaseFactory


@pytest.fixture
def shelf(cast, stefan) -> dict[str, UseCase]:
    return {
        "drawings": UseCaseFactory(
            title="Angebote gegen Zeichnungen prüfen", problem="Abweichungen bei Toleranzen"
        ),
        "draft": DraftFactory(title="Ersatzteile am Foto erkennen"),
        "patents": UseCaseFactory(
            by=stefan,
            title="Rezepturen",
            problem="Patente",
            domain="chemistry",
            confidentiality="confidential",
        ),
        "safety": UseCaseFactory(by=stefan, title="Sicherheitsdatenblätter abgleichen", domain="chemistry"),
    }


def found(client, query: str = "") -> set[str]:
    response = client.get(f"/use-cases/{query}")
    assert response.status_code == 200
    return {row.title for row in response.context["page"].rows}


def test_everybody_sees_what_they_may_read(client, shelf, jonas, mira, gast):
    client.force_login(jonas)
    assert found(client) == {
        "Angebote gegen Zeichnungen prüfen",
        "Ersatzteile am Foto erkennen",
        "Sicherheitsdatenblätter abgleichen",
    }
    client.force_login(mira)
    assert "Rezepturen" in found(client)
    assert "Ersatzteile am Foto erkennen" not in found(client)
    client.force_login(gast)
    assert found(client) == set()


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("?q=Ersatzteil", {"Ersatzteile am Foto erkennen"}),
        ("?q=toleranz", {"Angebote gegen Zeichnungen prüfen"}),
        ("?q=Patente", set()),
        ("?q=-Zeichnung+prüfen", set()),
        ("?domain=chemistry", {"Sicherheitsdatenblätter abgleichen"}),
        ("?status=draft", {"Ersatzteile am Foto erkennen"}),
        ("?ours=on", {"Angebote gegen Zeichnungen prüfen", "Ersatzteile am Foto erkennen"}),
        ("?ours=on&status=submitted", {"Angebote gegen Zeichnungen prüfen"}),
        ("?q='\";)--%26|!", set()),
    ],
)
def test_filters_narrow_what_is_shown(client, shelf, jonas, query, titles):
    client.force_login(jonas)
    assert found(client, query) == titles


def test_a_code_finds_its_use_case(client, shelf, jonas):
    client.force_login(jonas)
    assert found(client, f"?q={shelf['safety'].code.lower()}+") == {"Sicherheitsdatenblätter abgleichen"}


@pytest.mark.parametrize("query", ["?status=lost", "?domain=1", "?q=%00", "?ours=perhaps"])
def test_a_filter_that_does_not_exist_is_an_error_of_the_form_not_of_the_portal(client, shelf, jonas, query):
    client.force_login(jonas)
    assert client.get(f"/use-cases/{query}").status_code == 200


def test_nothing_found_says_what_to_do_next(client, jonas):
    client.force_login(jonas)
    text = client.get("/use-cases/").text
    assert "No use case found" in text
    assert 'href="/use-cases/new/"' in text


def test_pages_lead_through_the_whole_list_and_keep_the_filter(client, jonas):
    UseCaseFactory.create_batch(30)
    client.force_login(jonas)
    first = client.get("/use-cases/?domain=mechanical")
    link = first.context["page"].next_url
    assert "domain=mechanical" in link
    assert link.replace("&", "&amp;") in first.text
    second = client.get(f"/use-cases/{link}")
    codes = [row.code for page in (first, second) for row in page.context["page"].rows]
    assert codes == sorted(codes, reverse=True)
    assert len(codes) == 30
    back = client.get(f"/use-cases/{second.context['page'].previous_url}")
    assert [row.code for row in back.context["page"].rows] == codes[:25]


@pytest.mark.parametrize("address", ["/use-cases/", "/proposals/", "/models/", "/projects/"])
def test_a_damaged_page_address_is_refused_with_a_sentence(client, jonas, address):
    client.force_login(jonas)
    response = client.get(f"{address}?page=damaged")
    assert response.status_code == 400
