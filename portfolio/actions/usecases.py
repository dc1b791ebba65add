from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from activity.actions import record
from portfolio.actions import PortfolioRefused
from portfolio.actions.transitions import keep, move
from portfolio.models import UseCase
from portfolio.models.code import next_code

CONTENT_FIELDS = (
    "title",
    "problem",
    "benefit",
    "data_available",
    "domain",
    "goals",
    "expected_value_cents",
    "confidentiality",
    "language",
)


@transaction.atomic
def draft_usecase(*, by: User, organisation: Organisation, **content: Any) -> UseCase:
    """A new draft of `organisation`, visible to it alone."""
    if organisation not in by.organisations:
        raise PortfolioRefused(
            _("You can submit use cases only for your own organisation."), field="organisation"
        )
    use_case = UseCase.objects.create(
        code=next_code("AF"), organisation=organisation, submitter=by, **content
    )
    record(by, "portfolio.usecase_drafted", use_case)
    return use_case


@transaction.atomic
def edit_usecase(*, by: User, use_case: UseCase, **content: Any) -> None:
    """Changes the content of a draft, or of a use case that CESAI has a question about."""
    if not use_case.is_editable:
        raise PortfolioRefused(
            _("This use case has been submitted; CESAI reads this text now. Withdraw it to change it.")
        )
    for name, value in content.items():
        setattr(use_case, name, value)
    keep(use_case, content)


@transaction.atomic
def submit_usecase(*, by: User, use_case: UseCase) -> None:
    """Hands the use case in; from a question of CESAI it goes back with the answer."""
    use_case.submitted_at = timezone.now()
    move(use_case, "to_submitted", update_fields=["submitted_at"])
    record(by, "portfolio.usecase_submitted", use_case)


@transaction.atomic
def withdraw_usecase(*, by: User, use_case: UseCase) -> None:
    if use_case.proposals.exists():
        raise PortfolioRefused(_("A model proposal already builds on this use case; please write to CESAI."))
    move(use_case, "to_withdrawn")
    record(by, "portfolio.usecase_withdrawn", use_case)


@transaction.atomic
def take_into_triage(*, by: User, use_case: UseCase) -> None:
    move(use_case, "to_triage")
    record(by, "portfolio.usecase_in_triage", use_case)


def _say(by: User, use_case: UseCase, transition: str, verb: str, reason: str) -> None:
    if not reason.strip():
        raise PortfolioRefused(
            _("Please give the reason in words: the submitter will read it."), field="reason"
        )
    use_case.reason = reason.strip()
    move(use_case, transition, update_fields=["reason"])
    record(by, verb, use_case, reason=use_case.reason)


@transaction.atomic
def ask_submitter(*, by: User, use_case: UseCase, question: str) -> None:
    """Sends the use case back with a question; the submitter may edit and submit again."""
    _say(by, use_case, "to_query", "portfolio.usecase_queried", question)


@transaction.atomic
def defer_usecase(*, by: User, use_case: UseCase, reason: str) -> None:
    _say(by, use_case, "to_deferred", "portfolio.usecase_deferred", reason)


@transaction.atomic
def reject_usecase(*, by: User, use_case: UseCase, reason: str) -> None:
    _say(by, use_case, "to_rejected", "portfolio.usecase_rejected", reason)
