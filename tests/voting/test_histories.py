"""Whatever happened before the end: recomputing from what is exported gives the published result."""

import json

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.voting.factories import close, codes_of, make_firm, make_open_round
from voting import tally as engine
from voting.actions import VoteRefused
from voting.actions.ballots import cast_ballot
from voting.actions.delegations import accept_delegation, ask_delegate, revoke_delegation
from voting.actions.drafts import release_draft, save_draft
from voting.actions.results import tally_round
from voting.models import Ballot, Delegation, Round, RoundVoter
from voting.receipts import receipt_of
from voting.tally import reference

FIRMS = 11
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["cast", "draft", "release", "ask", "accept", "revoke"]),
        st.integers(0, FIRMS - 1),
        st.integers(0, FIRMS - 1),
        st.lists(st.integers(0, 5), min_size=4, max_size=4),
    ),
    max_size=25,
)


@pytest.fixture
def firms(cast):
    return [cast.leyla, cast.stefan, *(make_firm(f"Haus {number}") for number in range(FIRMS - 2))]


def step(voting_round, firms, kind, who, other, numbers):
    """One step of a history; steps that the rules refuse leave nothing behind."""
    by = firms[who]
    codes = codes_of(voting_round)
    if voting_round.asks_points:
        choice = {"points": dict(zip(codes, numbers, strict=True))}
    else:
        choice = {"approvals": [code for code, number in zip(codes, numbers, strict=True) if number]}
    if kind == "cast":
        cast_ballot(by=by, voting_round=voting_round, **choice)
    elif kind == "draft":
        save_draft(by=by, voting_round=voting_round, **choice)
    elif kind == "release":
        release_draft(by=by, voting_round=voting_round, revision=1)
    elif kind == "ask":
        holder = RoundVoter.objects.get(round=voting_round, organisation=firms[other].representing)
        ask_delegate(by=by, voting_round=voting_round, delegate=holder)
    else:
        standing = Delegation.objects.filter(
            round=voting_round, delegator__organisation=firms[other].representing
        )
        if delegation := standing.select_related("round").order_by("-pk").first():
            (accept_delegation if kind == "accept" else revoke_delegation)(by=by, delegation=delegation)


def recomputed(voting_round) -> list[str]:
    """The winners from the opened receipts alone, the last one of each pseudonym."""
    lines = [
        json.loads(receipt_of(ballot).line)
        for ballot in Ballot.objects.filter(voter__round=voting_round)
        .select_related("voter__round", "record")
        .order_by("record__sequence")
    ]
    last = {line["voter"]: line["choice"] for line in lines}
    items = tuple(engine.Item(code, cost) for code, cost in voting_round.items.values_list("code", "cost"))
    ballots = tuple(
        engine.Ballot(voter, tuple(choice["items"]), tuple(choice.get("points", ())))
        for voter, choice in last.items()
    )
    election = engine.Election(voting_round.budget, items, ballots)
    return sorted(reference.tally(election, voting_round.rule, voting_round.utility).winners)


@pytest.mark.parametrize("utility", [Round.Utility.COST, Round.Utility.POINTS])
def test_the_export_gives_the_published_result_after_any_history(cast, firms, utility):
    firms_now = firms

    @settings(
        max_examples=6,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(STEPS)
    def any_history(steps):
        with transaction.atomic():
            voting_round = make_open_round(cast, utility=utility, delegation=True)
            for each in steps:
                try:
                    with transaction.atomic():
                        step(voting_round, firms_now, *each)
                except VoteRefused:
                    continue
            close(voting_round, cast.mira)
            try:
                result = tally_round(by=cast.mira, voting_round=voting_round)
            except VoteRefused as refusal:
                if "tie" not in str(refusal):
                    raise
            else:
                published = result.items.filter(won=True).values_list("item__code", flat=True)
                assert recomputed(voting_round) == sorted(published)
                assert result.voters == Ballot.objects.filter(voter__round=voting_round).current().count()
            transaction.set_rollback(True)

    any_history()
