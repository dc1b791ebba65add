"""The whole thread in one walk: from a use case to the euro in the report, as demo people do it.

The portal runs as `./run start` runs it: web server, worker, beat, the Hub double over TLS. People click in a
Chromium without JavaScript; the evaluation is the real lm-eval, the publication the real huggingface_hub.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from accounts.demo import PASSWORD
from cesai.embedded.environment import ROOT
from cesai.embedded.postgres import database_url
from tests.embedded.portal import Portal, first_start
from tests.evaluations.workshop import real_harness

pytestmark = pytest.mark.slow

PATIENCE_MS = 180_000
TITLES = ["Angebotsvergleich", "Ersatzteilsuche", "Normenabgleich"]


# Who must stand in the audit trail of each object that the walk makes.
ACTORS = {
    "portfolio_usecase": "jonas",
    "portfolio_modelproposal": "mira",
    "voting_round": "mira",
    "portfolio_aimodel": "mira",
    "portfolio_project": "mira",
    "portfolio_modelrelease": "mira",
    "evaluations_run": "mira",
    "hub_plan": "mira",
    "funding_entry": "petra",
}
LAST_INSERT = """
    SELECT person.email, context.metadata->>'url', context.metadata->>'request'
    FROM {table}event event
    JOIN pghistory_context context ON context.id = event.pgh_context_id
    JOIN accounts_user person ON person.id = (context.metadata->>'user')::bigint
    WHERE event.pgh_label = 'insert' ORDER BY event.pgh_id DESC LIMIT 1
