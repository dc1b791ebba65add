"""Funding's part of the dashboard: what falls due, and how much of the grants is spent."""

from datetime import timedelta

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from cesai.lib.dashboard import Dashboard, Figure, Task
from cesai.templatetags.figures import euro
from funding.models import Award, Entry

DUE_WITHIN = timedelta(days=14)


def dashboard(user: User) -> Dashboard:
    """For finance the planned payments of the next two weeks; for all who read money what is spent. Three statements."""
    answer = Dashboard()
    if not user.has_perm("funding.read"):
        return answer
    today = timezone.localdate()
    if user.has_role(Role.FINANCE):
        due = (
            Entry.objects.filter(
                kind=Entry.Kind.PLAN, booked_on__gte=today, booked_on__lte=today + DUE_WITHIN
            )
            .filter(reverses__isnull=True, reversed_by__isnull=True)
            .order_by("booked_on", "pk")[:5]
        )
        for entry in due.select_related("award"):
            answer.tasks.append(
                Task(
                    label=_("Planned payment to %(payee)s") % {"payee": entry.payee},
                    url=reverse("funding:entry_list", args=[entry.award.code]),
                    note=euro(entry.amount_cents),
                    due=entry.booked_on,
                )
            )
    awards = Award.objects.visible_to(user)
    granted = awards.aggregate(cents=Sum("maximum_cents"), number=Count("pk"))
    if granted["number"]:
        spent = Entry.objects.filter(award__in=awards, kind=Entry.Kind.ACTUAL, booked_on__lte=today)
        answer.figures.append(
            Figure(
                label=_("Spent"),
                value=euro(spent.aggregate(cents=Sum("amount_cents"))["cents"] or 0),
                url=reverse("funding:programme_list"),
                note=_("Grants of up to %(maximum)s") % {"maximum": euro(granted["cents"])},
            )
        )
    return answer
