"""Rounds in the administration: drafted, opened, closed and counted through the same actions as on the work pages.

Ballots are not shown here at all: what others voted is nobody's business before the end.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import ActionLocation
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from cesai.lib.admin import ReadOnlyAdmin
from cesai.lib.refusals import Refused
from voting.actions import objections, steps
from voting.actions import results as result_actions
from voting.actions import rounds as actions
from voting.forms import DecisionForm, RoundForm
from voting.models import (
    ChainRecord,
    Delegation,
    ImportedElection,
    Objection,
    Result,
    ResultItem,
    Round,
    RoundItem,
    RoundVoter,
    Succession,
    Track,
    TrackResult,
)

EVERYWHERE = [ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM]


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RoundItemInline(ReadOnlyInline):
    model = RoundItem
    fields = ["code", "title", "cost", "track"]


class TrackInline(ReadOnlyInline):
    model = Track
    fields = ["code", "name", "budget", "sizes"]


class RoundVoterInline(ReadOnlyInline):
    model = RoundVoter
    fields = ["name", "size_class", "sector", "in_rheinisches_revier", "four_eyes"]


@admin.register(Round)
class RoundAdmin(ReadOnlyAdmin):
    """Drafts can be written and changed; from the published rules on a round only goes from step to step."""

    list_display = ["title", "status", "budget", "unit", "opens_at", "closes_at", "kind"]
    list_filter = ["status", "kind"]
    search_fields = ["title", "slug"]
    ordering = ["-created_at", "-pk"]
    inlines = [TrackInline, RoundItemInline, RoundVoterInline]
    actions = ["publish", "confirm", "freeze", "close", "count", "finalise"]
    form = RoundForm
    draft_fields = [
        "title",
        "question",
        "budget",
        "unit",
        "utility",
        "minimum_approvals",
        "points_total",
        "points_most",
        "four_eyes",
        "delegation",
        "opens_at",
        "closes_at",
        "objection_days",
        "proposals",
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("voting.manage_round")

    def has_manage_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("voting.manage_round")

    def has_change_permission(self, request: HttpRequest, obj: Round | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or self._is_draft(obj))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Round]:
        return Round.objects.visible_to(request.user).order_by("-created_at", "-pk")

    def get_fields(self, request: HttpRequest, obj: Round | None = None) -> Any:
        if obj is None or self.has_change_permission(request, obj):
            return self.draft_fields
        return [field.name for field in Round._meta.fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Round | None = None) -> list[str]:
        if obj is None or self.has_change_permission(request, obj):
            return []
        return super().get_readonly_fields(request, obj)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None or self.has_change_permission(request, obj):
            return RoundForm
        return super().get_form(request, obj, change, form=forms.ModelForm, **kwargs)

    def get_inlines(self, request: HttpRequest, obj: Round | None = None) -> list[Any]:
        return self.inlines if obj is not None else []

    def save_model(self, request: HttpRequest, obj: Round, form: forms.ModelForm, change: bool) -> None:
        assert isinstance(form, RoundForm)
        if change:
            actions.edit_round(by=request.user, voting_round=obj, **form.content())
            return
        made = actions.create_round(by=request.user, **form.content())
        obj.pk, obj.slug, obj._state.adding = made.pk, made.slug, False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A refusal, such as a draft that somebody else opened meanwhile, becomes a message."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:voting_round_changelist")

    @admin.action(description=_("Publish the rules"), permissions=["manage"], location=EVERYWHERE)
    def publish(self, request: HttpRequest, rows: QuerySet[Round]) -> None:
        self.each(request, rows, lambda row: steps.publish_rules(by=request.user, voting_round=row))

    @admin.action(description=_("Confirm proposals and costs"), permissions=["manage"], location=EVERYWHERE)
    def confirm(self, request: HttpRequest, rows: QuerySet[Round]) -> None:
        self.each(request, rows, lambda row: steps.confirm_proposals(by=request.user, voting_round=row))

    @admin.action(description=_("Freeze the ballot paper"), permissions=["manage"], location=EVERYWHERE)
    def freeze(self, request: HttpRequest, rows: QuerySet[Round]) -> None:
        self.each(request, rows, lambda row: steps.freeze_round(by=request.user, voting_round=row))

    @admin.action(
        description=_("Close a round whose time is over"), permissions=["manage"], location=EVERYWHERE
    )
    def close(self, request: HttpRequest, rows: QuerySet[Round]) -> None:
        self.each(request, rows, lambda row: steps.close_round(by=request.user, voting_round=row))

    @admin.action(description=_("Count a closed round"), permissions=["manage"], location=EVERYWHERE)
    def count(self, request: HttpRequest, rows: QuerySet[Round]) -> None:
        self.each(request, rows, lambda row: result_actions.tally_round(by=request.user, voting_round=row))

    @admin.action(description=_("Make the result final"), permissions=["manage"], location=EVERYWHERE)
    def finalise(self, request: HttpRequest, rows: QuerySet[Round]) -> None:
        self.each(request, rows, lambda row: objections.finalise_round(by=request.user, voting_round=row))

    def _is_draft(self, voting_round: Round) -> bool:
        return voting_round.status == Round.Status.DRAFT


@admin.register(Delegation)
class DelegationAdmin(ReadOnlyAdmin):
    """Who votes for whom; given, accepted and revoked by the organisations alone."""

    list_display = ["delegator", "delegate", "round", "asked_at", "accepted_at", "revoked_at"]
    list_filter = ["round"]
    list_select_related = ["delegator", "delegate", "round"]
    ordering = ["-pk"]


class TrackResultInline(ReadOnlyInline):
    model = TrackResult
    fields = ["track", "voters", "spent", "endowment", "runs"]


class ResultItemInline(ReadOnlyInline):
    model = ResultItem
    fields = ["item", "votes", "won", "step", "price", "payers", "money_left", "won_greedy"]


@admin.register(Result)
class ResultAdmin(ReadOnlyAdmin):
    """Written by the count, never by hand."""

    list_display = ["round", "voters", "spent", "runs", "confirmed", "computed_at"]
    list_select_related = ["round"]
    inlines = [TrackResultInline, ResultItemInline]


@admin.register(Succession)
class SuccessionAdmin(ReadOnlyAdmin):
    """What was given up and what moved up after a final result; done on the page of the result."""

    list_display = ["item", "kind", "reason", "by", "at"]
    list_filter = ["kind"]
    list_select_related = ["item", "by"]


@admin.register(ImportedElection)
class ImportedElectionAdmin(ReadOnlyAdmin):
    """Where imported rounds come from."""

    list_display = ["file_name", "round", "sha256"]
    list_select_related = ["round"]
    exclude = ["ballots"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for name in super().get_readonly_fields(request, obj) if name != "ballots"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportedElection]:
        return super().get_queryset(request).defer("ballots")


@admin.register(ChainRecord)
class ChainRecordAdmin(ReadOnlyAdmin):
    """What is sealed, in its exact text. A ballot's record says nothing about its content."""

    list_display = ["round", "sequence", "kind", "digest"]
    list_filter = ["kind"]
    list_select_related = ["round"]
    search_fields = ["digest", "round__title"]
    ordering = ["-round", "sequence"]