"""


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("walk")


@pytest.fixture(scope="module")
def portal(var: Path) -> Iterator[str]:
    first_start(var)
    # The harness is the same for every portal of this checkout; installing it once is enough.
    (var / "harness").symlink_to(Path(real_harness()).parents[2])
    running = Portal(var)
    try:
        running.expect_ready()
        yield f"http://127.0.0.1:{running.port}"
    finally:
        running.stop()


@pytest.fixture(scope="module")
def person(portal: str, browser: Browser) -> Iterator[Callable[[str], Page]]:
    """The window of a demo person, signed in with the password that the start prints."""
    windows: dict[str, Page] = {}
    answers: list[tuple[int, str]] = []

    def window(name: str) -> Page:
        if name not in windows:
            page = browser.new_context(java_script_enabled=False, locale="en-US", base_url=portal).new_page()
            page.on("response", lambda answer: answers.append((answer.status, answer.url)))
            page.goto("/accounts/login/")
            page.fill("input[name=login]", f"{name}@demo.example.org")
            page.fill("input[name=password]", PASSWORD)
            press(page, "Sign In", within="main")
            windows[name] = page
        return windows[name]

    yield window
    for page in windows.values():
        page.context.close()
    assert not [answer for answer in answers if answer[0] >= 400 or not answer[1].startswith(portal)]


def turn(page: Page, control: Locator) -> None:
    """Clicks what leads to another page and returns when that page is there: a click alone does not wait."""
    with page.expect_navigation():
        control.click()


def press(page: Page, label: str, *, within: str = "body") -> None:
    turn(page, page.locator(within).get_by_role("button", name=label, exact=True).first)


def follow(page: Page, label: str) -> None:
    turn(page, page.locator("main").get_by_role("link", name=label, exact=True).first)


def confirm(page: Page, label: str) -> None:
    """A step behind a disclosure that asks first."""
    page.locator("summary", has_text=label).first.click()
    press(page, f"Yes: {label}")


def reload_until(page: Page, text: str) -> None:
    """Looks again, as people without JavaScript do, until the page says `text`."""
    for _look in range(PATIENCE_MS // 1000):
        if page.locator("main").get_by_text(text).count():
            return
        page.wait_for_timeout(1000)
        page.reload()
    raise AssertionError(f"{page.url} never said “{text}”: {page.locator('main').inner_text()[:2000]}")


def badge_says(page: Page, text: str) -> None:
    """Looks again until the badge of the page is exactly `text`."""
    for _look in range(PATIENCE_MS // 1000):
        if page.locator("main .badge").first.inner_text().strip() == text:
            return
        page.wait_for_timeout(1000)
        page.reload()
    raise AssertionError(f"{page.url} never came to “{text}”: {page.locator('main').inner_text()[:2000]}")


def submit_use_cases(page: Page) -> list[str]:
    codes = []
    for title in TITLES:
        page.goto("/use-cases/new/")
        page.fill("[name=title]", title)
        page.fill("[name=problem]", "Heute von Hand. <script>alert('x')</script>")
        page.fill("[name=benefit]", "Weniger Rückfragen.")
        page.select_option("[name=domain]", "mechanical")
        press(page, "Submit to CESAI")
        expect(page.locator("h1")).to_have_text(title)
        assert "<script>alert" in page.locator("main").inner_text()
        codes.append(urlsplit(page.url).path.rstrip("/").rpartition("/")[2])
    return codes


def triage(page: Page, codes: list[str]) -> list[str]:
    """Each use case becomes a proposal with its cost, in the admin."""
    proposals = []
    for number, code in enumerate(codes):
        page.goto(f"/use-cases/{code}/")
        follow(page, "Triage in the administration")
        page.select_option("select[name=CHANGE_FORM-action]", "propose")
        turn(page, page.get_by_role("button", name="Run", exact=True))
        page.fill("[name=cost_gpu_hours]", str(900 + number))
        page.fill("[name=cost_cents]", "25000.50")
        turn(page, page.locator("input[type=submit]").first)
        proposal = page.locator(".field-code .readonly, .fieldBox.field-code .readonly").first.inner_text()
        proposals.append(proposal)
    return proposals


def vote(person: Callable[[str], Page], proposals: list[str]) -> None:
    mira = person("mira")
    mira.goto("/voting/new/")
    mira.fill("[name=title]", "Runde des Rundgangs")
    mira.fill("[name=question]", "Was zuerst?")
    mira.fill("[name=budget]", "3000")
    mira.fill("[name=objection_days]", "0")
    mira.fill("[name=closes_at]", "2099-12-31T12:00")
    for proposal in proposals:
        mira.locator("label", has_text=proposal).click()
    turn(mira, mira.locator("main form button").first)
    for step in ("Publish the rules", "Confirm proposals and costs", "Freeze the ballot paper"):
        confirm(mira, step)
    path = urlsplit(mira.url).path
    for name in ("leyla", "stefan", "ines"):
        voter = person(name)
        voter.goto(path)
        follow(voter, "Cast your ballot")
        for box in voter.locator("input[name=approvals]").all():
            box.check()
        press(voter, "Cast the ballot")
        expect(voter.locator("main")).to_contain_text("version 1", ignore_case=True)
    mira.goto(path)
    follow(mira, "Close the voting early")
    mira.fill("[name=reason]", "Alle drei Häuser haben abgestimmt.")
    press(mira, "Close the voting early", within="main")
    reload_until(mira, "See the result")
    follow(mira, "See the result")
    for title in TITLES:
        expect(mira.locator("main")).to_contain_text(title)


def start_project(page: Page, proposal: str) -> str:
    page.goto(f"/proposals/{proposal}/")
    follow(page, "Start model and Schnellboot")
    page.fill("[name=name]", "Angebotsmodell")
    page.select_option("[name=organisation]", index=1)
    page.select_option("[name=lead]", index=1)
    press(page, "Start", within="main")
    code = page.locator(".eyebrow").first.inner_text()
    follow(page, "To the model: Angebotsmodell")
    return code.rpartition(" ")[2]


def release(page: Page, folder: Path) -> None:
    file = folder / "model.ngram"
    command = [sys.executable, "-m", "evaluations.ngram", "--write", str(file)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    follow(page, "New release")
    page.fill("[name=version]", "0.1.0")
    page.set_input_files("[name=files]", file)
    page.fill("[name=served_name]", "angebotsmodell")
    page.check("[name=server][value=ngram]")
    press(page, "Add the release")
    expect(page.locator("main")).to_contain_text("Version 0.1.0")


def evaluate(page: Page) -> None:
    model = page.url
    follow(page, "Evaluate")
    turn(page, page.locator("main form button").first)
    badge_says(page, "Finished")
    expect(page.locator("main")).to_contain_text("±")
    page.goto(model)
    follow(page, "Scores")
    expect(page.locator("main")).to_contain_text("±")
    page.goto(model)


def publish(person: Callable[[str], Page], model: str) -> None:
    mira, tariq = person("mira"), person("tariq")
    mira.goto(model)
    follow(mira, "Publish")
    turn(mira, mira.locator("main form button").first)
    reload_until(mira, "Waits for approval")
    tariq.goto(mira.url)
    press(tariq, "Approve and publish")
    reload_until(tariq, "verified afterwards")
    expect(tariq.locator("main")).to_contain_text("is on the Hub")


def book(page: Page, project: str) -> None:
    page.goto("/funding/")
    turn(page, page.locator("main a[href^='/funding/awards/'], main a[href^='/funding/programmes/']").first)
    if "/programmes/" in page.url:
        turn(page, page.locator("main a[href^='/funding/awards/']").first)
    page.goto(page.url.rstrip("/") + "/entries/new/")
    page.fill("[name=payee]", "Rechenzentrum (Demo)")
    page.fill("[name=reason]", "GPU-Stunden")
    page.fill("input[name^=amount]", "1234.56")
    page.select_option("[name=line]", index=1)
    page.locator("[name=project]").select_option(
        label=page.locator("[name=project] option", has_text=project).inner_text()
    )
    turn(page, page.locator("main form button").last)
    assert "/new/" not in page.url, page.locator("main").inner_text()[:1500]


def report(page: Page, project: str) -> None:
    page.goto("/reports/")
    turn(page, page.locator("main a[href^='/reports/awards/']").first)
    expect(page.locator("main")).to_contain_text(project)
    expect(page.locator("main")).to_contain_text("Angebotsmodell")
    magic = {"pdf": b"%PDF-", "xlsx": b"PK", "json": b"{", "csv": b""}
    for extension, start in magic.items():
        address = page.locator(f"main a[href*='.{extension}']").first.get_attribute("href")
        answer = page.request.get(address)
        assert answer.ok
        assert answer.body().startswith(start)


def stations(page: Page) -> list[str]:
    """Addresses of the strip, this page's own included."""
    here = urlsplit(page.url).path
    found = []
    for station in page.locator(".thread__station").all():
        link = station.locator("a").first
        found.append(link.get_attribute("href") if link.count() else here)
    return found


