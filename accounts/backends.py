"""Sign-in, and permissions from roles: the table in `accounts/roles.py`, asked through `user.has_perm`."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.backends import BaseBackend
from django.db.models import Model

from accounts.roles import PERMISSIONS, permissions_of


class SignInBackend(AuthenticationBackend):
    """Who somebody is; never what they may do: Django's own permission rows are not used, so they are not read."""

    def has_perm(self, user_obj, perm: str, obj: Model | None = None) -> bool:
        return False

    def has_module_perms(self, user_obj, app_label: str) -> bool:
        return False

    def get_all_permissions(self, user_obj, obj: Model | None = None) -> set[str]:
        return set()


class RoleBackend(BaseBackend):
    """Grants what the user's active roles grant.

    With an object the answer belongs to the predicates in `<app>/rules.py`, which ask here for the role itself;
    a permission without predicate counts for every object.
    """

    def has_perm(self, user_obj, perm: str, obj: Model | None = None) -> bool:
        import rules

        if not user_obj.is_active or (obj is not None and rules.perm_exists(perm)):
            return False
        return user_obj.is_superuser or perm in permissions_of(user_obj.roles)

    def has_module_perms(self, user_obj, app_label: str) -> bool:
        """Whether the admin shows the app to this user at all."""
        if not user_obj.is_active:
            return False
        prefixes = tuple(f"{app_label}.{verb}_" for verb in ("view", "add", "change", "delete"))
        held = PERMISSIONS if user_obj.is_superuser else permissions_of(user_obj.roles)
        return any(name.startswith(prefixes) for name in held)
