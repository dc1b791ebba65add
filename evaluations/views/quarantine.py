"""Decisions about results that the gates did not let through."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cesai.lib.http import refuse, require
from cesai.lib.refusals import Refused
from evaluations.actions import quarantine as actions
from evaluations.actions.replay import replay_ingest
from evaluations.forms import DecisionForm, ResultForm
from evaluations.models import Run
from evaluations.models.run import State
from evaluations.results import SOFT
from evaluations.sentences import REASONS
from evaluations.uploads import on_disk


@require_POST
@login_required
def run_check(request: HttpRequest, code: str) -> HttpResponse:
    """All gates once more, on the same result."""
    run = _find(request, code)
    require(request.user, "evaluations.decide_quarantine")
    try:
        actions.check_again(by=request.user, run=run)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("All gates hold now; %(run)s has its scores.") % {"run": run})
    return redirect(run)


@require_POST
@login_required
def run_replay(request: HttpRequest, code: str) -> HttpResponse:
    """The stored files once more through all gates; scores that are there are compared, not changed."""
    run = _find(request, code)
    require(request.user, "evaluations.decide_quarantine")
    had_scores = run.state == State.SUCCEEDED
    try:
        replay_ingest(by=request.user, run=run)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        told = (
            _("Read again, %(run)s gives the same scores and answers.")
            if had_scores
            else _("All gates hold now; %(run)s has its scores.")
        )
        messages.success(request, told % {"run": run})
    return redirect(run)


@require_http_methods(["GET", "POST"])
@login_required
def run_release(request: HttpRequest, code: str) -> HttpResponse:
    """Scores in spite of a doubt that is for people to judge."""
    return _decide(
        request,
        code,
        actions.release_result,
        "evaluations/run_release.html",
        _("The result of %(run)s has been released."),
    )


@require_http_methods(["GET", "POST"])
@login_required
def run_reject(request: HttpRequest, code: str) -> HttpResponse:
    """The result never becomes a score."""
    return _decide(
        request,
        code,
        actions.reject_result,
        "evaluations/run_reject.html",
        _("The result of %(run)s has been rejected."),
    )


@require_http_methods(["GET", "POST"])
@login_required
def run_hand_in(request: HttpRequest, code: str) -> HttpResponse:
    """A result that could not be fetched, as a zip archive."""
    run = _find(request, code)
    require(request.user, "evaluations.hand_in_result")
    form = ResultForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            with on_disk(form.cleaned_data["archive"]) as archive:
                actions.hand_in_result(by=request.user, run=run, archive=archive)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The result was taken; %(run)s has its scores.") % {"run": run})
            return redirect(run)
    context = {"form": form, "run": run, "may_be_handed_in": run.state in actions.HANDED_IN_FOR}
    return render(request, "evaluations/run_hand_in.html", context, status=422 if form.errors else 200)


def _decide(
    request: HttpRequest, code: str, act: Callable[..., None], template: str, done: str
) -> HttpResponse:
    run = _find(request, code)
    require(request.user, "evaluations.decide_quarantine")
    form = DecisionForm(request.POST or None)
    if form.is_valid():
        try:
            act(by=request.user, run=run, **form.cleaned_data)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, done % {"run": run})
            return redirect(run)
    context = {
        "form": form,
        "run": run,
        "sentence": REASONS.get(run.reason, run.reason),
        "is_soft": run.reason in SOFT,
    }
    return render(request, template, context, status=422 if form.errors else 200)


def _find(request: HttpRequest, code: str) -> Run:
    rows = Run.objects.visible_to(request.user).select_related(
        "release__model", "suite_version__suite", "engine", "requested_by", "gpu_class"
    )
    return get_object_or_404(rows, code=code)
