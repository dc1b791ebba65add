"""Every page, for somebody who may open it: accessible in both themes, whole on a phone, German."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from tests.samples import SAMPLES
from tests.test_access import PEOPLE, listed

FIRST_CHOICE = ["mira", "jonas", "leyla", "paul", "petra", "frank", "visitor"]
# Addresses that answer with a file, with JSON or with plain text.
NO_PAGES = (
    "hub:plan_card",
    "health_",
    "portfolio_api:",
    "voting_api:",
    "voting:receipt_pdf",
    "voting:receipt_text",
    "evaluations_api:",
    "evaluations:run_log",
    "hub_api:",
    "funding_api:",
    "reports_api:",
)


def visitor_of(letters: str) -> str | None:
    """Somebody who gets the page; visitors only where nobody else does."""
    readers = [person for person, letter in zip(PEOPLE, letters, strict=True) if letter == "o"]
    return next((name for name in FIRST_CHOICE if name in readers), readers[0] if readers else None)


PAGES = {
    name: person
    for name, (letters, _post) in listed().items()
    if not name.startswith(NO_PAGES) and "export" not in name and (person := visitor_of(letters))
}

PAGES |= {
    "account_login": "visitor",
    "account_signup": "visitor",
    "account_reset_password": "visitor",
    "account_email": "jonas",
    "account_change_password": "jonas",
    "admin:index": "mira",
}


def path_of(name: str) -> str:
    return reverse(name, kwargs=SAMPLES[name]() if name in SAMPLES else {})


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_german_and_whole_on_a_phone(visit, name, theme):
    person = PAGES[name]
    page = visit("" if person == "visitor" else person, theme=theme).open(path_of(name))
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert not [(each["id"], each["nodes"][0]["html"][:200]) for each in found.response["violations"]]
    assert page.evaluate("document.documentElement.lang") == "de"
    page.set_viewport_size({"width": 390, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_refused_form_is_accessible_and_keeps_what_was_typed(visit, theme):
    page = visit("jonas", theme=theme).open(reverse("portfolio:usecase_create"))
    page.fill("[name=problem]", "Heute von Hand.")
    page.locator("main form button").first.click()
    page.locator("[name=problem]").wait_for()
    assert page.locator("[name=problem]").input_value() == "Heute von Hand."
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert not [(each["id"], each["nodes"][0]["html"][:200]) for each in found.response["violations"]]


def test_a_missing_page_is_accessible(visit):
    page = visit("jonas").open("/use-cases/AF-1999-9999/")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert not [(each["id"], each["nodes"][0]["html"][:200]) for each in found.response["violations"]]
