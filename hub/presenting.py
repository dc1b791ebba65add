"""Plans and publications as pages show them."""

from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from accounts.models import User
from hub.kinds import ErrorKind
from hub.models import Plan, Publication, Target
from hub.plan import Action, SyncPlan
from hub.sentences import BLOCKERS, FAILURES, OPERATIONS

TONES = {Action.DELETE: "danger", Action.REPLACE: "warning", Action.ADOPT: "warning", Action.HIDE: "warning"}


@dataclass(frozen=True)
class OperationRow:
    label: Any
    what: str
    size: str
    tone: str


def failure(kind: str) -> Any:
    """What happened and what to do, for a kind of error; empty without one."""
    return FAILURES[ErrorKind(kind)] if kind else ""


def operations(sync: SyncPlan) -> list[OperationRow]:
    return [
        OperationRow(
            OPERATIONS[operation.action],
            operation.path or _shown(sync, operation.action, operation.value),
            filesizeformat(operation.size) if operation.action in (Action.ADD, Action.REPLACE) else "",
            TONES.get(operation.action, "neutral"),
        )
        for operation in sync.operations
    ]


def _shown(sync: SyncPlan, action: Action, value: str) -> str:
    if action is Action.GATE:
        return str(Target.Gating(value).label)
    return sync.repo_id if action in (Action.PUBLISH, Action.HIDE, Action.ADOPT) else value


def settings_rows(sync: SyncPlan) -> list[tuple[Any, Any, Any]]:
    """(setting, before, after) in words."""
    names = {"visibility": (_("Visibility"), Target.Visibility), "gated": (_("Access"), Target.Gating)}
    return [(names[n][0], names[n][1](a).label, names[n][1](b).label) for n, a, b in sync.settings]


def plan_page(plan: Plan, user: User) -> dict[str, Any]:
    """Context of the plan's page."""
    sync = plan.sync_plan() if plan.content else None
    own = plan.four_eyes and plan.created_by_id == user.pk
    waits = plan.state == Plan.State.READY and user.has_perm("hub.approve_publication")
    blockers = [BLOCKERS[blocker] for blocker in sync.blockers] if sync else []
    return {
        "plan": plan,
        "sync": sync,
        "publication": getattr(plan, "publication", None),
        "operations": operations(sync) if sync else [],
        "settings_rows": settings_rows(sync) if sync else [],
        "blockers": blockers,
        "card": plan.generated.get("README.md", ""),
        "failure": failure(plan.error_kind),
        "may_approve": waits and not own and not blockers and not plan.is_expired,
        "second_person_needed": waits and own,
        "may_discard": plan.state in (Plan.State.PREPARING, Plan.State.READY)
        and user.has_perm("hub.plan_publication"),
        "may_plan": user.has_perm("hub.plan_publication"),
    }


def publication_page(publication: Publication, user: User) -> dict[str, Any]:
    """Context of the publication's page and of its self-renewing part."""
    steps = list(Publication.Step)
    reached = steps.index(Publication.Step(publication.step))
    may_plan = user.has_perm("hub.plan_publication")
    failed = publication.state == Publication.State.FAILED
    return {
        "publication": publication,
        "plan": publication.plan,
        "target": publication.plan.target,
        "steps": [
            {"label": step.label, "state": _step_state(index, reached, publication)}
            for index, step in enumerate(steps[:-1])
        ],
        "failure": failure(publication.error_kind),
        "waits_for_token": publication.state == Publication.State.QUEUED
        and publication.plan.target.connection.refused_at is not None,
        "may_retry": may_plan and publication.may_be_retried,
        "may_replan": may_plan and failed,
        "may_read_plan": user.has_perm("hub.read_plan"),
    }


def _step_state(index: int, reached: int, publication: Publication) -> str:
    if publication.state == Publication.State.PUBLISHED or index < reached:
        return "done"
    return "current" if index == reached else "open"
