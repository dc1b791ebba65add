from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from activity.actions import record
from evaluations.actions import EvaluationRefused
from evaluations.models import ComputeBudget
from portfolio.models import Project


@transaction.atomic
def set_budget(*, by: User, project: Project, limit_cents: int, note: str = "") -> ComputeBudget:
    """The limit for all runs charged to `project`; it may lie below what is spent, which ends new requests."""
    budget = ComputeBudget.objects.filter(project=project).first() or ComputeBudget(project=project)
    budget.limit_cents, budget.note, budget.set_by = limit_cents, note.strip(), by
    try:
        budget.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise EvaluationRefused(messages[0], field=field) from error
    budget.save()
    record(by, "evaluations.budget_set", project, limit_cents=limit_cents)
    return budget
