"""A person, known by e-mail address."""

from functools import cached_property
from typing import TYPE_CHECKING

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.roles import ADMIN_ROLES, Role

if TYPE_CHECKING:
    from accounts.models.membership import Membership
    from accounts.models.organisation import Organisation


class UserManager(BaseUserManager["User"]):
    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Addresses are kept in lower case: nobody owns two accounts that differ by a capital letter."""
        return (email or "").strip().lower()

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email=self.normalize_email(email))

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        if not email:
            raise ValueError("An e-mail address is needed.")
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        return self.create_user(email, password, is_superuser=True, **fields)


@pghistory.track(exclude=["password", "last_login"])
class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(_("e-mail address"), unique=True)
    full_name = models.CharField(_("name"), max_length=150)
    language = models.CharField(
        _("language"), max_length=2, blank=True, choices=[("de", _("German")), ("en", _("English"))]
    )
    theme = models.CharField(
        _("theme"), max_length=5, blank=True, choices=[("light", _("Light")), ("dark", _("Dark"))]
    )
    is_active = models.BooleanField(_("may sign in"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    objects: UserManager = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(name="user_email_is_lower_case", condition=models.Q(email=Lower("email"))),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    @cached_property
    def active_memberships(self) -> "list[Membership]":
        """Memberships that count today, read once per request."""
        return list(self.memberships.active().select_related("organisation").order_by("pk"))

    @property
    def roles(self) -> frozenset[Role]:
        """Roles held today; everybody who can sign in is at least a guest."""
        return frozenset(Role(each.role) for each in self.active_memberships) | {Role.GUEST}

    def has_role(self, *roles: Role) -> bool:
        return bool(self.roles.intersection(roles))

    @property
    def organisations(self) -> "list[Organisation]":
        """Organisations the person belongs to today, each once."""
        return list({each.organisation_id: each.organisation for each in self.active_memberships}.values())

    @property
    def representing(self) -> "Organisation | None":
        """The organisation whose vote this person casts, None for everybody else."""
        for each in self.active_memberships:
            if each.role == Role.VOTING_REPRESENTATIVE:
                return each.organisation
        return None

    @property
    def is_staff(self) -> bool:
        """Whether the person may enter the admin; follows from the roles."""
        return self.is_superuser or bool(self.roles & ADMIN_ROLES)
