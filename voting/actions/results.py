"""Counting a round, and what follows from it."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import asdict

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from activity.actions import record
from portfolio.actions.proposals import prioritise, take_off_ballot
from voting import chain, kit
from voting import tally as engine
from voting.actions import VoteRefused
from voting.actions.chain import append
from voting.models import Ballot, ProofKit, Result, ResultItem, Round, RoundItem
from voting.tally import reference
from voting.tally.explain import Explanation, explain
from voting.tally.robust import Robustness, robustness


def election_of(voting_round: Round) -> engine.Election:
    """The round as the tally reads it: items by code, the current ballot of each organisation that voted."""
    codes = dict(voting_round.items.values_list("pk", "code"))
    ballots = Ballot.objects.filter(voter__round=voting_round).current().values_list("voter_id", "approvals")
    return engine.Election(
        budget=voting_round.budget,
        items=tuple(engine.Item(code, cost) for code, cost in voting_round.items.values_list("code", "cost")),
        ballots=tuple(
            engine.Ballot(str(voter), tuple(codes[key] for key in approvals)) for voter, approvals in ballots
        ),
    )


def tally_round(*, by: User | None, voting_round: Round) -> Result:
    """Counts a closed round with both engines, keeps the result and lets the winners go on.

    Winning proposals become prioritised, the others return to review. Counting twice gives the result of the
    first time. Raises VoteRefused when the engines disagree or a tie has no answer: then there is no result.
    """
    voting_round.refresh_from_db()
    if voting_round.status == Round.Status.TALLIED:
        return voting_round.result
    if voting_round.status != Round.Status.CLOSED:
        raise VoteRefused(_("The round is not closed yet."))
    # Outside the transaction: a closed round takes no ballots, so nothing can change while it is counted.
    election = election_of(voting_round)
    try:
        outcome = engine.tally(election, voting_round.rule, voting_round.utility)
        reference.confirm(election, outcome)
    except engine.TallyError as error:
        raise VoteRefused(_("The count gives no result: %(reason)s") % {"reason": error}) from error
    proof = _proof(voting_round, election, outcome)
    explained = explain(election, outcome)
    repeated = robustness(election, outcome)
    with transaction.atomic():
        locked = Round.objects.select_for_update().get(pk=voting_round.pk)
        if locked.status == Round.Status.TALLIED:
            return locked.result
        result = keep_result(
            locked, election, outcome, confirmed=True, explained=explained, repeated=repeated
        )
        if proof is not None:
            proof.save()
        for item in locked.items.select_related("proposal"):
            if item.proposal is not None:
                follow = prioritise if item.code in outcome.winners else take_off_ballot
                follow(by=by, proposal=item.proposal)
        locked.move_to(Round.Status.TALLIED)
        append(
            locked,
            chain.RESULT,
            winners=list(outcome.winners),
            spent=int(outcome.spent),
            endowment=outcome.endowment or "0",
            runs=outcome.runs,
            ballots=outcome.voters,
        )
        record(by, "voting.round_tallied", locked, winners=list(outcome.winners), spent=int(outcome.spent))
    return result


def keep_result(
    voting_round: Round,
    election: engine.Election,
    outcome: engine.Result,
    *,
    confirmed: bool,
    explained: Sequence[Explanation] = (),
    repeated: Robustness | None = None,
) -> Result:
    """Writes the outcome, with the comparison to "most votes first". The caller holds the transaction."""
    greedy = set(engine.tally(election, engine.Rule.GREEDY, voting_round.utility).winners)
    winners = set(outcome.winners)
    result = Result.objects.create(
        round=voting_round,
        voters=outcome.voters,
        spent=int(outcome.spent),
        endowment=outcome.endowment or "",
        runs=outcome.runs,
        served=_served(election, winners),
        served_greedy=_served(election, greedy),
        confirmed=confirmed,
        robustness=asdict(repeated) if repeated else None,
    )
    items = {item.code: item for item in RoundItem.objects.filter(round=voting_round)}
    votes = election.votes()
    steps = {step.item: (place, step) for place, step in enumerate(outcome.steps, start=1)}
    left = {lost.item: lost.money_left for lost in outcome.losers}
    reasons = {each.item: asdict(each) for each in explained}
    rows = []
    for code, item in items.items():
        place, step = steps.get(code, (None, None))
        rows.append(
            ResultItem(
                result=result,
                item=item,
                votes=votes[code],
                won=code in winners,
                step=place,
                price=step.price if step else "",
                payers=step.payers if step else None,
                effective_votes=step.effective_votes if step else "",
                money_left=left.get(code, ""),
                won_greedy=code in greedy,
                explanation=reasons.get(code),
            )
        )
    ResultItem.objects.bulk_create(rows)
    return result


def _proof(voting_round: Round, election: engine.Election, outcome: engine.Result) -> ProofKit | None:
    """The kit of a round that it can prove; the random secret makes pseudonyms that lead nowhere."""
    if (outcome.rule, outcome.utility) != (engine.Rule.ADD1, engine.Utility.COST):
        return None
    assert voting_round.opens_at is not None
    assert voting_round.closes_at is not None
    frame = kit.Frame(
        title=voting_round.title,
        unit=voting_round.unit,
        minimum_approvals=voting_round.minimum_approvals,
        opens_at=voting_round.opens_at.isoformat(),
        closes_at=voting_round.closes_at.isoformat(),
        titles=dict(voting_round.items.values_list("code", "title")),
    )
    secret = secrets.token_bytes(32)
    data = kit.build(frame, election, outcome, secret)
    return ProofKit(
        round=voting_round,
        data=data,
        sha256=hashlib.sha256(data).hexdigest(),
        closing=kit.closing_of(data),
        secret=secret,
    )


def _served(election: engine.Election, winners: set[str]) -> int:
    return sum(
        any(
            code in winners and (not ballot.points or ballot.points[place] > 0)
            for place, code in enumerate(ballot.items)
        )
        for ballot in election.ballots
    )
