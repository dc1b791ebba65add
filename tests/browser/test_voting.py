"""Voting in a real browser: the live counter, and the same ballot without JavaScript."""

import pytest

from voting import demo
from voting.models import Round


@pytest.fixture
def open_ballot(site, django_db_blocker) -> str:
    with django_db_blocker.unblock():
        return f"/voting/{Round.objects.get(title=demo.OPEN).slug}/ballot/"


def test_the_counter_follows_what_is_ticked(visit, open_ballot):
    page = visit("stefan").open(open_ballot)
    assert "0 gewählt, 3 fehlen noch." in page.locator("#counter").inner_text()
    page.locator("input[name=approvals]").nth(0).check()
    page.get_by_text("1 gewählt, 2 fehlen noch.").wait_for()
    # By keyboard: the second box gets the focus with Tab (past the link to the proposal) and is ticked with Space.
    page.locator("input[name=approvals]").nth(1).focus()
    page.keyboard.press("Space")
    page.get_by_text("2 gewählt, 1 fehlt noch.").wait_for()
    assert page.locator("input[name=approvals]:checked").count() == 2


def test_a_ballot_is_cast_without_javascript(visit, open_ballot):
    page = visit("ines", javascript=False).open(open_ballot)
    assert page.locator("input[name=approvals]:checked").count() == 3
    page.locator("input[name=approvals]:checked").first.uncheck()
    page.get_by_role("button", name="Stimmzettel abgeben").click()
    assert page.get_by_text("Sie haben 2 gewählt.").first.is_visible()
    assert page.locator("input[name=approvals]:checked").count() == 2
    for box in page.locator("input[name=approvals]").all():
        box.check()
    page.get_by_role("button", name="Stimmzettel abgeben").click()
    assert page.get_by_text("Fassung 2").first.is_visible()


def test_a_receipt_is_recomputed_in_the_browser(visit, django_db_blocker):
    with django_db_blocker.unblock():
        slug = Round.objects.get(title=demo.DECIDED).slug
    page = visit("jonas").open(f"/voting/{slug}/receipt/1/")
    line = page.locator("#line ~ p code").first.inner_text()
    page.goto(page.url.replace("receipt/1/", "board/check/"))
    page.get_by_label("Der Text Ihrer Quittung").fill(line)
    page.get_by_role("button", name="Hash nachrechnen").click()
    page.get_by_text("Dieser Hash steht auf der Tafel, Eintrag Nummer").wait_for()
    page.get_by_label("Der Text Ihrer Quittung").fill(line.replace("1", "2"))
    page.get_by_role("button", name="Hash nachrechnen").click()
    page.get_by_text("Dieser Hash steht nicht auf der Tafel.").wait_for()


def test_the_check_of_a_receipt_explains_itself_without_javascript(visit, django_db_blocker):
    with django_db_blocker.unblock():
        slug = Round.objects.get(title=demo.DECIDED).slug
    page = visit("gast", javascript=False).open(f"/voting/{slug}/board/check/")
    assert page.get_by_text("sha256sum receipt.txt").is_visible()
    assert not page.locator("#receipt-check").is_visible()
