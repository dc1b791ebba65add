"""What evaluations cost an award: a limit that requests keep, and a view beside the books. Nothing is booked here."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from evaluations.accounting import Usage, grouped, in_days, total
from evaluations.budgets import Room, set_aside_for
from evaluations.models import Attempt
from funding.models import Award, ComputeAllotment
from portfolio.models import Project


def attempts_of(allotment: ComputeAllotment) -> QuerySet[Attempt]:
    """Attempts charged to the allotment: of its project, started in its days."""
    attempts = Attempt.objects.filter(run__project=allotment.project_id)
    return in_days(attempts, allotment.starts_on, allotment.ends_on)


def usage_of(award: Award, until: date) -> list[tuple[date, str, str, Usage]]:
    """What evaluations charged to `award` have used by the end of `until`: month, code and title of the project, usage.

    Charged is an attempt that started in the days of one of its allotments. In the order of months and codes; one
    statement.
    """
    pays = ComputeAllotment.objects.filter(
        line__award=award,
        project=OuterRef("run__project"),
        starts_on__lte=OuterRef("started_day"),
        ends_on__gte=OuterRef("started_day"),
    )
    charged = in_days(Attempt.objects.all(), date.min, until).filter(Exists(pays))
    return [
        (month, code, title, usage)
        for (month, code, title), usage in grouped(
            charged, "month", "run__project__code", "run__project__title"
        )
    ]


def of_award(project: Project, day: date) -> Room | None:
    """The limit that an award sets to the evaluations of `project` on `day`; None where none pays for them."""
    allotment = (
        ComputeAllotment.objects.filter(project=project, starts_on__lte=day, ends_on__gte=day)
        .select_related("line__award")
        .first()
    )
    if allotment is None:
        return None
    return Room(
        label=_("the compute allotment of %(award)s") % {"award": allotment.line.award.reference},
        limit_cents=allotment.limit_cents,
        spent_cents=total(attempts_of(allotment)).cents,
        set_aside_cents=set_aside_for(Q(project=project)),
    )


@dataclass(frozen=True, slots=True)
class Share:
    """One allotment with what was used of it, month by month."""

    allotment: ComputeAllotment
    months: list[tuple[date, Usage]]

    @property
    def used(self) -> Usage:
        return sum((usage for _month, usage in self.months), Usage())


def shares_of(award: Award) -> list[Share]:
    """Every allotment of the award. Two statements, and one for each allotment."""
    found: list[Share] = []
    allotments = ComputeAllotment.objects.filter(line__award=award).select_related("line", "project")
    for allotment in allotments.order_by("starts_on", "pk"):
        months: list[tuple[Any, Usage]] = [
            (month, usage) for (month,), usage in grouped(attempts_of(allotment), "month")
        ]
        found.append(Share(allotment, months))
    return found
