from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from activity.actions import record
from portfolio.actions import PortfolioRefused
from portfolio.actions.transitions import move
from portfolio.models import ModelProposal, UseCase
from portfolio.models.code import next_code


@transaction.atomic
def propose_model(*, by: User, use_cases: Sequence[UseCase], **content: Any) -> ModelProposal:
    """A proposal that covers `use_cases`, under review at once; each of them becomes assessed.

    `content` holds the proposal's own fields; `cost_gpu_hours` and `cost_cents` must be positive.
    """
    if not use_cases:
        raise PortfolioRefused(_("A proposal covers at least one use case."), field="use_cases")
    if content.get("cost_gpu_hours", 0) <= 0:
        raise PortfolioRefused(_("The cost in GPU-hours must be more than nothing."), field="cost_gpu_hours")
    if content.get("cost_cents", 0) <= 0:
        raise PortfolioRefused(_("The cost in euro must be more than nothing."), field="cost_cents")
    proposal = ModelProposal.objects.create(code=next_code("MV"), created_by=by, **content)
    proposal.use_cases.set(use_cases)
    for use_case in use_cases:
        if use_case.status != UseCase.Status.ASSESSED:
            move(use_case, "to_assessed")
            record(by, "portfolio.usecase_assessed", use_case, proposal=proposal.code)
    move(proposal, "to_review")
    record(by, "portfolio.proposal_created", proposal)
    return proposal


@transaction.atomic
def put_on_ballot(*, by: User, proposal: ModelProposal) -> None:
    """An open round asks for the proposal."""
    move(proposal, "to_ballot")
    record(by, "portfolio.proposal_on_ballot", proposal)


@transaction.atomic
def take_off_ballot(*, by: User | None, proposal: ModelProposal) -> None:
    """The round did not choose it; it stays under review and may stand again."""
    move(proposal, "off_ballot")
    record(by, "portfolio.proposal_not_chosen", proposal)


@transaction.atomic
def prioritise(*, by: User | None, proposal: ModelProposal) -> None:
    """The proposal won its round."""
    move(proposal, "to_prioritised")
    record(by, "portfolio.proposal_prioritised", proposal)


@transaction.atomic
def move_up(*, by: User, proposal: ModelProposal, reason: str) -> None:
    """The proposal is prioritised although another won: money of its round is left or became free."""
    why = _required(reason)
    move(proposal, "to_moved_up")
    record(by, "portfolio.proposal_moved_up", proposal, reason=why)


@transaction.atomic
def give_up(*, by: User, proposal: ModelProposal, reason: str) -> None:
    """A prioritised proposal is not commissioned; it is deferred and may stand again."""
    proposal.reason = _required(reason)
    move(proposal, "to_given_up", update_fields=["reason"])
    record(by, "portfolio.proposal_given_up", proposal, reason=proposal.reason)


@transaction.atomic
def defer_proposal(*, by: User, proposal: ModelProposal, reason: str) -> None:
    proposal.reason = _required(reason)
    move(proposal, "to_deferred", update_fields=["reason"])
    record(by, "portfolio.proposal_deferred", proposal, reason=proposal.reason)


@transaction.atomic
def reject_proposal(*, by: User, proposal: ModelProposal, reason: str) -> None:
    proposal.reason = _required(reason)
    move(proposal, "to_rejected", update_fields=["reason"])
    record(by, "portfolio.proposal_rejected", proposal, reason=proposal.reason)


def _required(reason: str) -> str:
    if not reason.strip():
        raise PortfolioRefused(_("Please give the reason in words."), field="reason")
    return reason.strip()
