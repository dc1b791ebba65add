from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from activity.history import history_of
from cesai.lib.http import HtmxRequest, refuse, require
from cesai.lib.refusals import Refused
from hub.actions import plans as actions
from hub.forms import PlanForm
from hub.models import Plan
from hub.presenting import plan_page
from portfolio.models import ModelRelease


@require_http_methods(["GET", "POST"])
@login_required
def plan_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Where and how a release shall be published; then a job makes the plan."""
    releases = ModelRelease.objects.visible_to(request.user).select_related("model")
    release = get_object_or_404(releases, pk=pk)
    require(request.user, "hub.plan_publication")
    form = PlanForm(request.POST or None, release=release)
    if form.is_valid():
        try:
            target = actions.describe_target(by=request.user, model=release.model, **form.cleaned_data)
            plan = actions.plan_release(by=request.user, release=release, target=target)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return redirect(plan)
    context = {
        "form": form,
        "release": release,
        "open_plan": Plan.objects.open().filter(target__model=release.model).first(),
    }
    return render(request, "hub/plan_create.html", context, status=422 if form.errors else 200)


@require_safe
@login_required
def plan_detail(request: HtmxRequest, pk: int) -> HttpResponse:
    """Everything that a publication would do, to the byte; asks again by itself while it is being prepared."""
    plan = _find(request, pk)
    if request.htmx and plan.state == Plan.State.PREPARING:
        return render(request, "hub/plan_detail.html#status", {"plan": plan})
    context = {**plan_page(plan, request.user), "history": history_of(plan)}
    response = render(request, "hub/plan_detail.html", context)
    if request.htmx:
        # The plan is ready: what is to be read now is the page, not the fragment.
        response["HX-Refresh"] = "true"
    return response


@require_safe
@login_required
def plan_card(request: HttpRequest, pk: int) -> HttpResponse:
    """The exact bytes of the model card."""
    plan = _find(request, pk)
    return HttpResponse(plan.generated.get("README.md", ""), content_type="text/plain; charset=utf-8")


@require_POST
@login_required
def plan_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approves the plan that was shown and starts the publication."""
    plan = _find(request, pk)
    require(request.user, "hub.approve_publication")
    try:
        publication = actions.approve_plan(by=request.user, plan=plan, digest=request.POST.get("digest", ""))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(plan)
    messages.success(request, _("The plan is approved; the publication has started."))
    return redirect(publication)


@require_POST
@login_required
def plan_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Puts a plan away that shall not be carried out."""
    plan = _find(request, pk)
    require(request.user, "hub.plan_publication")
    try:
        actions.discard_plan(by=request.user, plan=plan)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(plan)
    messages.success(request, _("The plan has been discarded; nothing was changed on the Hub."))
    return redirect(plan.release.model)


def _find(request: HttpRequest, pk: int) -> Plan:
    rows = Plan.objects.visible_to(request.user).select_related(
        "target__connection", "release__model", "created_by", "approved_by", "publication"
    )
    return get_object_or_404(rows, pk=pk)
