"""Who may do what: the one table of roles and permissions.

A permission is `<app>.<verb>_<noun>`; `view_`, `add_`, `change_` and `delete_` are the names that the admin asks for.
A permission that also depends on the object is narrowed by a predicate in `<app>/rules.py`.
"""

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.models import User


class Role(models.TextChoices):
    GUEST = "guest", _("Guest")
    STAKEHOLDER = "stakeholder", _("Stakeholder")
    VOTING_REPRESENTATIVE = "voting_representative", _("Voting representative")
    EXPERT_REVIEWER = "expert_reviewer", _("Expert reviewer")
    PROGRAMME_MANAGER = "programme_manager", _("Programme manager")
    GATE_PANEL = "gate_panel", _("Gate panel")
    PROJECT_LEAD = "project_lead", _("Schnellboot lead")
    FINANCE = "finance", _("Finance")
    COMPLIANCE = "compliance", _("Compliance and data protection")
    FUNDER = "funder", _("Funding body")
    AUDITOR = "auditor", _("Auditor")
    SYSADMIN = "sysadmin", _("System administrator")
    SERVICE = "service", _("Service account")


# Roles of CESAI itself: they see what firms keep from each other, but nobody's draft.
STAFF = frozenset(
    {
        Role.PROGRAMME_MANAGER,
        Role.FINANCE,
        Role.COMPLIANCE,
        Role.AUDITOR,
        Role.EXPERT_REVIEWER,
        Role.GATE_PANEL,
    }
)
# Roles that may enter the admin; what they see there follows from the table below.
ADMIN_ROLES = frozenset({Role.PROGRAMME_MANAGER, Role.FINANCE, Role.COMPLIANCE, Role.AUDITOR, Role.SYSADMIN})

_MANAGER = frozenset({Role.PROGRAMME_MANAGER})
_READERS = frozenset({Role.PROGRAMME_MANAGER, Role.AUDITOR})
_FINANCE = frozenset({Role.FINANCE})
_MONEY_READERS = frozenset({Role.FINANCE, Role.PROGRAMME_MANAGER, Role.AUDITOR})
_MEMBERS = frozenset({Role.STAKEHOLDER, Role.VOTING_REPRESENTATIVE, Role.PROJECT_LEAD})

