from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from activity.history import history_of
from cesai.lib.http import refuse, require
from cesai.lib.keyset import paginate
from cesai.lib.refusals import Refused
from portfolio.actions import aimodels as model_actions
from portfolio.actions import projects as actions
from portfolio.filters import ProjectFilter
from portfolio.forms import LightForm, ProjectStartForm
from portfolio.models import Milestone, ModelProposal, Project
from portfolio.progress import milestone_items, progress_of


@require_safe
@login_required
def project_list(request: HttpRequest) -> HttpResponse:
    """Schnellboot projects with light and progress, newest first."""
    rows = Project.objects.visible_to(request.user).select_related("organisation").with_progress()
    found = ProjectFilter(request.GET, rows)
    page = paginate(request, found.qs, key="created_at")
    return render(request, "portfolio/project_list.html", {"filter": found, "page": page})


@require_safe
@login_required
def project_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One Schnellboot: team, dates, light, milestones."""
    project = find_project(request, code)
    milestones = list(project.milestones.all())
    may_run = request.user.has_perm("portfolio.run_project", project)
    context = {
        "project": project,
        "milestones": milestones,
        "timeline": milestone_items(milestones, timezone.localdate()),
        "progress": progress_of(milestones),
        "history": history_of(project),
        "may_run": may_run,
        "may_accept": request.user.has_perm("portfolio.start_project") and project.lead_id != request.user.pk,
        "Status": Milestone.Status,
    }
    return render(request, "portfolio/project_detail.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def project_start(request: HttpRequest, code: str) -> HttpResponse:
    """From a prioritised proposal to a model and its running Schnellboot."""
    proposal = get_object_or_404(ModelProposal.objects.visible_to(request.user), code=code)
    require(request.user, "portfolio.start_project")
    if request.method == "GET" and proposal.status != ModelProposal.Status.PRIORITISED:
        messages.error(request, _("Only a proposal that a round has chosen starts a project, and only once."))
        return redirect(proposal)
    today = timezone.localdate()
    initial = {"name": proposal.title[:60], "title": proposal.title, "starts_on": today}
    initial["results_on"] = _months_later(today, proposal.months)
    form = ProjectStartForm(request.POST or None, initial=initial)
    if form.is_valid():
        content = dict(form.cleaned_data)
        try:
            with transaction.atomic():
                model = model_actions.commission_model(
                    by=request.user, proposal=proposal, name=content.pop("name")
                )
                project = actions.start_project(by=request.user, model=model, **content)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("%(code)s has started.") % {"code": project.code})
            return redirect(project)
    context = {"form": form, "proposal": proposal}
    return render(request, "portfolio/project_start.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required
def project_light(request: HttpRequest, code: str) -> HttpResponse:
    """Sets the status light; yellow and red with a reason."""
    project = find_project(request, code)
    require(request.user, "portfolio.run_project", project)
    form = LightForm(request.POST or None, instance=project)
    if form.is_valid():
        project = find_project(request, code)
        try:
            actions.set_light(
                by=request.user,
                project=project,
                light=form.cleaned_data["light"],
                reason=form.cleaned_data["light_reason"],
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The light has been set."))
            return redirect(project)
    context = {"form": form, "project": project}
    return render(request, "portfolio/project_light.html", context, status=422 if form.errors else 200)


def find_project(request: HttpRequest, code: str) -> Project:
    rows = Project.objects.visible_to(request.user).select_related("organisation", "lead", "model")
    return get_object_or_404(rows, code=code)


def _months_later(start: date, months: int) -> date:
    year, month = divmod(start.month - 1 + months, 12)
    # The 28th exists in every month; a proposed date may be a few days early.
    return date(start.year + year, month + 1, min(start.day, 28))
