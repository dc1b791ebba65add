"""What stands against the next step of a round, on its page."""

from datetime import timedelta

from django.utils import timezone

from tests.voting.factories import make_round


def test_the_page_says_what_stands_against_the_next_step(client, cast, mira):
    made = make_round(cast, costs=(400, 400, 500))
    client.force_login(mira)
    page = client.get(made.get_absolute_url()).content.decode()
    assert "Not yet possible" in page
    assert "cost the same" in page


def test_a_draft_that_would_end_before_it_begins_says_so_beside_everything_else(client, cast, mira):
    made = make_round(cast, costs=(400, 400, 500), closes_at=timezone.now() - timedelta(days=1))
    client.force_login(mira)
    page = client.get(made.get_absolute_url()).text
    assert "needs a closing time that lies ahead" in page
    assert "cost the same" in page
