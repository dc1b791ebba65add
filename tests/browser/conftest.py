"""A real Chromium on the demo world, which fails a test on any console error, CSP violation or foreign request."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.requirements import chromium_path
from tests.world import demo_world

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-quic", "--no-first-run",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker) -> Iterator[str]:
    """The address of a live server on the demo."""
    with django_db_blocker.unblock(), demo_world():
        server = LiveServer("127.0.0.1")
        yield server.url
        server.stop()


class Visit:
    """One person's browser window, with what went wrong in it."""

    def __init__(self, context: BrowserContext, site: str) -> None:
        self.site = site
        self.context = context
        self.page: Page = context.new_page()
        self.troubles: list[str] = []
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.troubles.append(f"script error: {error}"))
        self.page.on("request", self._watch)

    def _listen(self, message) -> None:  # type: ignore[no-untyped-def]
        # Chromium reports every answer of status 4xx as an error; tests that provoke one look at it themselves.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.troubles.append(f"console: {message.text}")

    def _watch(self, request) -> None:  # type: ignore[no-untyped-def]
        if request.url.startswith("http") and urlsplit(request.url).netloc != urlsplit(self.site).netloc:
            self.troubles.append(f"foreign request: {request.url}")

    def open(self, path: str) -> Page:
        self.page.goto(self.site + path)
        # What htmx fetches when a page loads belongs to the page.
        self.page.wait_for_selector(".htmx-request", state="detached")
        return self.page


@pytest.fixture(scope="module")
def opener(browser: Browser, site: str, django_db_blocker) -> Iterator[Callable[..., Visit]]:
    """`opener("mira", theme="dark", width=390, language="de", javascript=False)` opens a signed-in window."""
    opened: list[Visit] = []

    def open_window(
        name: str = "",
        *,
        theme: str = "light",
        width: int = 1280,
        language: str = "de",
        javascript: bool = True,
    ) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,  # type: ignore[arg-type]
            locale=f"{language}-{'DE' if language == 'de' else 'US'}",
            java_script_enabled=javascript,
        )
        if name:
            with django_db_blocker.unblock():
                client = Client()
                client.force_login(User.objects.get(email=f"{name}@demo.example.org"))
                session = client.cookies[django_settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": django_settings.SESSION_COOKIE_NAME, "value": session, "url": site}]
            )
        opened.append(Visit(context, site))
        return opened[-1]

    yield open_window
    for each in opened:
        each.context.close()


@pytest.fixture
def visit(opener: Callable[..., Visit]) -> Iterator[Callable[..., Visit]]:
    """A fresh window for this test; what `opener` takes."""
    opened: list[Visit] = []

    def open_window(*who: str, **how: Any) -> Visit:
        opened.append(opener(*who, **how))
        return opened[-1]

    yield open_window
    for each in opened:
        each.context.close()
    assert not [trouble for each in opened for trouble in each.troubles]


@pytest.fixture(scope="module")
def windows() -> dict[str, Visit]:
    return {}


@pytest.fixture
def window(opener: Callable[..., Visit], windows: dict[str, Visit]) -> Iterator[Callable[[str], Visit]]:
    """`window("mira")`: a German window that stays open for the module, so that nothing is fetched twice."""

    def of(name: str) -> Visit:
        if name not in windows:
            windows[name] = opener(name)
        windows[name].troubles.clear()
        windows[name].page.set_viewport_size({"width": 1280, "height": 900})
        windows[name].page.emulate_media(color_scheme="light")
        return windows[name]

    yield of
    assert not [trouble for each in windows.values() for trouble in each.troubles]
