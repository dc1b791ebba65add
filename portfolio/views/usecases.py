from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from activity.history import history_of
from cesai.lib.http import refuse, require
from cesai.lib.keyset import paginate
from cesai.lib.refusals import Refused
from portfolio.actions import usecases as actions
from portfolio.filters import UseCaseFilter
from portfolio.forms import UseCaseForm
from portfolio.models import ModelProposal, UseCase


@require_safe
@login_required
def usecase_list(request: HttpRequest) -> HttpResponse:
    """Use cases the reader may see, newest first; filtered by status, field, words and "ours"."""
    rows = UseCase.objects.visible_to(request.user).select_related("organisation").defer("problem", "benefit")
    found = UseCaseFilter(request.GET, rows, request=request)
    page = paginate(request, found.qs, key="created_at")
    return render(request, "portfolio/usecase_list.html", {"filter": found, "page": page})


@require_safe
@login_required
def usecase_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One use case, what became of it and why."""
    use_case = _find(request, code)
    proposals = ModelProposal.objects.visible_to(request.user).filter(use_cases=use_case).order_by("pk")
    context = {
        "use_case": use_case,
        "proposals": proposals,
        "history": history_of(use_case),
        "may_edit": request.user.has_perm("portfolio.edit_usecase", use_case),
        "may_triage": request.user.has_perm("portfolio.triage_usecase"),
    }
    return render(request, "portfolio/usecase_detail.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def usecase_create(request: HttpRequest) -> HttpResponse:
    """A new draft; "save and submit" hands it in at once."""
    require(request.user, "portfolio.submit_usecase")
    organisations = request.user.organisations
    if not organisations:
        raise PermissionDenied
    form = UseCaseForm(request.POST or None, organisations=organisations)
    if form.is_valid():
        content = dict(form.cleaned_data)
        organisation = content.pop("organisation", organisations[0])
        try:
            with transaction.atomic():
                use_case = actions.draft_usecase(by=request.user, organisation=organisation, **content)
                if "submit" in request.POST:
                    actions.submit_usecase(by=request.user, use_case=use_case)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _saved(use_case))
            return redirect(use_case)
    return render(request, "portfolio/usecase_edit.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required
def usecase_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Changes a draft, or answers a question of CESAI."""
    use_case = _find(request, code)
    require(request.user, "portfolio.edit_usecase", use_case)
    if not use_case.is_editable and request.method == "GET":
        messages.error(request, _("This use case can no longer be edited."))
        return redirect(use_case)
    form = UseCaseForm(request.POST or None, instance=use_case, organisations=request.user.organisations)
    if form.is_valid():
        # The form has written to its own copy of the fields; the action works on what the database holds.
        use_case = _find(request, code)
        try:
            with transaction.atomic():
                actions.edit_usecase(by=request.user, use_case=use_case, **form.cleaned_data)
                if "submit" in request.POST:
                    actions.submit_usecase(by=request.user, use_case=use_case)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _saved(use_case))
            return redirect(use_case)
    context = {"form": form, "use_case": use_case}
    return render(request, "portfolio/usecase_edit.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def usecase_submit(request: HttpRequest, code: str) -> HttpResponse:
    """Hands a draft in."""
    return _change(request, code, actions.submit_usecase)


@require_POST
@login_required
def usecase_withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Takes a use case back."""
    return _change(request, code, actions.withdraw_usecase)


def _find(request: HttpRequest, code: str) -> UseCase:
    rows = UseCase.objects.visible_to(request.user).select_related("organisation", "submitter")
    return get_object_or_404(rows, code=code)


def _change(request: HttpRequest, code: str, action) -> HttpResponse:
    use_case = _find(request, code)
    require(request.user, "portfolio.edit_usecase", use_case)
    try:
        action(by=request.user, use_case=use_case)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _saved(use_case))
    return redirect(use_case)


def _saved(use_case: UseCase) -> str:
    if use_case.status == UseCase.Status.SUBMITTED:
        return _("%(code)s has been submitted. You will see every decision and its reason on this page.") % {
            "code": use_case.code
        }
    if use_case.status == UseCase.Status.WITHDRAWN:
        return _("%(code)s has been withdrawn.") % {"code": use_case.code}
    return _("%(code)s has been saved as a draft.") % {"code": use_case.code}
