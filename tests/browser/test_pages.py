"""Every page, for somebody who may open it: accessible in both themes, whole on a phone, German."""

from pathlib import Path

import axe_playwright_python
import pytest
from django.urls import reverse
from playwright.sync_api import Page

from tests.samples import SAMPLES
from tests.test_access import PEOPLE, listed

pytestmark = pytest.mark.slow

FIRST_CHOICE = ["mira", "jonas", "leyla", "paul", "petra", "frank", "visitor"]
# Addresses that answer with a file, with JSON or with plain text.
NO_PAGES = (
    "hub:plan_card",
    "health_",
    "portfolio_api:",
    "voting_api:",
    "voting:receipt_pdf",
    "voting:receipt_text",
    "voting:round_kit",
    "evaluations_api:",
    "evaluations:run_log",
    "hub_api:",
    "funding_api:",
    "reports_api:",
)

AXE = Path(axe_playwright_python.__path__[0], "axe.min.js").read_text()
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
    # No rule that runs here reads style sheets.
    "preload": False,
}
# Colours fade from one theme to the other; half-way they are nobody's choice.
WHEN_STILL = "() => Promise.all(document.getAnimations().map(each => each.finished))"


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
    "admin:portfolio_usecase_changelist": "mira",
    "admin:portfolio_usecase_change": "mira",
}


def path_of(name: str) -> str:
    return reverse(name, kwargs=SAMPLES[name]() if name in SAMPLES else {})


def violations(page: Page) -> list[tuple[str, str]]:
    """Rule and first place of everything that WCAG 2.2 AA does not allow."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate("options => axe.run(document, options)", OPTIONS)
    return [(each["id"], each["nodes"][0]["html"][:200]) for each in found["violations"]]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_whole_in_both_themes_on_desk_and_phone(window, name):
    person = PAGES[name]
    page = window("" if person == "visitor" else person).open(path_of(name))
    assert page.evaluate("document.documentElement.lang") == "de"
    for width, theme in ((1280, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        page.evaluate(WHEN_STILL)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert not violations(page), (width, theme)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_refused_form_is_accessible_and_keeps_what_was_typed(visit, theme):
    page = visit("jonas", theme=theme).open(reverse("portfolio:usecase_create"))
    page.fill("[name=problem]", "Heute von Hand.")
    page.locator("main form button").first.click()
    page.locator("[name=problem]").wait_for()
    assert page.locator("[name=problem]").input_value() == "Heute von Hand."
    assert not violations(page)


def test_a_missing_page_is_accessible(visit):
    page = visit("jonas").open("/use-cases/AF-1999-9999/")
    assert not violations(page)
