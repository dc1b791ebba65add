"""Counting what a round asked, track by track, and writing down what came out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Organisation
from voting import tally as engine
from voting.actions import VoteRefused
from voting.elections import elections_of, without_own
from voting.models import Purse, Result, ResultItem, Round, RoundItem, RoundVoter, Track, TrackResult
from voting.satisfaction import grouped, stored
from voting.tally import reference
from voting.tally.explain import Explanation, explain
from voting.tally.robust import Robustness, robustness
from voting.tally.story import Story, tell


@dataclass(frozen=True)
class Counted:
    """One election of a round and its outcome; `greedy` are the winners by most votes first."""

    track: Track | None
    election: engine.Election
    outcome: engine.Result
    greedy: frozenset[str]
    explained: Sequence[Explanation] = ()
    repeated: Robustness | None = None
    story: Story | None = None

    @property
    def winners(self) -> frozenset[str]:
        return frozenset(self.outcome.winners)


def count_round(voting_round: Round) -> list[Counted]:
    """Counts each election of the round with both engines. Raises VoteRefused when they disagree or a tie is left."""
    counted = []
    for track, election in elections_of(voting_round):
        try:
            outcome = engine.tally(election, voting_round.rule, voting_round.utility)
            reference.confirm(election, outcome)
        except engine.TallyError as error:
            raise VoteRefused(_("The count gives no result: %(reason)s") % {"reason": error}) from error
        counted.append(
            Counted(
                track,
                election,
                outcome,
                greedy_winners(election, voting_round.utility),
                explain(election, outcome),
                robustness(election, outcome),
                tell(election, outcome) if outcome.rule == engine.Rule.ADD1 else None,
            )
        )
    return counted


def greedy_winners(election: engine.Election, utility: str) -> frozenset[str]:
    return frozenset(engine.tally(election, engine.Rule.GREEDY, utility).winners)


def count_without_own(voting_round: Round, counted: Sequence[Counted]) -> dict[str, Any] | None:
    """What would have been funded if nobody had voted for own proposals; None where that count has no answer."""
    others, approvals = without_own(voting_round)
    real = {code for each in counted for code in each.winners}
    if not approvals:
        return {"approvals": 0, "gained": [], "lost": []}
    try:
        found = {
            code
            for _track, election in others
            for code in engine.tally(election, voting_round.rule, voting_round.utility).winners
        }
    except engine.TallyError:
        return None
    return {"approvals": approvals, "gained": sorted(found - real), "lost": sorted(real - found)}


def keep_counts(
    voting_round: Round,
    counted: Sequence[Counted],
    *,
    confirmed: bool,
    without_own: dict[str, Any] | None = None,
) -> Result:
    """Writes the outcome, with the comparison to "most votes first". The caller holds the transaction."""
    divided = any(each.track for each in counted)
    imported = voting_round.kind == Round.Kind.IMPORTED
    winners = {code for each in counted for code in each.winners}
    greedy = {code for each in counted for code in each.greedy}
    served = _served(counted, winners)
    voters = {str(voter.pk): voter for voter in RoundVoter.objects.filter(round=voting_round)}
    result = Result.objects.create(
        round=voting_round,
        voters=len({ballot.voter for each in counted for ballot in each.election.ballots}),
        spent=sum(int(each.outcome.spent) for each in counted),
        endowment="" if divided else counted[0].outcome.endowment or "",
        runs=sum(each.outcome.runs for each in counted),
        served=len(served),
        served_greedy=len(_served(counted, greedy)),
        confirmed=confirmed,
        robustness=_together([each.repeated for each in counted]),
        without_own=without_own,
        satisfaction=None if imported else _satisfaction(voters, counted, served),
        walk=None if imported else _walk(counted),
    )
    items = {item.code: item for item in RoundItem.objects.filter(round=voting_round)}
    for each in counted:
        part = None
        if each.track:
            part = TrackResult.objects.create(
                result=result,
                track=each.track,
                voters=each.outcome.voters,
                spent=int(each.outcome.spent),
                endowment=each.outcome.endowment or "",
                runs=each.outcome.runs,
            )
        ResultItem.objects.bulk_create(_rows(each, result, part, items))
        if not imported:
            Purse.objects.bulk_create(_purses(each, result, part, voters))
    return result


def sealed(counted: Sequence[Counted]) -> dict[str, Any]:
    """The result as its record in the chain says it; for a divided round also track by track."""
    outcomes = [each.outcome for each in counted]
    said = {
        "winners": [code for outcome in outcomes for code in outcome.winners],
        "spent": sum(int(outcome.spent) for outcome in outcomes),
        "endowment": (outcomes[0].endowment or "0") if len(outcomes) == 1 else "0",
        "runs": sum(outcome.runs for outcome in outcomes),
        "ballots": len({ballot.voter for each in counted for ballot in each.election.ballots}),
    }
    tracks = [
        {
            "id": each.track.code,
            "winners": list(each.outcome.winners),
            "spent": int(each.outcome.spent),
            "endowment": each.outcome.endowment or "0",
            "runs": each.outcome.runs,
            "ballots": each.outcome.voters,
        }
        for each in counted
        if each.track
    ]
    return said | ({"tracks": tracks} if tracks else {})


def _rows(
    each: Counted, result: Result, part: TrackResult | None, items: dict[str, RoundItem]
) -> Iterable[ResultItem]:
    outcome = each.outcome
    votes = each.election.votes()
    steps = {step.item: (place, step) for place, step in enumerate(outcome.steps, start=1)}
    left = {lost.item: lost.money_left for lost in outcome.losers}
    reasons = {explained.item: asdict(explained) for explained in each.explained}
    for item in each.election.items:
        place, step = steps.get(item.id, (None, None))
        yield ResultItem(
            result=result,
            part=part,
            item=items[item.id],
            votes=votes[item.id],
            won=item.id in each.winners,
            step=place,
            price=step.price if step else "",
            payers=step.payers if step else None,
            effective_votes=step.effective_votes if step else "",
            money_left=left.get(item.id, ""),
            won_greedy=item.id in each.greedy,
            explanation=reasons.get(item.id),
        )


def _together(repeated: Sequence[Robustness | None]) -> dict[str, Any] | None:
    """The repeated counts of all tracks as one: each item is in one track only."""
    made = [asdict(each) for each in repeated if each]
    if not made:
        return None
    wins = {code: times for each in made for code, times in each["wins"].items()}
    return made[0] | {"wins": wins}


def _purses(
    each: Counted, result: Result, part: TrackResult | None, voters: Mapping[str, RoundVoter]
) -> list[Purse]:
    """One for each voter of the election, by pseudonym: keys of rows must not follow the names of organisations."""
    share = Fraction(each.outcome.endowment or 0)
    purses = []
    for voter, paid in engine.payments(each.election, each.outcome).items():
        left = share - sum((Fraction(amount) for _, amount in paid), Fraction(0))
        purses.append(Purse(result=result, part=part, voter=voters[voter], paid=dict(paid), left=str(left)))
    return sorted(purses, key=lambda purse: purse.voter.pseudonym)


def _walk(counted: Sequence[Counted]) -> list[dict[str, Any]] | None:
    """`Result.walk`: what cannot be read off the items of a result."""
    told = []
    for each in counted:
        if each.story is None:
            return None
        full = {step.item: step.paid_in_full for step in each.outcome.steps}
        told.append({"track": each.track.code if each.track else None, "full": full} | asdict(each.story))
    return told


def _satisfaction(
    voters: Mapping[str, RoundVoter], counted: Sequence[Counted], served: set[str]
) -> dict[str, Any]:
    """`Result.satisfaction`, by the size classes of the frozen electorate."""
    voted = {ballot.voter for each in counted for ballot in each.election.ballots}
    present = {voter.size_class for voter in voters.values()}
    found = grouped(
        [(voters[key].size_class, key in served) for key in voted], Organisation.SizeClass.values, present
    )
    return stored(found)


def _served(counted: Sequence[Counted], winners: set[str]) -> set[str]:
    """Voters with at least one funded item, in whichever track."""
    return {
        ballot.voter
        for each in counted
        for ballot in each.election.ballots
        if any(
            code in winners and (not ballot.points or ballot.points[place] > 0)
            for place, code in enumerate(ballot.items)
        )
    }
