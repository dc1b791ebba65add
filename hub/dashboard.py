"""What of publishing waits for the reader."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from cesai.lib.dashboard import Dashboard, Figure, Task
from hub.models import Connection, Plan, Publication


def dashboard(user: User) -> Dashboard:
    """A manager's approvals and failed publications, a system administrator's refused tokens."""
    part = Dashboard()
    if user.has_perm("hub.approve_publication"):
        _for_approvers(user, part)
    if user.has_perm("hub.change_connection"):
        for connection in Connection.objects.filter(refused_at__isnull=False).order_by("refused_at", "pk")[
            :3
        ]:
            part.tasks.append(
                Task(
                    _("The Hub refuses the token of “%(name)s”") % {"name": connection.name},
                    reverse("admin:hub_connection_change", args=[connection.pk]),
                    tone="danger",
                )
            )
    published = Publication.objects.visible_to(user).filter(state=Publication.State.PUBLISHED).count()
    if published:
        part.figures.append(Figure(_("Publications on the Hub"), published, reverse("hub:publication_list")))
    return part


def _for_approvers(user: User, part: Dashboard) -> None:
    waiting = Plan.objects.filter(state=Plan.State.READY).filter(Q(four_eyes=False) | ~Q(created_by=user))
    for plan in waiting.select_related("target__connection", "release__model").order_by("pk")[:5]:
        part.tasks.append(
            Task(
                _("Approve the publication of %(release)s") % {"release": plan.release},
                plan.get_absolute_url(),
                plan.target.repo_id,
                tone="warning",
            )
        )
    failed = Publication.objects.filter(state=Publication.State.FAILED)
    for publication in failed.select_related("plan__release__model").order_by("-pk")[:5]:
        part.tasks.append(
            Task(
                _("The publication of %(release)s failed") % {"release": publication.plan.release},
                publication.get_absolute_url(),
                publication.get_error_kind_display(),
                tone="danger",
            )
        )