PERMISSIONS: dict[str, frozenset[Role]] = {
    # accounts
    "accounts.view_user": frozenset({Role.SYSADMIN, Role.PROGRAMME_MANAGER, Role.AUDITOR}),
    "accounts.add_user": frozenset({Role.SYSADMIN}),
    "accounts.change_user": frozenset({Role.SYSADMIN}),
    "accounts.view_organisation": _READERS | {Role.SYSADMIN},
    "accounts.add_organisation": _MANAGER | {Role.SYSADMIN},
    "accounts.change_organisation": _MANAGER | {Role.SYSADMIN},
    "accounts.view_membership": _READERS | {Role.SYSADMIN},
    "accounts.add_membership": _MANAGER | {Role.SYSADMIN},
    "accounts.change_membership": _MANAGER | {Role.SYSADMIN},
    "accounts.view_staticpage": _READERS | {Role.SYSADMIN},
    "accounts.change_staticpage": _MANAGER | {Role.SYSADMIN},
    # activity
    "activity.view_event": _READERS | {Role.SYSADMIN},
    "activity.view_mail": _READERS | {Role.SYSADMIN},
    # portfolio: use cases
    "portfolio.submit_usecase": _MEMBERS,
    "portfolio.edit_usecase": _MEMBERS,
    "portfolio.triage_usecase": _MANAGER,
    "portfolio.view_usecase": _READERS | {Role.COMPLIANCE},
    "portfolio.change_usecase": _MANAGER,
    # portfolio: proposals
    "portfolio.propose_model": _MANAGER,
    "portfolio.view_modelproposal": _READERS | {Role.COMPLIANCE},
    "portfolio.change_modelproposal": _MANAGER,
    # portfolio: models and releases
    "portfolio.view_aimodel": _READERS | {Role.COMPLIANCE},
    "portfolio.change_aimodel": _MANAGER,
    "portfolio.add_modelrelease": _MANAGER,
    "portfolio.view_modelrelease": _READERS | {Role.COMPLIANCE},
    "portfolio.change_modelrelease": _MANAGER,
    # portfolio: projects and milestones
    "portfolio.start_project": _MANAGER,
    "portfolio.run_project": frozenset({Role.PROJECT_LEAD, Role.PROGRAMME_MANAGER}),
    "portfolio.view_project": _READERS | {Role.FINANCE},
    "portfolio.change_project": _MANAGER,
    "portfolio.view_milestone": _READERS,
    "portfolio.change_milestone": _MANAGER,
    # voting
    "voting.manage_round": _MANAGER,
    "voting.cast_ballot": frozenset({Role.VOTING_REPRESENTATIVE}),
    "voting.prepare_ballot": _MEMBERS,
    "voting.view_round": _READERS,
    "voting.add_round": _MANAGER,
    "voting.change_round": _MANAGER,
    "voting.view_rounditem": _READERS,
    "voting.view_roundvoter": _READERS,
    "voting.view_track": _READERS,
    "voting.view_delegation": _READERS,
    "voting.view_result": _READERS,
    "voting.view_resultitem": _READERS,
    "voting.view_trackresult": _READERS,
    "voting.view_succession": _READERS,
    "voting.view_importedelection": _READERS,
    "voting.view_objection": _READERS,
    "voting.change_objection": _MANAGER,
    "voting.file_objection": frozenset({Role.VOTING_REPRESENTATIVE}),
    "voting.view_chainrecord": _READERS,
    # evaluations
    "evaluations.request_run": _MANAGER,
    "evaluations.cancel_run": _MANAGER,
    "evaluations.decide_quarantine": _MANAGER,
    "evaluations.hand_in_result": _MANAGER,
    "evaluations.hand_in_reference": _MANAGER,
    "evaluations.import_scores": _MANAGER,
    "evaluations.view_decision": _READERS | {Role.SYSADMIN},
    "evaluations.view_enginecalibration": _READERS | {Role.SYSADMIN},
    "evaluations.view_releasereference": _READERS | {Role.SYSADMIN},
    "evaluations.view_importedreport": _READERS | {Role.SYSADMIN},
    "evaluations.read_log": _READERS | {Role.SYSADMIN, Role.PROJECT_LEAD, Role.EXPERT_REVIEWER},
    # Questions that everybody can read end up in training data, and then measure nothing.
    "evaluations.read_answers": _READERS | {Role.SYSADMIN, Role.PROJECT_LEAD, Role.EXPERT_REVIEWER},
    "evaluations.acknowledge_regression": _MANAGER | {Role.PROJECT_LEAD},
    "evaluations.view_regression": _READERS | {Role.SYSADMIN},
    "evaluations.view_engine": _READERS | {Role.SYSADMIN},
    "evaluations.add_engine": frozenset({Role.SYSADMIN}),
    "evaluations.change_engine": _MANAGER | {Role.SYSADMIN},
    "evaluations.view_gpuclass": _READERS | {Role.SYSADMIN, Role.FINANCE},
    "evaluations.add_gpuclass": frozenset({Role.SYSADMIN}),
    "evaluations.change_gpuclass": frozenset({Role.SYSADMIN}),
    "evaluations.view_gpuprice": _MONEY_READERS | {Role.SYSADMIN},
    "evaluations.add_gpuprice": _FINANCE,
    "evaluations.read_costs": _MONEY_READERS | {Role.PROJECT_LEAD},
    "evaluations.set_budget": _MANAGER | _FINANCE,
    "evaluations.view_computebudget": _MONEY_READERS,
    "evaluations.add_computebudget": _MANAGER | _FINANCE,
    "evaluations.change_computebudget": _MANAGER | _FINANCE,
    "evaluations.view_suite": _READERS | {Role.SYSADMIN},
    "evaluations.view_suiteversion": _READERS | {Role.SYSADMIN},
    "evaluations.view_run": _READERS | {Role.SYSADMIN},
    # hub
    "hub.plan_publication": _MANAGER,
    "hub.approve_publication": _MANAGER,
    "hub.read_plan": _READERS | {Role.COMPLIANCE},
    "hub.view_connection": _READERS | {Role.SYSADMIN},
    "hub.add_connection": frozenset({Role.SYSADMIN}),
    "hub.change_connection": frozenset({Role.SYSADMIN}),
    "hub.view_target": _READERS | {Role.COMPLIANCE},
    "hub.view_plan": _READERS | {Role.COMPLIANCE},
    "hub.view_publication": _READERS | {Role.COMPLIANCE},
    # funding
    "funding.read": _MONEY_READERS | {Role.FUNDER},
    "funding.book_entry": _FINANCE,
    "funding.view_programme": _MONEY_READERS,
    "funding.add_programme": _FINANCE,
    "funding.change_programme": _FINANCE,
    "funding.view_award": _MONEY_READERS,
    "funding.add_award": _FINANCE,
    "funding.change_award": _FINANCE,
    "funding.view_financeplanversion": _MONEY_READERS,
    "funding.add_financeplanversion": _FINANCE,
    "funding.change_financeplanversion": _FINANCE,
    "funding.view_plannedamount": _MONEY_READERS,
    "funding.add_plannedamount": _FINANCE,
    "funding.change_plannedamount": _FINANCE,
    "funding.delete_plannedamount": _FINANCE,
    "funding.view_budgetline": _MONEY_READERS,
    "funding.add_budgetline": _FINANCE,
    "funding.change_budgetline": _FINANCE,
    "funding.view_computeallotment": _MONEY_READERS,
    "funding.add_computeallotment": _FINANCE,
    "funding.change_computeallotment": _FINANCE,
    "funding.view_entry": _MONEY_READERS,
    "funding.view_rulepack": _MONEY_READERS,
    "funding.add_rulepack": _FINANCE,
    "funding.change_rulepack": _FINANCE,
    "funding.view_rulepackversion": _MONEY_READERS,
    "funding.add_rulepackversion": _FINANCE,
    "funding.change_rulepackversion": _FINANCE,
    # reports
    "reports.read": _MONEY_READERS | {Role.FUNDER},
}


def permissions_of(roles: frozenset[Role]) -> frozenset[str]:
    """Every permission that one of `roles` grants."""
    return frozenset(name for name, holders in PERMISSIONS.items() if holders & roles)


# Roles of people outside CESAI that a programme manager may give.
_ADMITTED = frozenset(
    {Role.GUEST, Role.STAKEHOLDER, Role.VOTING_REPRESENTATIVE, Role.PROJECT_LEAD, Role.EXPERT_REVIEWER}
)


def grantable_by(user: "User") -> list[Role]:
    """Roles that `user` may give to others: all for the administrator, those of firms and reviewers for a manager."""
    if user.is_superuser or user.has_role(Role.SYSADMIN):
        return list(Role)
    return [role for role in Role if role in _ADMITTED] if user.has_role(Role.PROGRAMME_MANAGER) else []
