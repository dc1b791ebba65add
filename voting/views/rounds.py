from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from activity.history import history_of
from cesai.lib.http import refuse, require
from cesai.lib.keyset import paginate
from cesai.lib.refusals import Refused
from voting.actions import rounds as actions
from voting.ballotpaper import own_vote, paper, parts, reads_proposals
from voting.cycle import situation, stages
from voting.delegated import entrusted
from voting.forms import ProposalsForm, RoundForm
from voting.models import Objection, Round, RoundVoter
from voting.proof import closing_of


@require_safe
@login_required
def round_list(request: HttpRequest) -> HttpResponse:
    """Rounds, newest first: what can be voted on now and what was decided."""
    rows = Round.objects.visible_to(request.user).with_clock().annotate(item_count=Count("items"))
    context = {
        "page": paginate(request, rows, key="created_at"),
        "may_manage": request.user.has_perm("voting.manage_round"),
    }
    return render(request, "voting/round_list.html", context)


@require_safe
@login_required
def round_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One round: question, rule, dates, proposals with costs, the own organisation's ballot."""
    found = find_round(request, slug)
    own = own_vote(request.user, found)
    represented = request.user.representing
    lines = paper(request.user, found)
    votes_here = found.takes_ballots and own is not None
    context: dict[str, Any] = {
        "round": found,
        "paper": lines,
        "parts": parts(found, lines, {}, None),
        "own": own,
        "entrusted": entrusted(own) if own is not None and found.delegation else None,
        "may_prepare": votes_here,
        "linked": reads_proposals(request.user),
        # What `voting.cast_ballot` asks, without asking the database once more.
        "may_vote": found.takes_ballots
        and own is not None
        and represented is not None
        and own.voter.organisation_id == represented.pk,
        "may_manage": request.user.has_perm("voting.manage_round"),
        "history": history_of(found),
        "stages": stages(found) if found.kind == Round.Kind.PORTAL else [],
        "closing": closing_of(found) if found.closed_at else "",
    }
    if found.is_counted and found.kind == Round.Kind.PORTAL:
        said = list(Objection.objects.visible_to(request.user).filter(round=found).select_related("voter"))
        context["objections"] = said
        context["may_object"] = own is not None and _takes_objections(request.user, found, own.voter)
    if context["may_manage"] and found.kind == Round.Kind.PORTAL:
        items = [line.item for line in context["paper"]]
        context["situation"] = situation(found, items, context.get("objections", []))
    return render(request, "voting/round_detail.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def round_create(request: HttpRequest) -> HttpResponse:
    """A manager drafts a round."""
    require(request.user, "voting.manage_round")
    form = RoundForm(request.POST or None)
    if form.is_valid():
        try:
            made = actions.create_round(by=request.user, **form.content())
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(
                request, _("The round has been drafted. Nobody sees it before you publish its rules.")
            )
            return redirect(made)
    return render(request, "voting/round_edit.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required
def round_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """A manager changes a draft; once the rules are published, only its proposals."""
    found = find_round(request, slug)
    require(request.user, "voting.manage_round")
    if found.status not in actions.EDITABLE and request.method == "GET":
        messages.error(request, _("The proposals are confirmed; the round can not be changed any more."))
        return redirect(found)
    kind = RoundForm if found.status == Round.Status.DRAFT else ProposalsForm
    form = kind(request.POST or None, instance=found)
    if form.is_valid():
        try:
            actions.edit_round(by=request.user, voting_round=found, **form.content())
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The changes have been saved."))
            return redirect(found)
    context = {"form": form, "round": find_round(request, slug)}
    return render(request, "voting/round_edit.html", context, status=422 if form.errors else 200)


def _takes_objections(user: User, found: Round, voter: RoundVoter) -> bool:
    """Whether the reader can object to the result now, by the clock of the database."""
    represented = user.representing
    return (
        found.status == Round.Status.TALLIED
        and found.objections_until is not None
        and found.clock < found.objections_until  # type: ignore[attr-defined]
        and represented is not None
        and voter.organisation_id == represented.pk
    )


def find_round(request: HttpRequest, slug: str) -> Round:
    """The round, if the reader may see it; 404 otherwise."""
    rows = Round.objects.visible_to(request.user).with_clock().annotate(voter_count=Count("voters"))
    return get_object_or_404(rows, slug=slug)
