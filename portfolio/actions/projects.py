from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation, User
from accounts.roles import Role
from activity.actions import record
from portfolio.actions import PortfolioRefused
from portfolio.actions.transitions import keep, move
from portfolio.models import AIModel, Milestone, Project
from portfolio.models.code import next_code


def _checked(target: Project | Milestone) -> None:
    try:
        # The state is moved by transitions alone; assigning it, even unchanged, is refused.
        target.full_clean(exclude=["status"])
    except ValidationError as error:
        # full_clean names what the database would refuse; the first sentence is enough for the reader.
        field, messages = next(iter(error.message_dict.items()))
        raise PortfolioRefused(messages[0], field=field) from error


@transaction.atomic
def start_project(
    *,
    by: User,
    model: AIModel,
    organisation: Organisation,
    lead: User,
    title: str,
    starts_on: date,
    results_on: date,
    team_size: int,
    exception_reason: str = "",
) -> Project:
    """A running Schnellboot for `model`, with its results presentation as first milestone."""
    leads = Membership.objects.active().filter(user=lead, organisation=organisation, role=Role.PROJECT_LEAD)
    if not leads.exists():
        raise PortfolioRefused(
            _("The lead must be a Schnellboot lead of the lead organisation."), field="lead"
        )
    project = Project(
        code=next_code("SB"),
        title=title,
        model=model,
        organisation=organisation,
        lead=lead,
        starts_on=starts_on,
        results_on=results_on,
        team_size=team_size,
        exception_reason=exception_reason.strip(),
        iteration=model.projects.count() + 1,
    )
    _checked(project)
    project.save()
    add_milestone(
        by=by,
        project=project,
        title=_("Results presentation"),
        baseline_on=results_on,
        kind=Milestone.Kind.RESULTS,
    )
    move(project, "to_running")
    if model.status == AIModel.Status.PLANNED:
        move(model, "to_development")
    record(by, "portfolio.project_started", project)
    return project


@transaction.atomic
def add_milestone(*, by: User, project: Project, title: str, baseline_on: date, **content: Any) -> Milestone:
    """A promised step between the project's start and its results presentation."""
    if not project.starts_on <= baseline_on <= project.results_on:
        raise PortfolioRefused(
            _("A milestone lies between the start and the results presentation."), field="baseline_on"
        )
    milestone = Milestone(
        project=project, title=title, baseline_on=baseline_on, forecast_on=baseline_on, **content
    )
    _checked(milestone)
    milestone.save()
    record(by, "portfolio.milestone_added", project, milestone=title)
    return milestone


@transaction.atomic
def report_milestone(*, by: User, milestone: Milestone, reached_on: date, evidence: str, today: date) -> None:
    """The lead says that the milestone is reached and where to see it."""
    if not evidence.strip():
        raise PortfolioRefused(_("Please say where the result can be seen."), field="evidence")
    if reached_on > today:
        raise PortfolioRefused(_("A milestone cannot be reached in the future."), field="reached_on")
    if reached_on < milestone.project.starts_on:
        raise PortfolioRefused(
            _("A milestone cannot be reached before the project starts."), field="reached_on"
        )
    milestone.reached_on = reached_on
    milestone.evidence = evidence.strip()
    milestone.reported_by = by
    move(milestone, "to_reported", update_fields=["reached_on", "evidence", "reported_by"])
    record(by, "portfolio.milestone_reported", milestone.project, milestone=milestone.title)


@transaction.atomic
def accept_milestone(*, by: User, milestone: Milestone) -> None:
    """CESAI agrees; nobody accepts what they reported, or what they lead."""
    if by.pk in {milestone.project.lead_id, milestone.reported_by_id}:
        raise PortfolioRefused(_("Somebody other than who leads or reported must accept the milestone."))
    move(milestone, "to_accepted")
    record(by, "portfolio.milestone_accepted", milestone.project, milestone=milestone.title)


@transaction.atomic
def return_milestone(*, by: User, milestone: Milestone) -> None:
    """CESAI asks for rework; the lead may report it again."""
    move(milestone, "to_rework")
    record(by, "portfolio.milestone_returned", milestone.project, milestone=milestone.title)


@transaction.atomic
def move_forecast(*, by: User, milestone: Milestone, forecast_on: date) -> None:
    """Changes when the milestone is expected; the promise stays."""
    if milestone.status not in {
        Milestone.Status.PLANNED,
        Milestone.Status.IN_PROGRESS,
        Milestone.Status.REWORK,
    }:
        raise PortfolioRefused(_("The milestone is done; its forecast no longer moves."), field="forecast_on")
    milestone.forecast_on = forecast_on
    keep(milestone, ["forecast_on"])
    record(
        by,
        "portfolio.milestone_moved",
        milestone.project,
        milestone=milestone.title,
        to=forecast_on.isoformat(),
    )


@transaction.atomic
def set_light(*, by: User, project: Project, light: str, reason: str) -> None:
    """Sets the status light; yellow and red need a reason."""
    project.light = light
    project.light_reason = reason.strip()
    if light != Project.Light.GREEN and not project.light_reason:
        raise PortfolioRefused(_("A yellow or red light needs a reason."), field="light_reason")
    keep(project, ["light", "light_reason"])
    record(by, "portfolio.light_set", project, light=light, reason=project.light_reason)
