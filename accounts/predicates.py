"""Predicates that every app's `rules.py` builds on."""

import rules

from accounts.models import User
from accounts.roles import permissions_of


def holds(permission: str) -> rules.Predicate:
    """The role part of a permission, straight from the table: asking `has_perm` here would ask in a circle."""

    def role_grants(user: User) -> bool:
        return user.is_active and (user.is_superuser or permission in permissions_of(user.roles))

    return rules.Predicate(role_grants, name=f"holds {permission}")
