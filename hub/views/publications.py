from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from activity.history import history_of
from cesai.lib.http import HtmxRequest, require
from cesai.lib.keyset import paginate
from cesai.lib.refusals import Refused
from hub.actions import plans as actions
from hub.models import Plan, Publication
from hub.presenting import publication_page


@require_safe
@login_required
def publication_list(request: HttpRequest) -> HttpResponse:
    """What is on the Hub, newest first; for CESAI also what is planned."""
    rows = Publication.objects.visible_to(request.user).select_related(
        "plan__target__connection", "plan__release__model"
    )
    open_plans = (
        Plan.objects.visible_to(request.user)
        .filter(state__in=[Plan.State.PREPARING, Plan.State.READY])
        .select_related("target__connection", "release__model", "created_by")
        .order_by("-created_at", "-pk")[:20]
    )
    context = {"page": paginate(request, rows, key="created_at"), "open_plans": open_plans}
    return render(request, "hub/publication_list.html", context)


@require_safe
@login_required
@vary_on_headers("HX-Request")
def publication_detail(request: HtmxRequest, pk: int) -> HttpResponse:
    """One publication: how far it is, or where people find it."""
    publication = _find(request, pk)
    context = publication_page(publication, request.user)
    if request.htmx:
        return render(request, "hub/publication_detail.html#status", context)
    context["history"] = history_of(publication) if context["may_read_plan"] else None
    return render(request, "hub/publication_detail.html", context)


@require_POST
@login_required
def publication_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Tries a failed publication again with the same approved plan."""
    publication = _find(request, pk)
    require(request.user, "hub.plan_publication")
    try:
        actions.retry_publication(by=request.user, publication=publication)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The publication is tried again."))
    return redirect(publication)


@require_POST
@login_required
def publication_replan(request: HttpRequest, pk: int) -> HttpResponse:
    """A new plan in the place of a failed publication."""
    publication = _find(request, pk)
    require(request.user, "hub.plan_publication")
    try:
        plan = actions.replan_publication(by=request.user, publication=publication)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(publication)
    return redirect(plan)


def _find(request: HttpRequest, pk: int) -> Publication:
    rows = Publication.objects.visible_to(request.user).select_related(
        "plan__target__connection",
        "plan__release__model",
        "plan__created_by",
        "plan__approved_by",
    )
    return get_object_or_404(rows, pk=pk)
