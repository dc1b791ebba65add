"""Permissions that also depend on the object: whose use case, whose project."""

import rules

from accounts.models import User
from accounts.predicates import holds
from accounts.roles import Role
from portfolio.models import Project, UseCase


@rules.predicate
def belongs_to_the_organisation(user: User, use_case: UseCase) -> bool:
    return any(each.pk == use_case.organisation_id for each in user.organisations)


@rules.predicate
def leads_or_manages(user: User, project: Project) -> bool:
    return project.lead_id == user.pk or user.has_role(Role.PROGRAMME_MANAGER)


rules.add_perm("portfolio.edit_usecase", holds("portfolio.edit_usecase") & belongs_to_the_organisation)
rules.add_perm("portfolio.run_project", holds("portfolio.run_project") & leads_or_manages)
