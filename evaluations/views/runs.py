from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from activity.history import history_of
from cesai.lib.http import HtmxRequest, refuse, require
from cesai.lib.keyset import paginate
from cesai.lib.refusals import Refused
from evaluations.actions import runs as actions
from evaluations.engines import launcher_of
from evaluations.filters import RunFilter
from evaluations.forms import RunRequestForm
from evaluations.launchers.folder import RunFolder
from evaluations.models import Decision, Engine, Run
from evaluations.presenting import end_of, run_page
from evaluations.readable_log import readable, readable_history
from evaluations.regression_pages import comparison_with_before
from evaluations.requesting import asked_estimate, estimate_rows
from evaluations.views.exports import TABLES
from portfolio.models import ModelRelease

WHOLE_LOG_LINES = 20_000
WHOLE_LOG_BYTES = 8 * 1024 * 1024


@require_safe
@login_required
def run_list(request: HttpRequest) -> HttpResponse:
    """What waits and runs, and what is finished, newest first."""
    rows = Run.objects.visible_to(request.user).select_related(
        "release__model", "suite_version__suite", "engine", "progress"
    )
    found = RunFilter(request.GET, rows)
    context = {
        "filter": found,
        "page": paginate(request, found.qs, key="created_at"),
        "extensions": list(TABLES),
        "may_read_costs": request.user.has_perm("evaluations.read_costs"),
        "troubled": Engine.objects.exclude(unreachable_since=None).order_by("slug"),
    }
    return render(request, "evaluations/run_list.html", context)


@require_safe
@login_required
@vary_on_headers("HX-Request")
def run_detail(request: HtmxRequest, code: str) -> HttpResponse:
    """One run: how far it is, what it says, what it found."""
    run = _find(request, code)
    context = run_page(run, request.user)
    if request.htmx:
        response = render(request, "evaluations/run_detail.html#status", context)
        if run.is_final:
            # The run has ended: times, attempts and history outside the fragment have changed with it.
            response["HX-Refresh"] = "true"
        return response
    context |= comparison_with_before(run, request.user) | {
        "attempts": [(each, end_of(each)) for each in run.attempts.order_by("restart", "pk")],
        "history": readable_history(history_of(run), run) if context["may_read_log"] else None,
    }
    return render(request, "evaluations/run_detail.html", context)


@require_safe
@login_required
def run_log(request: HttpRequest, code: str) -> HttpResponse:
    """The whole log as plain text."""
    run = _find(request, code)
    require(request.user, "evaluations.read_log")
    folder = RunFolder(launcher_of(run.engine).folder(run.key))
    return HttpResponse(
        readable(folder.log_tail(WHOLE_LOG_LINES, WHOLE_LOG_BYTES), folder.path),
        content_type="text/plain; charset=utf-8",
    )


@require_http_methods(["GET", "POST"])
@login_required
def run_request(request: HttpRequest, pk: int) -> HttpResponse:
    """What shall be measured on a release, and where."""
    releases = ModelRelease.objects.visible_to(request.user).select_related("model")
    release = get_object_or_404(releases, pk=pk)
    require(request.user, "evaluations.request_run")
    form = RunRequestForm(request.POST or None, release=release)
    same, asked = None, None
    if form.is_valid():
        if "estimate" in request.POST:
            asked = asked_estimate(form)
        else:
            try:
                run = actions.request_run(by=request.user, release=release, **form.cleaned_data)
            except actions.SameRunExists as refusal:
                same = refusal.run
                refuse(form, refusal)
            except Refused as refusal:
                refuse(form, refusal)
            else:
                messages.success(request, _("%(run)s has been requested.") % {"run": run})
                return redirect(run)
    context = {
        "form": form,
        "release": release,
        "same": same,
        "asked": asked,
        "estimates": estimate_rows(form),
    }
    return render(request, "evaluations/run_request.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def run_cancel(request: HttpRequest, code: str) -> HttpResponse:
    """Asks for the end of a run."""
    run = _find(request, code)
    require(request.user, "evaluations.cancel_run")
    try:
        actions.cancel_run(by=request.user, run=run)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(run)s is being ended.") % {"run": run})
    return redirect(run)


def _find(request: HttpRequest, code: str) -> Run:
    decided = Decision.objects.filter(run=OuterRef("pk"))
    rows = (
        Run.objects.visible_to(request.user)
        .select_related("release__model", "suite_version__suite", "engine", "progress", "requested_by")
        .annotate(is_decided=Exists(decided))
    )
    return get_object_or_404(rows, code=code)
