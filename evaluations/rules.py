"""Permissions that also depend on the object: whose model."""

import rules

from accounts.models import User
from accounts.predicates import holds
from accounts.roles import Role
from evaluations.models import Regression
from portfolio.models import Project


@rules.predicate
def answers_for_the_model(user: User, regression: Regression) -> bool:
    """Programme managers, and whoever leads a project of the model."""
    return user.has_role(Role.PROGRAMME_MANAGER) or (
        Project.objects.filter(model=regression.run.release.model_id, lead=user).exists()
    )


rules.add_perm(
    "evaluations.acknowledge_regression",
    holds("evaluations.acknowledge_regression") & answers_for_the_model,
)
