from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cesai.lib.http import refuse, require
from cesai.lib.refusals import Refused
from portfolio.actions import projects as actions
from portfolio.forms import ForecastForm, MilestoneForm, MilestoneReportForm
from portfolio.models import Milestone, Project
from portfolio.views.projects import find_project


@require_http_methods(["GET", "POST"])
@login_required
def milestone_create(request: HttpRequest, code: str) -> HttpResponse:
    """A further milestone of a Schnellboot."""
    project = find_project(request, code)
    require(request.user, "portfolio.run_project", project)
    form = MilestoneForm(request.POST or None, instance=Milestone(project=project))
    if form.is_valid():
        try:
            actions.add_milestone(by=request.user, project=project, **form.cleaned_data)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The milestone has been added."))
            return redirect(project)
    return _page(request, form, project, _("New milestone"))


@require_http_methods(["GET", "POST"])
@login_required
def milestone_report(request: HttpRequest, pk: int) -> HttpResponse:
    """The lead reports a milestone as done, with evidence."""
    milestone = _find(request, pk)
    require(request.user, "portfolio.run_project", milestone.project)
    form = MilestoneReportForm(request.POST or None)
    if form.is_valid():
        try:
            actions.report_milestone(
                by=request.user, milestone=milestone, today=timezone.localdate(), **form.cleaned_data
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The milestone has been reported; CESAI will look at it."))
            return redirect(milestone.project)
    return _page(
        request, form, milestone.project, _("Report “%(title)s” as done") % {"title": milestone.title}
    )


@require_http_methods(["GET", "POST"])
@login_required
def milestone_forecast(request: HttpRequest, pk: int) -> HttpResponse:
    """Moves the date a milestone is expected for; the promise stays."""
    milestone = _find(request, pk)
    require(request.user, "portfolio.run_project", milestone.project)
    form = ForecastForm(request.POST or None, initial={"forecast_on": milestone.forecast_on})
    if form.is_valid():
        try:
            actions.move_forecast(by=request.user, milestone=milestone, **form.cleaned_data)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The expected date has been moved."))
            return redirect(milestone.project)
    return _page(request, form, milestone.project, _("Move “%(title)s”") % {"title": milestone.title})


@require_POST
@login_required
def milestone_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """CESAI accepts a reported milestone or asks for rework."""
    milestone = _find(request, pk)
    require(request.user, "portfolio.start_project")
    decide = {"accept": actions.accept_milestone, "return": actions.return_milestone}.get(
        request.POST.get("verdict", "")
    )
    if decide is None:
        raise BadRequest(_("A milestone is accepted or returned; nothing else was understood."))
    try:
        decide(by=request.user, milestone=milestone)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The decision has been recorded."))
    return redirect(milestone.project)


def _find(request: HttpRequest, pk: int) -> Milestone:
    rows = Milestone.objects.filter(project__in=Project.objects.visible_to(request.user)).select_related(
        "project"
    )
    return get_object_or_404(rows, pk=pk)


def _page(request: HttpRequest, form, project: Project, title: str) -> HttpResponse:
    context = {"form": form, "project": project, "title": title}
    return render(request, "portfolio/milestone_edit.html", context, status=422 if form.errors else 200)
