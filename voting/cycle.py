"""Where a round stands, what is missing and what comes next: for the page of the round and for the dashboard."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voting.actions import VoteRefused
from voting.actions.electorate import eligible
from voting.actions.moments import moment
from voting.costing import advice, check_end, check_items, check_share, pots
from voting.models import Objection, Round, RoundItem

Phase = Round.Phase

STAGES: tuple[tuple[Any, tuple[Phase, ...]], ...] = (
    (gettext_lazy("Draft"), (Phase.DRAFT,)),
    (gettext_lazy("Rules"), (Phase.PUBLISHED,)),
    (gettext_lazy("Proposals and costs"), (Phase.COSTED,)),
    (gettext_lazy("Ballot paper"), (Phase.AHEAD,)),
    (gettext_lazy("Voting"), (Phase.OPEN, Phase.OVER)),
    (gettext_lazy("Count"), (Phase.COUNTING,)),
    (gettext_lazy("Objections"), (Phase.COUNTED,)),
    (gettext_lazy("Final"), (Phase.FINAL,)),
)


@dataclass(frozen=True)
class Step:
    """The next step. With a `question` a button that asks first, else a button; without `posts` a link to a page."""

    label: str
    url: str
    question: str = ""
    posts: bool = True


@dataclass(frozen=True)
class Situation:
    """`says`: what happens now, in a sentence. `missing`: what stands against the next step. `hint`: worth a thought."""

    says: str
    missing: str = ""
    hint: str = ""
    step: Step | None = None


def stages(voting_round: Round) -> list[dict[str, Any]]:
    """The stepper of a round; empty for one that was cancelled."""
    phase = voting_round.phase
    places = [place for place, (_label, phases) in enumerate(STAGES) if phase in phases]
    if not places:
        return []
    # A final round has nothing left to do: its last step is done, too.
    here = places[0] + (phase == Phase.FINAL)
    return [
        {"label": label, "state": "done" if place < here else "current" if place == here else "open"}
        for place, (label, _phases) in enumerate(STAGES)
    ]


def situation(voting_round: Round, items: Sequence[RoundItem], objections: Sequence[Objection]) -> Situation:
    """What a manager has to know and can do. Two statements at most, none once the electorate is fixed."""
    match voting_round.phase:
        case Phase.DRAFT | Phase.PUBLISHED | Phase.COSTED:
            return _before_freeze(voting_round, items)
        case Phase.AHEAD:
            assert voting_round.opens_at is not None
            return Situation(
                _("Everything is fixed. The voting opens by itself on %(when)s.")
                % {"when": moment(voting_round.opens_at)}
            )
        case Phase.OPEN:
            assert voting_round.closes_at is not None
            return Situation(
                _(
                    "Organisations are voting. The voting ends by itself on %(when)s; nobody sees a count before."
                )
                % {"when": moment(voting_round.closes_at)}
            )
        case Phase.OVER:
            return Situation(
                _(
                    "The time is over; no ballot is taken any more. The portal closes the round within a minute."
                ),
                step=_post(voting_round, _("Close the round"), "voting:round_close"),
            )
        case Phase.COUNTING:
            return Situation(
                _("The chain is sealed. A result counts only if two independent programs agree on it."),
                step=_post(voting_round, _("Count now"), "voting:round_tally"),
            )
        case Phase.COUNTED:
            return _objection_period(voting_round, objections)
        case Phase.CANCELLED:
            return Situation(_("This round was cancelled."))
    return Situation(
        _(
            "The result is final, and the proof kit is archived. Projects start from the pages of the chosen proposals."
        )
    )


def _before_freeze(voting_round: Round, items: Sequence[RoundItem]) -> Situation:
    voters = eligible()
    shared = pots(voting_round, items, voters)
    says, label, name, question = {
        Phase.DRAFT: (
            _("Only programme management sees the draft."),
            _("Publish the rules"),
            "voting:round_publish",
            _("Rule, budget, dates and objection period are fixed from then on, and members see the round."),
        ),
        Phase.PUBLISHED: (
            _("The rules are fixed. Proposals can still come and go."),
            _("Confirm proposals and costs"),
            "voting:round_confirm",
            _("No proposal and no cost can be changed from then on."),
        ),
        Phase.COSTED: (
            _("Rules, proposals and costs are fixed. %(voters)s organisations would vote today.")
            % {"voters": len(voters)},
            _("Freeze the ballot paper"),
            "voting:round_freeze",
            _(
                "The list of the organisations that vote is fixed from then on, and the voting opens at its time."
            ),
        ),
    }[voting_round.phase]
    clock = voting_round.clock  # type: ignore[attr-defined]
    obstacles = []
    for check in (
        lambda: check_end(voting_round, clock),
        lambda: check_items(voting_round, items),
        lambda: check_share(shared),
    ):
        try:
            check()
        except VoteRefused as refusal:
            obstacles.append(str(refusal))
    missing = " ".join(obstacles)
    return Situation(says, missing, advice(voting_round, shared), _post(voting_round, label, name, question))


def _objection_period(voting_round: Round, objections: Sequence[Objection]) -> Situation:
    assert voting_round.objections_until is not None
    until = {"when": moment(voting_round.objections_until)}
    waiting = next((each for each in objections if each.status == Objection.Status.OPEN), None)
    if waiting is not None:
        url = reverse("voting:objection_decide", args=[voting_round.slug, waiting.number])
        step = Step(_("Decide objection %(number)s") % {"number": waiting.number}, url, posts=False)
        return Situation(_("An objection waits for its decision."), step=step)
    if any(each.status == Objection.Status.UPHELD for each in objections):
        url = reverse("voting:round_cancel", args=[voting_round.slug])
        return Situation(
            _("An objection was upheld; this result can not become final."),
            step=Step(_("Cancel the round"), url, posts=False),
        )
    if voting_round.clock < voting_round.objections_until:  # type: ignore[attr-defined]
        return Situation(
            _("Objections are possible until %(when)s. After that the result becomes final by itself.")
            % until
        )
    return Situation(
        _("The objection period ended on %(when)s. The portal makes the result final within a minute.")
        % until,
        step=_post(voting_round, _("Make the result final"), "voting:round_finalise"),
    )


def _post(voting_round: Round, label: str, name: str, question: str = "") -> Step:
    return Step(label, reverse(name, args=[voting_round.slug]), question)
