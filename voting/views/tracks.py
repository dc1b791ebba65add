from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cesai.lib.http import refuse, require
from cesai.lib.refusals import Refused
from voting.actions.tracks import divide_round
from voting.forms import TracksForm
from voting.models import Round
from voting.views.rounds import find_round


@require_http_methods(["GET", "POST"])
@login_required
def round_divide(request: HttpRequest, slug: str) -> HttpResponse:
    """A manager divides the budget of a draft into tracks, or makes one of them again."""
    found = find_round(request, slug)
    require(request.user, "voting.manage_round")
    if found.status != Round.Status.DRAFT and request.method == "GET":
        messages.error(request, _("The round was opened in the meantime; it can not be changed any more."))
        return redirect(found)
    form = TracksForm(request.POST if request.method == "POST" else None, voting_round=found)
    if form.is_valid():
        try:
            divide_round(by=request.user, voting_round=found, plans=form.plans())
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The tracks have been saved."))
            return redirect(found)
    context = {"form": form, "round": found}
    return render(request, "voting/round_divide.html", context, status=422 if form.errors else 200)
