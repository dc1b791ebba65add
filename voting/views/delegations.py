from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cesai.lib.http import refuse, require
from cesai.lib.refusals import Refused
from voting.actions import delegations as actions
from voting.forms import DelegationForm
from voting.models import Delegation, Round, RoundVoter
from voting.models.delegation import CAP_PERCENT
from voting.views.rounds import find_round


@require_http_methods(["GET", "POST"])
@login_required
def delegation_create(request: HttpRequest, slug: str) -> HttpResponse:
    """A representative asks another organisation of the round to vote for the own one, too."""
    found = find_round(request, slug)
    require(request.user, "voting.cast_ballot", found)
    if request.method == "GET" and (found.phase != Round.Phase.OPEN or not found.delegation):
        messages.info(request, _("In this round no vote can be delegated now."))
        return redirect(found)
    represented = request.user.representing
    assert represented is not None
    others = RoundVoter.objects.filter(round=found).exclude(organisation=represented)
    form = DelegationForm(request.POST if request.method == "POST" else None, candidates=others)
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            actions.ask_delegate(by=request.user, voting_round=found, delegate=form.cleaned_data["delegate"])
        except Refused as refusal:
            refuse(form, refusal)
            status = refusal.status
        else:
            messages.success(
                request, _("The organisation has been asked. The delegation holds once it agrees.")
            )
            return redirect(found)
    context = {"round": found, "form": form, "cap": CAP_PERCENT}
    return render(request, "voting/delegation_create.html", context, status=status)


@require_POST
@login_required
def delegation_accept(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The representative of the organisation that was asked agrees."""
    found = find_round(request, slug)
    require(request.user, "voting.cast_ballot", found)
    delegation = _find(request, found, pk)
    return _settle(
        request,
        found,
        lambda: actions.accept_delegation(by=request.user, delegation=delegation),
        _("Your ballot now counts for this organisation, too, unless it votes itself. It sees your ballot."),
    )


@require_POST
@login_required
def delegation_revoke(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Either side ends a delegation."""
    found = find_round(request, slug)
    require(request.user, "voting.cast_ballot", found)
    delegation = _find(request, found, pk)
    return _settle(
        request,
        found,
        lambda: actions.revoke_delegation(by=request.user, delegation=delegation),
        _("The delegation has ended."),
    )


def _find(request: HttpRequest, found: Round, pk: int) -> Delegation:
    rows = Delegation.objects.visible_to(request.user).filter(round=found)
    return get_object_or_404(rows.select_related("round"), pk=pk)


def _settle(request: HttpRequest, found: Round, settle: Callable[[], object], done: str) -> HttpResponse:
    try:
        settle()
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect(found)
