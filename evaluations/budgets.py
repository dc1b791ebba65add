"""Whether a project can still pay for a run. Higher apps add limits of their own: `settings.EVALUATION_BUDGETS`."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from cesai.templatetags.figures import euro
from evaluations.accounting import total
from evaluations.actions import EvaluationRefused
from evaluations.models import Attempt, ComputeBudget, Run
from portfolio.models import Project


@dataclass(frozen=True, slots=True)
class Room:
    """A limit in euro cents and what is gone of it: spent by attempts, set aside for live runs."""

    label: str
    limit_cents: int
    spent_cents: int
    set_aside_cents: int

    @property
    def left_cents(self) -> int:
        return self.limit_cents - self.spent_cents - self.set_aside_cents


def set_aside_for(runs: Q) -> int:
    """What the estimates of live runs set aside, in cents."""
    sums = Run.objects.filter(runs).live().aggregate(cents=Sum("planned_cents"), runs=Count("pk"))
    return sums["cents"] or 0


def of_project(project: Project, day: date) -> Room | None:
    """The project's own budget; None where nobody has set one."""
    budget = ComputeBudget.objects.filter(project=project).first()
    if budget is None:
        return None
    return Room(
        label=_("the compute budget of %(project)s") % {"project": project.code},
        limit_cents=budget.limit_cents,
        spent_cents=total(Attempt.objects.filter(run__project=project)).cents,
        set_aside_cents=set_aside_for(Q(project=project)),
    )


def rooms_of(project: Project, day: date) -> list[Room]:
    """Every limit that a run charged to `project` on `day` has to keep."""
    found = (import_string(path)(project, day) for path in settings.EVALUATION_BUDGETS)
    return [room for room in found if room is not None]


def check_room(project: Project, day: date, cents: int | None) -> None:
    """Refuses a run of `cents` that one of the limits has no room for, or whose cost nobody knows."""
    for room in rooms_of(project, day):
        if cents is None:
            raise EvaluationRefused(
                _(
                    "What this run costs is not known, so it cannot be charged to %(budget)s. It needs a price for this "
                    "class and an estimate."
                )
                % {"budget": room.label},
                field="project",
            )
        if cents > room.left_cents:
            raise EvaluationRefused(
                _(
                    "This run will cost about %(cost)s, but of %(budget)s only %(left)s is left: %(limit)s, less "
                    "%(spent)s spent and %(aside)s set aside for runs on their way."
                )
                % {
                    "cost": euro(cents),
                    "budget": room.label,
                    "left": euro(max(0, room.left_cents)),
                    "limit": euro(room.limit_cents),
                    "spent": euro(room.spent_cents),
                    "aside": euro(room.set_aside_cents),
                },
                field="project",
            )
