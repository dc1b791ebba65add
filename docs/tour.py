"""Walks the tour of the README through a browser and takes its pictures, docs/tour/*.png.

Needs a demo nobody has worked on yet, Chromium, a package index for the first evaluation run, and the packages for developers,
which `./run lint` installs:

    CESAI_VAR=$(mktemp -d) ./run start --port 8230
    ./run lint; .venv/bin/python docs/tour.py http://127.0.0.1:8230

1280 pixels wide, German, light. A step that the portal no longer takes ends the walk with the name of the step.
"""

import argparse
import base64
import shutil
import struct
import sys
import zlib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

PICTURES = Path(__file__).parent / "tour"
LARGEST_PICTURE = 150_000
PASSWORD = "schnellboot-demo-2026"  # noqa: S105 - printed by every demo
WORKER_ENDS_WITHIN_SECONDS = 900
TICK_MILLISECONDS = 3000


class Tour:
    """One browser in which everybody of the demo can sign in."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser = browser
        self.url = url.rstrip("/")
        self.pages: dict[str, Page] = {}

    def person(self, name: str, path: str) -> Page:
        """A page of the person, signed in, at `path`."""
        if name not in self.pages:
            context = self.browser.new_context(
                viewport={"width": 1280, "height": 800}, locale="de-DE", color_scheme="light"
            )
            page = context.new_page()
            page.goto(f"{self.url}/accounts/login/")
            page.fill("[name=login]", f"{name}@demo.example.org")
            page.fill("[name=password]", PASSWORD)
            page.click("main form button[type=submit]")
            page.wait_for_url("**/dashboard/")
            self.pages[name] = page
        page = self.pages[name]
        page.goto(self.url + path)
        return page

    def wait(self, page: Page, done: Callable[[], bool]) -> None:
        """Load the page again until `done`: what the worker does takes its time."""
        address = page.url
        for _ in range(WORKER_ENDS_WITHIN_SECONDS * 1000 // TICK_MILLISECONDS):
            page.goto(address)
            if done():
                return
            page.wait_for_timeout(TICK_MILLISECONDS)
        raise TimeoutError(f"{address} still waits for the worker")

    def picture(self, page: Page, name: str, *, height: int = 800, at: str | None = None) -> None:
        """A picture of the page from its top, or from the element `at`, `height` pixels high."""
        page.wait_for_load_state("networkidle")
        # Nobody's pointer lies on the page of a book.
        page.mouse.move(0, 0)
        page.evaluate("document.activeElement && document.activeElement.blur()")
        top = 0.0
        if at:
            box = page.locator(at).first.bounding_box()
            assert box, f"{name}: nothing to see at {at}"
            top = box["y"] + page.evaluate("window.scrollY") - 24
        whole = page.evaluate("document.documentElement.scrollHeight")
        clip: Any = {"x": 0, "y": top, "width": 1280, "height": min(height, whole - top)}
        png = page.screenshot(clip=clip, full_page=True, animations="disabled")
        small = with_palette(page.context.new_page(), png)
        if len(small) > LARGEST_PICTURE:
            raise SystemExit(f"{name}.png has {len(small)} bytes, more than {LARGEST_PICTURE}")
        PICTURES.mkdir(exist_ok=True)
        (PICTURES / f"{name}.png").write_bytes(small)


def with_palette(page: Page, png: bytes) -> bytes:
    """The picture with at most 256 colours, a third of its size; `page` decodes it and is closed."""
    width, height, encoded = page.evaluate(
        """async source => {
            const image = new Image()
            image.src = source
            await image.decode()
            const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d")
            canvas.drawImage(image, 0, 0)
            const bytes = canvas.getImageData(0, 0, image.width, image.height).data
            let text = ""
            for (let i = 0; i < bytes.length; i += 32768)
                text += String.fromCharCode.apply(null, bytes.subarray(i, i + 32768))
            return [image.width, image.height, btoa(text)]
        }""",
        "data:image/png;base64," + base64.b64encode(png).decode(),
    )
    page.close()
    pixels = np.frombuffer(base64.b64decode(encoded), np.uint8).reshape(-1, 4)[:, :3]
    palette, indices = reduce_colours(pixels)
    rows = np.zeros((height, width + 1), np.uint8)
    rows[:, 1:] = indices.reshape(height, width)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in (
            (b"IHDR", header),
            (b"PLTE", palette.tobytes()),
            (b"IDAT", zlib.compress(rows.tobytes(), 9)),
            (b"IEND", b""),
        )
    )


def reduce_colours(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 256 most frequent colours, shape (≤ 256, 3), and for each pixel the index of the nearest of them."""
    colours, positions, counts = np.unique(pixels, axis=0, return_inverse=True, return_counts=True)
    palette = colours[np.argsort(-counts, kind="stable")[:256]]
    distances = ((colours[:, None, :].astype(np.int32) - palette[None, :, :]) ** 2).sum(axis=2)
    return palette, distances.argmin(axis=1).astype(np.uint8)[positions.ravel()]


def drawn(page: Page) -> None:
    """Return when the first chart is drawn; charts wait until somebody scrolls to them."""
    page.locator(".chart").first.scroll_into_view_if_needed()
    page.wait_for_selector(".chart .main-svg")


def confirm(page: Page, action: str) -> None:
    """Press the button of the form whose address ends in `action`, and say yes where the page asks back."""
    question = page.locator(f"main details:has(form[action$='{action}']) > summary")
    if question.count():
        question.first.click()
    page.click(f"main form[action$='{action}'] button")