def names_the_actors(var: Path) -> None:
    with psycopg.connect(database_url(var / "run")) as connection:
        for table, name in ACTORS.items():
            row = connection.execute(LAST_INSERT.format(table=table)).fetchone()
            assert row, table
            email, url, request = row
            assert email == f"{name}@demo.example.org", table
            assert url
            assert request


def test_the_thread_walks_from_the_use_case_to_the_report_and_back(person, var, tmp_path):
    codes = submit_use_cases(person("jonas"))
    proposals = triage(person("mira"), codes)
    vote(person, proposals)
    mira = person("mira")
    project = start_project(mira, proposals[0])
    model = mira.url
    release(mira, tmp_path)
    evaluate(mira)
    publish(person, model)
    book(person("petra"), project)
    report(person("frank"), project)
    names_the_actors(var)

    mira.goto(f"/use-cases/{codes[0]}/")
    whole = stations(mira)
    assert len(whole) == 8
    for forward in range(1, 8):
        turn(mira, mira.locator(".thread__station").nth(forward).locator("a").first)
        assert urlsplit(mira.url).path == urlsplit(whole[forward]).path
    for backward in range(6, -1, -1):
        turn(mira, mira.locator(".thread__station").nth(backward).locator("a").first)
        assert mira.locator(".thread__station--current").count() == 1
        expect(mira.locator(".thread__station").nth(backward)).to_have_attribute("aria-current", "step")
