"""Triage: what a programme manager decides about use cases, one by one or several at once."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import ActionLocation
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from cesai.lib.admin import ReadOnlyAdmin
from cesai.lib.http import refuse
from cesai.lib.refusals import Refused
from portfolio.actions import proposals as proposal_actions
from portfolio.actions import usecases as actions
from portfolio.forms import ProposalForm, ReasonForm
from portfolio.models import UseCase

EVERYWHERE = [ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM]
REASONED = {
    "ask": (
        _("Ask the submitter"),
        lambda by, use_case, text: actions.ask_submitter(by=by, use_case=use_case, question=text),
    ),
    "defer": (
        _("Defer"),
        lambda by, use_case, text: actions.defer_usecase(by=by, use_case=use_case, reason=text),
    ),
    "reject": (
        _("Reject"),
        lambda by, use_case, text: actions.reject_usecase(by=by, use_case=use_case, reason=text),
    ),
}


@admin.register(UseCase)
class UseCaseAdmin(ReadOnlyAdmin):
    list_display = ["code", "title", "organisation", "domain", "status", "submitted_at"]
    list_filter = ["status", "domain", "organisation"]
    list_select_related = ["organisation"]
    search_fields = ["code", "title"]
    date_hierarchy = "submitted_at"
    exclude = ["search"]
    actions = ["take", "propose", "ask", "defer", "reject"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[UseCase]:
        return UseCase.objects.visible_to(request.user).order_by("-created_at", "-pk")

    def has_triage_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("portfolio.triage_usecase")

    @admin.action(description=_("Take into triage"), permissions=["triage"], location=EVERYWHERE)
    def take(self, request: HttpRequest, rows: QuerySet[UseCase]) -> None:
        self.each(request, rows, lambda row: actions.take_into_triage(by=request.user, use_case=row))

    @admin.action(description=_("Turn into a model proposal …"), permissions=["triage"], location=EVERYWHERE)
    def propose(self, request: HttpRequest, rows: QuerySet[UseCase]) -> HttpResponse:
        return _step("propose", rows)

    @admin.action(description=_("Ask the submitter …"), permissions=["triage"], location=EVERYWHERE)
    def ask(self, request: HttpRequest, rows: QuerySet[UseCase]) -> HttpResponse:
        return _step("ask", rows)

    @admin.action(description=_("Defer …"), permissions=["triage"], location=EVERYWHERE)
    def defer(self, request: HttpRequest, rows: QuerySet[UseCase]) -> HttpResponse:
        return _step("defer", rows)

    @admin.action(description=_("Reject …"), permissions=["triage"], location=EVERYWHERE)
    def reject(self, request: HttpRequest, rows: QuerySet[UseCase]) -> HttpResponse:
        return _step("reject", rows)

    def get_urls(self) -> list[Any]:
        step = path("step/<slug:step>/", self.admin_site.admin_view(self.step), name="portfolio_usecase_step")
        return [step, *super().get_urls()]

    def step(self, request: HttpRequest, step: str) -> HttpResponse:
        """The form behind an action that needs words or figures; `keys` are the use cases it is about."""
        if not self.has_triage_permission(request):
            raise PermissionDenied
        rows = self._chosen(request)
        if step == "propose":
            return self._propose(request, rows)
        if step not in REASONED:
            raise BadRequest(step)
        title, act = REASONED[step]
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            try:
                with transaction.atomic():
                    for row in rows:
                        act(request.user, row, form.cleaned_data["reason"])
            except Refused as refusal:
                refuse(form, refusal)
            else:
                messages.success(request, _("The decision has been recorded; the submitter sees the reason."))
                return redirect("admin:portfolio_usecase_changelist")
        return self._form_page(request, form, rows, title)

    def _propose(self, request: HttpRequest, rows: QuerySet[UseCase]) -> HttpResponse:
        first = rows[0]
        initial = {"title": first.title, "summary": first.benefit, "use_cases": [row.pk for row in rows]}
        form = ProposalForm(request.POST or None, use_cases=rows, initial=initial)
        if form.is_valid():
            content = dict(form.cleaned_data)
            try:
                proposal = proposal_actions.propose_model(
                    by=request.user, use_cases=list(content.pop("use_cases")), **content
                )
            except Refused as refusal:
                refuse(form, refusal)
            else:
                messages.success(request, _("%(code)s has been created.") % {"code": proposal.code})
                return HttpResponseRedirect(
                    reverse("admin:portfolio_modelproposal_change", args=[proposal.pk])
                )
        return self._form_page(request, form, rows, _("Turn into a model proposal"))

    def _chosen(self, request: HttpRequest) -> QuerySet[UseCase]:
        keys = [key for key in request.GET.get("keys", "").split(",") if key.isdecimal()]
        rows = self.get_queryset(request).filter(pk__in=keys)
        if not keys or not rows:
            raise BadRequest("keys")
        return rows

    def _form_page(
        self, request: HttpRequest, form: forms.BaseForm, rows: QuerySet, title: object
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "form": form,
            "rows": rows,
            "title": title,
            "opts": self.opts,
        }
        return render(request, "admin/portfolio/step.html", context, status=422 if form.errors else 200)


def _step(step: str, rows: QuerySet[UseCase]) -> HttpResponse:
    keys = ",".join(str(row.pk) for row in rows)
    return HttpResponseRedirect(
        reverse("admin:portfolio_usecase_step", args=[step]) + "?" + urlencode({"keys": keys})
    )
