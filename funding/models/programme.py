"""A funding programme of one funding body."""

from typing import TYPE_CHECKING, Self

import pghistory
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from accounts.roles import Role

if TYPE_CHECKING:
    from accounts.models import User

# Roles of CESAI that read every programme; a funder reads its own, nobody else reads any.
READERS = (Role.FINANCE, Role.PROGRAMME_MANAGER, Role.AUDITOR)


def funded_by(user: "User") -> list[int]:
    """Keys of the funding bodies that `user` may speak for today."""
    return [each.organisation_id for each in user.active_memberships if each.role == Role.FUNDER]


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def visible_to(self, user: "User") -> Self:
        """Finance, managers and auditors see all; a funder those of its own body, while its membership lasts."""
        if user.is_superuser or user.has_role(*READERS):
            return self
        return self.filter(funder__in=funded_by(user))


@pghistory.track()
class Programme(models.Model):
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200, unique=True)
    funder = models.ForeignKey(
        Organisation,
        models.PROTECT,
        related_name="programmes",
        verbose_name=_("funding body"),
        limit_choices_to=Q(kind=Organisation.Kind.FUNDER),
    )
    legal_basis = models.CharField(_("legal basis"), max_length=300)
    purpose = models.TextField(_("purpose"), max_length=3000, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects: ProgrammeQuerySet = ProgrammeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("funding programme")
        verbose_name_plural = _("funding programmes")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("funding:programme_detail", args=[self.slug])
