"""Proposals, rounds and ballots for tests, made through the portal's own actions."""

from datetime import timedelta
from itertools import count

import pgtrigger
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from accounts.roles import Role
from portfolio.actions.proposals import propose_model
from portfolio.actions.usecases import draft_usecase, submit_usecase
from portfolio.models import ModelProposal
from voting.actions.ballots import cast_ballot
from voting.actions.results import tally_round
from voting.actions.rounds import create_round
from voting.actions.steps import close_round, open_round
from voting.models import Round

_numbers = count(1)


def make_proposal(cast, cost: int, title: str = "") -> ModelProposal:
    number = next(_numbers)
    use_case = draft_usecase(
        by=cast.jonas,
        organisation=cast.brenner,
        title=f"Fall {number}",
        problem="Viele Dokumente",
        benefit="Zeit",
        domain="mechanical",
    )
    submit_usecase(by=cast.jonas, use_case=use_case)
    return propose_model(
        by=cast.mira,
        use_cases=[use_case],
        title=title or f"Vorschlag {number}",
        summary="Ein Modell",
        cost_gpu_hours=cost,
        cost_cents=cost * 1000,
    )


def make_round(cast, costs: tuple[int, ...] = (400, 500, 600, 700), **content) -> Round:
    now = timezone.now()
    defaults = {
        "title": f"Runde {next(_numbers)}",
        "question": "Welche Modelle?",
        "budget": 1200,
        "minimum_approvals": 3,
        "objection_days": 0,
        "opens_at": None,
        "closes_at": now + timedelta(days=7),
    }
    if "proposals" not in content:
        defaults["proposals"] = [make_proposal(cast, cost) for cost in costs]
    return create_round(by=cast.mira, **(defaults | content))


def make_open_round(cast, **content) -> Round:
    return open_round(by=cast.mira, voting_round=make_round(cast, **content))


def codes_of(voting_round: Round) -> list[str]:
    """Item codes, cheapest first."""
    return list(voting_round.items.order_by("cost").values_list("code", flat=True))


def vote(voting_round: Round, by: User, *places: int):
    codes = codes_of(voting_round)
    return cast_ballot(by=by, voting_round=voting_round, approvals=[codes[place] for place in places])


def end_voting(voting_round: Round) -> None:
    """Moves the announced end to a moment ago, as if the time had passed; outside of tests the database refuses it."""
    past = timezone.now() - timedelta(milliseconds=1)
    with pgtrigger.ignore("voting.Round:steps"):
        Round.objects.filter(pk=voting_round.pk).update(opens_at=past - timedelta(days=1), closes_at=past)


def close(voting_round: Round, by: User) -> Round:
    """Closes the round before its announced end."""
    return close_round(by=by, voting_round=voting_round, reason="Alle haben abgestimmt.")


def close_and_count(voting_round: Round, by: User) -> Round:
    """The same round with its result."""
    close(voting_round, by)
    tally_round(by=by, voting_round=voting_round)
    voting_round.refresh_from_db()
    return voting_round


def make_firm(name: str) -> User:
    """A further organisation with its voting representative."""
    number = next(_numbers)
    organisation = Organisation.objects.create(
        name=name, slug=f"firma-{number}", kind=Organisation.Kind.COMPANY, seat="Köln"
    )
    user = User.objects.create_user(
        f"vertretung-{number}@example.org", None, full_name=f"Vertretung {number}"
    )
    Membership.objects.create(user=user, organisation=organisation, role=Role.VOTING_REPRESENTATIVE)
    return user
