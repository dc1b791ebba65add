"""What a report reads: rows of plain values, a constant number of statements whatever there is to report.

Money and everything with a day of its own is read as of the day asked for. What people set without leaving a day
(the light of a project, a forecast) is read as it stands today; the report says so.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, Sum

from evaluations.models import Score
from evaluations.models.run import State
from funding.models import Award, Entry
from hub.models import Publication, Target
from portfolio.models import Milestone, Project

type Row = Mapping[str, Any]


def projects_of(award: Award, as_of: date) -> Sequence[Row]:
    """Projects that money of `award` is booked on, with what was spent on each, by code. One statement."""
    booked = Entry.objects.filter(award=award, booked_on__lte=as_of, project__isnull=False)
    paid = Q(entries__award=award, entries__booked_on__lte=as_of, entries__kind=Entry.Kind.ACTUAL)
    rows = Project.objects.filter(pk__in=booked.values("project"), starts_on__lte=as_of)
    return list(
        rows.annotate(spent_cents=Sum("entries__amount_cents", filter=paid, default=0))
        .order_by("code", "pk")
        .values(
            "pk",
            "code",
            "title",
            "organisation__name",
            "model_id",
            "model__name",
            "starts_on",
            "results_on",
            "team_size",
            "exception_reason",
            "light",
            "spent_cents",
        )
    )


def milestones_of(projects: Sequence[Row]) -> Sequence[Row]:
    """Milestones of `projects`, in the order they were promised. One statement."""
    return list(
        Milestone.objects.filter(project__in=[each["pk"] for each in projects])
        .order_by("project__code", "baseline_on", "pk")
        .values("project__code", "title", "kind", "baseline_on", "forecast_on", "reached_on", "status")
    )


def scores_of(projects: Sequence[Row], as_of: date) -> QuerySet[Score]:
    """The newest score per release, task and metric of the models of `projects`. One statement."""
    return (
        Score.objects.filter(
            run__state=State.SUCCEEDED,
            run__finished_at__date__lte=as_of,
            run__release__model__in={each["model_id"] for each in projects},
        )
        .select_related("run__release__model", "run__suite_version__suite", "task")
        .order_by("run__release_id", "task_id", "metric", "-run__finished_at", "-pk")
        .distinct("run__release_id", "task_id", "metric")
    )


def publications_of(projects: Sequence[Row], as_of: date) -> QuerySet[Publication]:
    """What is out on a Hub, for everybody, of the models of `projects`, oldest first, with all that a link needs. One statement."""
    return (
        Publication.objects.filter(
            state=Publication.State.PUBLISHED,
            plan__target__visibility=Target.Visibility.PUBLIC,
            finished_at__date__lte=as_of,
            plan__release__model__in={each["model_id"] for each in projects},
        )
        .select_related("plan__release__model", "plan__target__connection")
        .order_by("finished_at", "pk")
    )