class ObjectionDecision(DecisionForm, forms.ModelForm):
    class Meta:
        model = Objection
        fields: list[str] = ["reason"]


@admin.register(Objection)
class ObjectionAdmin(ReadOnlyAdmin):
    """Filed by organisations, decided here or on the page of the round, once and with a reason."""

    list_display = ["round", "number", "voter", "status", "filed_at", "decided_at"]
    list_filter = ["status"]
    list_select_related = ["round", "voter"]

    def has_change_permission(self, request: HttpRequest, obj: Objection | None = None) -> bool:
        waits = obj is None or obj.status == Objection.Status.OPEN
        return waits and super().has_change_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: Objection | None = None) -> Any:
        shown = ["round", "number", "voter", "text", "filed_by", "filed_at"]
        if self.has_change_permission(request, obj):
            return [*shown, "decision", "reason"]
        return [*shown, "status", "reason", "decided_by", "decided_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Objection | None = None) -> list[str]:
        fields = super().get_readonly_fields(request, obj)
        return (
            [name for name in fields if name != "reason"]
            if self.has_change_permission(request, obj)
            else fields
        )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = ObjectionDecision if self.has_change_permission(request, obj) else forms.ModelForm
        return super().get_form(request, obj, change, form=form, **kwargs)

    def save_model(self, request: HttpRequest, obj: Objection, form: forms.ModelForm, change: bool) -> None:
        objections.decide_objection(
            by=request.user,
            objection=obj,
            uphold=form.cleaned_data["decision"] == Objection.Status.UPHELD,
            reason=form.cleaned_data["reason"],
        )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A refusal, such as one that somebody else decided meanwhile, becomes a message."""
        buttons = {"show_save": True} if request.user.has_perm("voting.change_objection") else {}
        try:
            return super().changeform_view(request, object_id, form_url, {**buttons, **(extra_context or {})})
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:voting_objection_changelist")
