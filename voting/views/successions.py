"""What becomes of the money of a final result: giving up a winner, moving up from the reserve list."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cesai.lib.http import refuse, require
from cesai.lib.refusals import Refused
from voting.actions.successions import move_up_item, withdraw_winner
from voting.forms import SuccessionForm
from voting.models import Round, RoundItem
from voting.views.rounds import find_round


@require_http_methods(["GET", "POST"])
@login_required
def winner_withdraw(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """A manager gives up what the round funds, with a reason."""
    return _move(request, slug, code, withdraw_winner, _("The proposal is withdrawn; its money is free."))


@require_http_methods(["GET", "POST"])
@login_required
def reserve_promote(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """A manager lets the next item of the reserve list move up, with a reason."""
    return _move(request, slug, code, move_up_item, _("The proposal has moved up and can be commissioned."))


def _move(
    request: HttpRequest, slug: str, code: str, action: Callable[..., object], done: str
) -> HttpResponse:
    found = find_round(request, slug)
    require(request.user, "voting.manage_round")
    if not found.is_counted or found.kind != Round.Kind.PORTAL:
        raise Http404
    item = get_object_or_404(RoundItem.objects.select_related("proposal", "round"), round=found, code=code)
    form = SuccessionForm(request.POST or None)
    if form.is_valid():
        try:
            action(by=request.user, item=item, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, done)
            return redirect("voting:round_result", slug)
    context = {"round": found, "item": item, "form": form, "gives_up": action is withdraw_winner}
    return render(request, "voting/succession_reason.html", context, status=422 if form.errors else 200)