def submit_use_case(tour: Tour) -> None:
    page = tour.person("jonas", "/use-cases/")
    page.click("main a[href='/use-cases/new/']")
    page.fill("[name=title]", "Rückfragen zu Angeboten beantworten")
    page.fill(
        "[name=problem]",
        "Kunden fragen zu jedem dritten Angebot nach Werkstoffen und Lieferzeiten. Zwei Kolleginnen suchen die "
        "Antworten in alten Angeboten zusammen.",
    )
    page.fill(
        "[name=benefit]",
        "Ein Entwurf der Antwort liegt in einer Minute vor, mit Verweis auf das alte Angebot.",
    )
    page.fill("[name=data_available]", "11.000 Angebote als PDF seit 2014, Deutsch.")
    page.select_option("[name=domain]", index=1)
    page.check("#id_goals_4")
    tour.picture(page, "1-einreichen", height=900)
    page.click("main button[name=submit]")
    page.wait_for_url("**/use-cases/AF-*/")


def triage(tour: Tour) -> None:
    page = tour.person("mira", "/dashboard/")
    tour.picture(page, "dashboard")
    page.click("main a[href*='/admin/portfolio/usecase/']")
    page.click("#result_list tr:has-text('Rückfragen zu Angeboten beantworten') th a")
    for action in ("take", "propose"):
        page.select_option("select[name$=action]", action)
        page.click("button[name=index]")
    page.fill("[name=title]", "Angebotsassistent Maschinenbau")
    for name, value in (("cost_gpu_hours", "4200"), ("cost_cents", "38000")):
        page.fill(f"[name={name}]", value)
    page.click("#content form [type=submit] >> nth=-1")
    page.wait_for_url("**/admin/portfolio/modelproposal/**")


def vote(tour: Tour) -> None:
    page = tour.person("leyla", "/voting/")
    page.click("main a[href$='/zweite-modellrunde/'] >> nth=0")
    page.click("main a[href$='/ballot/']")
    for number in (0, 1, 3):
        page.check(f"main form input[type=checkbox] >> nth={number}")
    tour.picture(page, "3-stimmzettel", height=900)
    page.click("main form[method=post] button.kern-btn--primary")
    page.wait_for_url("**/voting/zweite-modellrunde/")
    page = tour.person("mira", "/voting/zweite-modellrunde/")
    page.click("main a[href$='/close/']")
    page.fill("[name=reason]", "Alle Organisationen haben abgestimmt.")
    page.click("main form[method=post] button.kern-btn--primary")
    page.wait_for_url("**/voting/zweite-modellrunde/")
    tour.wait(page, lambda: bool(page.locator("main a[href$='/result/']").count()))
    page.click("main a[href$='/result/']")
    tour.picture(page, "3-ergebnis", height=900)


def start_project(tour: Tour) -> None:
    page = tour.person("mira", "/dashboard/")
    page.click("main a[href^='/proposals/'][href$='/start/'] >> nth=0")
    today = date.today()  # noqa: DTZ011 - the reader's own day
    for name in ("name", "title"):
        if not page.input_value(f"[name={name}]"):
            page.fill(f"[name={name}]", "Fachsprachmodell Maschinenbau")
    for name in ("organisation", "lead"):
        page.select_option(f"[name={name}]", index=1)
    page.fill("[name=starts_on]", today.isoformat())
    page.fill("[name=results_on]", (today + timedelta(days=300)).isoformat())
    page.fill("[name=team_size]", "9")
    page.click("main form[method=post] button.kern-btn--primary")
    page.wait_for_url("**/projects/SB-*/")
    page = tour.person("mira", "/roadmap/")
    drawn(page)
    tour.picture(page, "4-roadmap", height=900)


def evaluate(tour: Tour) -> None:
    page = tour.person("mira", "/models/basislinie-deutsch/")
    page.click("main a[href$='/request/']")
    page.click("main form[method=post] button.kern-btn--primary")
    page.wait_for_url("**/evaluations/*-*/")
    tour.wait(page, lambda: not page.locator("[hx-trigger*='every']").count())
    tour.picture(page, "5-lauf", height=700)


def publish(tour: Tour) -> None:
    page = tour.person("tariq", "/hub/")
    page.click("main a[href^='/hub/plans/'] >> nth=0")
    confirm(page, "/approve/")
    page.wait_for_url("**/hub/publications/*/")
    tour.wait(page, lambda: not page.locator("[hx-trigger*='every']").count())
    tour.picture(page, "6-veroeffentlicht", height=900)


def report(tour: Tour) -> None:
    page = tour.person("frank", "/reports/")
    page.click("main a[href^='/reports/awards/'] >> nth=0")
    drawn(page)
    tour.picture(page, "7-bericht", height=1500)
    with page.expect_download() as download:
        page.click("main a[href*='.pdf']")
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


def look_back(tour: Tour) -> None:
    page = tour.person("anke", "/models/basislinie-deutsch/")
    tour.picture(page, "8-faden", height=520)


STEPS: tuple[Callable[[Tour], None], ...] = (
    *(submit_use_case, triage, vote, start_project),
    *(evaluate, publish, report, look_back),
)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url", help="address of a running demo")
    parser.add_argument("--step", type=int, choices=range(1, len(STEPS) + 1), help="only this step")
    options = parser.parse_args(argv)
    names = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        tour = Tour(browser, options.url)
        for number, step in enumerate(STEPS, 1):
            if options.step not in (None, number):
                continue
            sys.stderr.write(f"{number} {step.__name__.replace('_', ' ')}\n")
            try:
                step(tour)
            except Exception as error:
                raise SystemExit(f"Step {number} ({step.__name__}) failed: {error}") from error
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
