from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from cesai.lib.http import HtmxRequest, refuse, require
from cesai.lib.refusals import Refused
from voting.actions import Stale, drafts
from voting.actions.ballots import cast_ballot
from voting.ballotpaper import OwnVote, own_vote, paper, parts
from voting.forms import BallotForm, PreferenceForm, points_in
from voting.models import Round, VotingPreference
from voting.views.rounds import find_round


@require_http_methods(["GET", "POST"])
@login_required
@vary_on_headers("HX-Request")
def ballot_cast(request: HtmxRequest, slug: str) -> HttpResponse:
    """The ballot of the represented organisation; with htmx only the count of what is ticked."""
    found = find_round(request, slug)
    require(request.user, "voting.cast_ballot", found)
    return _fill_in(request, found, casting=True)


@require_http_methods(["GET", "POST"])
@login_required
@vary_on_headers("HX-Request")
def draft_edit(request: HtmxRequest, slug: str) -> HttpResponse:
    """The draft that any member of an organisation may change; the same paper as the ballot."""
    found = find_round(request, slug)
    require(request.user, "voting.prepare_ballot", found)
    return _fill_in(request, found, casting=False)


@require_http_methods(["GET", "POST"])
@login_required
def draft_release(request: HttpRequest, slug: str) -> HttpResponse:
    """A representative reads the draft and casts it as it stands."""
    found = find_round(request, slug)
    require(request.user, "voting.cast_ballot", found)
    own = _own(request, found)
    status = 200
    if request.method == "POST":
        revision = request.POST.get("revision", "")
        try:
            ballot = drafts.release_draft(
                by=request.user,
                voting_round=found,
                revision=int(revision) if revision.isdecimal() and len(revision) < 10 else 0,
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
            status, own = refusal.status, _own(request, found)
        else:
            return _done(request, ballot)
    if own.draft is None:
        if status == 200:
            messages.info(request, _("There is no draft."))
        return redirect(found)
    lines = paper(request.user, found)
    codes = {line.item.pk: line.item.code for line in lines}
    chosen = {codes[key]: number for key, number in own.draft.choices.items()}
    context = {
        "round": found,
        "own": own,
        "chosen": chosen,
        "parts": parts(found, lines, chosen, own.voter),
        "is_mine": own.draft.prepared_by_id == request.user.pk,
    }
    return render(request, "voting/draft_release.html", context, status=status)


@require_POST
@login_required
def draft_discard(request: HttpRequest, slug: str) -> HttpResponse:
    """A member throws the draft of the own organisation away."""
    found = find_round(request, slug)
    require(request.user, "voting.prepare_ballot", found)
    try:
        drafts.discard_draft(by=request.user, voting_round=found)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The draft has been discarded."))
    return redirect(found)


@require_http_methods(["GET", "POST"])
@login_required
def preference_edit(request: HttpRequest) -> HttpResponse:
    """A representative decides how the own organisation votes."""
    represented = request.user.representing
    if represented is None:
        raise PermissionDenied
    known = VotingPreference.objects.filter(organisation=represented).first()
    form = PreferenceForm(
        request.POST if request.method == "POST" else None,
        initial={"four_eyes": known.four_eyes if known else False},
    )
    if form.is_valid():
        drafts.prefer_four_eyes(
            by=request.user,
            organisation=represented,
            four_eyes=form.cleaned_data["four_eyes"],
        )
        messages.success(request, _("Saved. It holds for rounds that open from now on."))
        return redirect("voting:round_list")
    return render(request, "voting/preference_edit.html", {"form": form, "organisation": represented})


def _fill_in(request: HtmxRequest, found: Round, *, casting: bool) -> HttpResponse:
    lines = paper(request.user, found)
    own = _own(request, found)
    if request.htmx and request.method == "GET":
        counted = parts(found, lines, _sent(request.GET, found, lines), own.voter)
        return render(request, "voting/ballot_cast.html#counter", {"round": found, "parts": counted})
    if request.method == "GET" and found.phase != Round.Phase.OPEN:
        messages.info(request, _("The round takes no ballots now."))
        return redirect(found)
    form, status = _form(request, found, lines, own), 200
    stand = {name: "" if (value := form[name].value()) is None else value for name in _stand(own)}
    if form.is_bound and "count" not in request.POST:
        if form.is_valid():
            try:
                return _send(request, found, form, casting=casting)
            except Refused as refusal:
                refuse(form, refusal)
                status = refusal.status
                if isinstance(refusal, Stale):
                    # From now on the reader knows what stands there, and may replace it.
                    own = _own(request, found)
                    stand = _stand(own)
        else:
            status = 422
    counted = parts(found, lines, form.chosen, own.voter)
    context = {
        "round": found,
        "parts": counted,
        "form": form,
        "chosen": form.chosen,
        "own": own,
        "casting": casting,
        "stand": stand,
        "may_cast": casting and not own.voter.four_eyes,
    }
    template = "voting/ballot_cast.html" if casting else "voting/draft_edit.html"
    return render(request, template, context, status=status)


def _form(request: HtmxRequest, found: Round, lines: Any, own: OwnVote) -> BallotForm:
    codes = {line.item.pk: line.item.code for line in lines}
    before = own.draft or own.ballot
    # An empty ballot is sent as an empty form: it must be refused, not shown anew as if nothing had happened.
    return BallotForm(
        request.POST if request.method == "POST" else None,
        voting_round=found,
        items=[line.item for line in lines],
        chosen={codes[key]: number for key, number in before.choices.items()} if before else {},
        initial=_stand(own),
    )


def _send(request: HtmxRequest, found: Round, form: BallotForm, *, casting: bool) -> HttpResponse:
    user: Any = request.user
    if casting:
        ballot = cast_ballot(
            by=user,
            voting_round=found,
            replaces=form.cleaned_data["replaces"],
            uses_draft=form.cleaned_data["revision"],
            **form.choice(),
        )
        return _done(request, ballot)
    drafts.save_draft(by=user, voting_round=found, revision=form.cleaned_data["revision"], **form.choice())
    messages.success(
        request, _("The draft has been saved. Your colleagues see it; it counts for nothing yet.")
    )
    return redirect(found)


def _done(request: HttpRequest, ballot: Any) -> HttpResponse:
    messages.success(
        request,
        _("The ballot of %(organisation)s has been cast (version %(version)s).")
        % {"organisation": ballot.voter, "version": ballot.version},
    )
    return redirect(ballot.voter.round)


def _stand(own: OwnVote) -> dict[str, Any]:
    """What the reader has before the eyes: the version of the ballot and the revision of the draft."""
    return {
        "replaces": own.ballot.version if own.ballot else 0,
        "revision": own.draft.revision if own.draft else 0,
    }


def _own(request: HttpRequest, found: Round) -> OwnVote:
    own = own_vote(request.user, found)
    if own is None:
        raise PermissionDenied
    return own


def _sent(data: Any, found: Round, lines: Any) -> dict[str, int]:
    codes = [line.item.code for line in lines]
    if found.asks_points:
        return points_in({code: data.get(f"points-{code}") for code in codes})
    ticked = set(data.getlist("approvals"))
    return {code: 1 for code in codes if code in ticked}
