"""Many ballots at once through the web server that the portal is started with."""

import os
from collections import Counter

import pytest
from django.db import connection

from accounts import demo
from benchmarks.ballots import storm, web_server
from benchmarks.ballots_portal import inspect, sessions_of
from tests.voting.factories import codes_of, make_firm, make_open_round

ORGANISATIONS = 20
CASTS = 5


@pytest.mark.django_db(transaction=True)
def test_every_cast_at_the_same_instant_is_kept_and_one_ballot_counts():
    people = demo.load(password=None)
    firms = [make_firm(f"Firma {number}") for number in range(ORGANISATIONS)]
    voting_round = make_open_round(people)
    settings = connection.settings_dict
    host, name = settings["HOST"], settings["NAME"]
    environment = os.environ | {
        "DATABASE_URL": f"postgresql://{settings['USER']}@/{name}?host={host}",
        "CESAI_PROCESS": "web",
        "LOG_LEVEL": "CRITICAL",
        "DEMO": "true",
    }
    with web_server(environment) as port:
        outcome = storm(port, voting_round.slug, sessions_of(firms), codes_of(voting_round), CASTS)
    assert outcome.statuses == Counter({302: ORGANISATIONS * CASTS})
    after = inspect(voting_round.slug)
    assert after["current"] == ORGANISATIONS
    assert after["versions"] == after["records"] == ORGANISATIONS * CASTS
    assert after["flaws"] == 0
