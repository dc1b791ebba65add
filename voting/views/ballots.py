from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from cesai.lib.http import HtmxRequest, refuse, require
from cesai.lib.refusals import Refused
from voting.actions.ballots import cast_ballot
from voting.ballotpaper import own_vote, paper, selection
from voting.forms import BallotForm
from voting.models import Round
from voting.views.rounds import find_round


@require_http_methods(["GET", "POST"])
@login_required
@vary_on_headers("HX-Request")
def ballot_cast(request: HtmxRequest, slug: str) -> HttpResponse:
    """The ballot of the represented organisation; with htmx only the count of what is ticked."""
    found = find_round(request, slug)
    require(request.user, "voting.cast_ballot", found)
    lines = paper(request.user, found)
    items = [line.item for line in lines]
    if request.htmx and request.method == "GET":
        counted = selection(found, lines, request.GET.getlist("approvals"))
        return render(request, "voting/ballot_cast.html#counter", {"round": found, "selection": counted})
    if request.method == "GET" and found.phase != Round.Phase.OPEN:
        messages.info(request, _("The round takes no ballots now."))
        return redirect(found)
    own = own_vote(request.user, found)
    ticked = [item.code for item in items if own and own.approves(item)]
    form = BallotForm(request.POST or None, items=items, initial={"approvals": ticked})
    # An empty ballot is sent as an empty form: it must be refused, not shown anew as if nothing had happened.
    if request.method == "POST" and not form.is_bound:
        form = BallotForm({}, items=items)
    if form.is_valid():
        try:
            ballot = cast_ballot(
                by=request.user, voting_round=found, approvals=form.cleaned_data["approvals"]
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(
                request,
                _("The ballot of %(organisation)s has been cast (version %(version)s).")
                % {"organisation": ballot.voter, "version": ballot.version},
            )
            return redirect(found)
    context = {
        "round": found,
        "lines": lines,
        "form": form,
        "chosen": form.chosen,
        "own": own,
        "selection": selection(found, lines, form.chosen),
    }
    return render(request, "voting/ballot_cast.html", context, status=422 if form.errors else 200)
