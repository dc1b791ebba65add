"""The part of `benchmarks.ballots` that runs inside the portal: an open round before, and what stands there after."""

import json
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import django


def prepare(organisations: int) -> dict[str, Any]:
    """An open round with so many voters, a signed-in session for each, and the codes of its items."""
    from django.utils import timezone

    from accounts import demo
    from accounts.models import Membership, Organisation, User
    from accounts.roles import Role
    from portfolio.actions.proposals import propose_model
    from portfolio.actions.usecases import draft_usecase, submit_usecase
    from voting.actions.rounds import create_round
    from voting.actions.steps import open_round

    cast = demo.load(password=None)
    Membership.objects.filter(role=Role.VOTING_REPRESENTATIVE).delete()
    people = []
    for number in range(organisations):
        firm = Organisation.objects.create(
            name=f"Firma {number}", slug=f"firma-{number}", kind=Organisation.Kind.COMPANY, seat="Köln"
        )
        person = User.objects.create_user(f"firma-{number}@example.org", None, full_name=f"Person {number}")
        Membership.objects.create(user=person, organisation=firm, role=Role.VOTING_REPRESENTATIVE)
        people.append(person)
    proposals = []
    for number in range(12):
        use_case = draft_usecase(
            by=cast.jonas,
            organisation=cast.brenner,
            title=f"Fall {number}",
            problem="Viele Dokumente",
            benefit="Zeit",
            domain="mechanical",
        )
        submit_usecase(by=cast.jonas, use_case=use_case)
        cost = 4000 + number
        proposals.append(
            propose_model(
                by=cast.mira,
                use_cases=[use_case],
                title=f"Vorschlag {number}",
                summary="Ein Modell",
                cost_gpu_hours=cost,
                cost_cents=cost * 1000,
            )
        )
    drafted = create_round(
        by=cast.mira,
        title="Belastung",
        question="Welche Modelle?",
        budget=organisations * 1000,
        minimum_approvals=3,
        opens_at=None,
        closes_at=timezone.now() + timedelta(days=1),
        proposals=proposals,
    )
    opened = open_round(by=cast.mira, voting_round=drafted)
    return {
        "slug": opened.slug,
        "sessions": sessions_of(people),
        "codes": list(opened.items.values_list("code", flat=True)),
    }


def sessions_of(people: Sequence[Any]) -> list[str]:
    """A session key for each person, as signing in gives it."""
    from django.conf import settings
    from django.test import Client

    keys = []
    for person in people:
        client = Client()
        client.force_login(person)
        keys.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
    return keys


def inspect(slug: str) -> dict[str, int]:
    """What stands in the round: ballots that count, versions, records and flaws of the chain."""
    from voting import chain
    from voting.models import Ballot, ChainRecord, RoundVoter

    records = list(ChainRecord.objects.filter(round__slug=slug).order_by("sequence"))
    ballots = Ballot.objects.filter(voter__round__slug=slug)
    return {
        "voters": RoundVoter.objects.filter(round__slug=slug).count(),
        "current": ballots.current().count(),
        "versions": ballots.count(),
        "records": sum(record.kind == chain.BALLOT for record in records),
        "flaws": len(chain.verify(records)),
    }


if __name__ == "__main__":
    django.setup()
    answer = prepare(int(sys.argv[2])) if sys.argv[1] == "prepare" else inspect(sys.argv[2])
    sys.stdout.write(json.dumps(answer) + "\n")
