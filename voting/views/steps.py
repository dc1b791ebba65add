"""The steps of a round, one button each."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cesai.lib.http import refuse, require
from cesai.lib.refusals import Refused
from voting.actions import objections, results, steps
from voting.forms import ReasonForm
from voting.models import Round
from voting.views.rounds import find_round


@require_POST
@login_required
def round_publish(request: HttpRequest, slug: str) -> HttpResponse:
    """A manager fixes rule, budget and dates."""
    return _step(
        request, slug, steps.publish_rules, _("The rules are published and can not be changed any more.")
    )


@require_POST
@login_required
def round_confirm(request: HttpRequest, slug: str) -> HttpResponse:
    """A manager fixes proposals and costs."""
    return _step(request, slug, steps.confirm_proposals, _("Proposals and costs are confirmed."))


@require_POST
@login_required
def round_freeze(request: HttpRequest, slug: str) -> HttpResponse:
    """A manager fixes ballot paper and electorate; the voting opens at its time."""
    return _step(request, slug, steps.freeze_round, _("Ballot paper and electorate are fixed."))


@require_http_methods(["GET", "POST"])
@login_required
def round_close(request: HttpRequest, slug: str) -> HttpResponse:
    """A manager closes a round whose time is over; before that only with a reason."""
    found = find_round(request, slug)
    require(request.user, "voting.manage_round")
    done = _("The round is closed. The ballots are being counted.")
    if found.phase == Round.Phase.OPEN:
        return _with_reason(request, found, steps.close_round, done, early=True)
    if request.method == "GET":
        return redirect(found)
    return _step(request, slug, steps.close_round, done)


@require_http_methods(["GET", "POST"])
@login_required
def round_cancel(request: HttpRequest, slug: str) -> HttpResponse:
    """A manager ends a round without a result, with a reason."""
    found = find_round(request, slug)
    require(request.user, "voting.manage_round")
    return _with_reason(request, found, steps.cancel_round, _("The round is cancelled."))


@require_POST
@login_required
def round_tally(request: HttpRequest, slug: str) -> HttpResponse:
    """A manager has a closed round counted, where the automatic count did not come to a result."""
    return _step(request, slug, results.tally_round, _("The round is counted."))


@require_POST
@login_required
def round_finalise(request: HttpRequest, slug: str) -> HttpResponse:
    """A manager makes a result final whose objection period is over."""
    return _step(request, slug, objections.finalise_round, _("The result is final."))


def _step(request: HttpRequest, slug: str, action: Callable[..., object], done: str) -> HttpResponse:
    found = find_round(request, slug)
    require(request.user, "voting.manage_round")
    try:
        action(by=request.user, voting_round=found)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect(found)


def _with_reason(
    request: HttpRequest, found: Round, action: Callable[..., object], done: str, **context: Any
) -> HttpResponse:
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            action(by=request.user, voting_round=found, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, done)
            return redirect(found)
    status = 422 if form.errors else 200
    return render(
        request, "voting/round_reason.html", {"round": found, "form": form, **context}, status=status
    )
