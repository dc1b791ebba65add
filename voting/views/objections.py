from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cesai.lib.http import refuse, require
from cesai.lib.refusals import Refused
from voting.actions import objections as actions
from voting.forms import DecisionForm, ObjectionForm
from voting.models import Objection
from voting.views.rounds import find_round


@require_http_methods(["GET", "POST"])
@login_required
def objection_file(request: HttpRequest, slug: str) -> HttpResponse:
    """A representative objects to a result."""
    found = find_round(request, slug)
    require(request.user, "voting.file_objection", found)
    if not found.is_counted:
        raise Http404
    form = ObjectionForm(request.POST or None)
    if form.is_valid():
        try:
            actions.file_objection(by=request.user, voting_round=found, text=form.cleaned_data["text"])
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The objection is filed. You will be told what was decided."))
            return redirect(found)
    context = {"round": found, "form": form}
    return render(request, "voting/objection_file.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required
def objection_decide(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A manager decides about an objection, with a reason."""
    found = find_round(request, slug)
    require(request.user, "voting.manage_round")
    rows = Objection.objects.visible_to(request.user).select_related("voter", "filed_by")
    objection = get_object_or_404(rows, round=found, number=number)
    form = DecisionForm(request.POST or None)
    if form.is_valid():
        try:
            actions.decide_objection(
                by=request.user,
                objection=objection,
                uphold=form.cleaned_data["decision"] == Objection.Status.UPHELD,
                reason=form.cleaned_data["reason"],
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The objection is decided."))
            return redirect(found)
    context = {"round": found, "objection": objection, "form": form}
    return render(request, "voting/objection_decide.html", context, status=422 if form.errors else 200)
