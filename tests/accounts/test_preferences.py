"""Language and theme."""

import pytest

LANGUAGE, THEME = "/preferences/language/", "/preferences/theme/"


def test_the_language_of_a_person_is_kept_in_the_account(client, jonas):
    client.force_login(jonas)
    assert client.post(LANGUAGE, {"language": "de", "next": "/use-cases/"}).url == "/use-cases/"
    jonas.refresh_from_db()
    assert jonas.language == "de"
    response = client.get("/use-cases/", headers={"accept-language": "en"})
    assert response.headers["Content-Language"] == "de"
    assert '<html lang="de"' in response.text
    assert "Anwendungsfälle" in response.text


def test_the_language_of_a_visitor_is_kept_in_the_session(client, db):
    client.post(LANGUAGE, {"language": "de"})
    assert '<html lang="de"' in client.get("/", headers={"accept-language": "en"}).text
    client.post(LANGUAGE, {"language": "en"})
    assert '<html lang="en"' in client.get("/", headers={"accept-language": "de"}).text


def test_the_browser_is_asked_where_nothing_was_chosen(client, db):
    assert '<html lang="de"' in client.get("/", headers={"accept-language": "de-AT,en;q=0.5"}).text
    assert '<html lang="en"' in client.get("/", headers={"accept-language": "en-GB"}).text


@pytest.mark.parametrize("language", ["fr", "", "de\0", "<script>"])
def test_another_language_changes_nothing(client, jonas, language):
    client.force_login(jonas)
    assert client.post(LANGUAGE, {"language": language}).status_code == 302
    jonas.refresh_from_db()
    assert jonas.language == ""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_is_kept_in_the_account_and_in_the_session(client, jonas, theme):
    client.post(THEME, {"theme": theme})
    assert f'data-kern-theme="{theme}"' in client.get("/").text
    client.force_login(jonas)
    client.post(THEME, {"theme": theme})
    jonas.refresh_from_db()
    assert jonas.theme == theme
    assert f'data-kern-theme="{theme}"' in client.get("/dashboard/").text


def test_an_empty_theme_follows_the_system_again(client, jonas):
    client.force_login(jonas)
    client.post(THEME, {"theme": "dark"})
    client.post(THEME, {"theme": "purple"})
    jonas.refresh_from_db()
    assert jonas.theme == "dark"
    client.post(THEME, {"theme": ""})
    jonas.refresh_from_db()
    assert jonas.theme == ""


@pytest.mark.parametrize("address", [LANGUAGE, THEME])
@pytest.mark.parametrize(
    "target", ["https://example.org/", "//example.org/", "javascript:alert(1)", "\\\\example.org", ""]
)
def test_the_way_back_never_leads_out_of_the_portal(client, db, address, target):
    assert client.post(address, {"language": "de", "theme": "dark", "next": target}).url == "/"


@pytest.mark.parametrize("address", [LANGUAGE, THEME])
def test_a_link_changes_nothing(client, db, address):
    assert client.get(address).status_code == 405
