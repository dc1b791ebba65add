from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cesai.lib.admin import ReadOnlyAdmin
from cesai.lib.refusals import Refused
from cesai.templatetags.figures import euro
from funding import actions
from funding.models import (
    Award,
    BudgetLine,
    ComputeAllotment,
    Entry,
    FinancePlanVersion,
    PlannedAmount,
    Programme,
    RulePack,
    RulePackVersion,
)


class RulePackVersionInline(admin.StackedInline):
    model = RulePackVersion
    extra = 0


@admin.register(RulePack)
class RulePackAdmin(admin.ModelAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [RulePackVersionInline]

    def has_delete_permission(self, request: HttpRequest, obj: RulePack | None = None) -> bool:
        return False


@admin.register(Programme)
class ProgrammeAdmin(admin.ModelAdmin):
    list_display = ["name", "funder", "legal_basis"]
    list_select_related = ["funder"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


class BudgetLineInline(admin.TabularInline):
    model = BudgetLine
    extra = 0


@admin.register(Award)
class AwardAdmin(admin.ModelAdmin):
    """New awards go through the action, which gives them their code; amounts are in euro cents."""

    list_display = ["code", "reference", "title", "recipient", "maximum", "starts_on", "ends_on"]
    list_select_related = ["recipient"]
    search_fields = ["code", "reference", "title"]
    readonly_fields = ["code"]
    inlines = [BudgetLineInline]

    @admin.display(description=_("maximum grant"), ordering="maximum_cents")
    def maximum(self, award: Award) -> str:
        return euro(award.maximum_cents)

    def save_model(self, request: HttpRequest, obj: Award, form: forms.ModelForm, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        granted = actions.grant_award(by=request.user, **form.cleaned_data)
        # The inlines are saved onto `obj`, so it becomes the row that the action has made.
        obj.pk, obj.code, obj._state.adding = granted.pk, granted.code, False


@admin.register(ComputeAllotment)
class ComputeAllotmentAdmin(admin.ModelAdmin):
    list_display = ["project", "line", "limit", "starts_on", "ends_on"]
    list_select_related = ["project", "line"]

    def has_delete_permission(self, request: HttpRequest, obj: ComputeAllotment | None = None) -> bool:
        return False

    @admin.display(description=_("limit"), ordering="limit_cents")
    def limit(self, allotment: ComputeAllotment) -> str:
        return euro(allotment.limit_cents)


class PlannedAmountForm(forms.ModelForm):
    class Meta:
        model = PlannedAmount
        fields = [
            "line",
            "year",
            "amount_cents",
            "federal_cents",
            "state_cents",
            "eu_cents",
            "own_cents",
            "private_cents",
        ]


class PlannedAmountInline(admin.TabularInline):
    """Changes until the plan is approved; the database holds the same rule."""

    model = PlannedAmount
    form = PlannedAmountForm
    extra = 0

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        version = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
        if db_field.name == "line" and version:
            kwargs["queryset"] = BudgetLine.objects.filter(award__plan_versions=version).order_by("position")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def _open(self, obj: FinancePlanVersion | None) -> bool:
        return obj is not None and obj.status != FinancePlanVersion.Status.APPROVED

    def has_add_permission(self, request: HttpRequest, obj: FinancePlanVersion | None = None) -> bool:
        return self._open(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: FinancePlanVersion | None = None) -> bool:
        return self._open(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: FinancePlanVersion | None = None) -> bool:
        return self._open(obj) and super().has_delete_permission(request, obj)


@admin.register(FinancePlanVersion)
class FinancePlanVersionAdmin(admin.ModelAdmin):
    list_display = ["award", "number", "name", "status", "submitted_on", "decided_on"]
    list_select_related = ["award"]
    list_filter = ["status"]
    fields = ["award", "name", "note", "number", "status", "submitted_on", "decided_on"]
    inlines = [PlannedAmountInline]
    actions = ["submit", "approve"]

    def get_readonly_fields(self, request: HttpRequest, obj: FinancePlanVersion | None = None) -> list[str]:
        machine = ["number", "status", "submitted_on", "decided_on"]
        if obj is None:
            return machine
        closed = obj.status == FinancePlanVersion.Status.APPROVED
        return ["award", *(["name", "note"] if closed else []), *machine]

    def save_model(
        self, request: HttpRequest, obj: FinancePlanVersion, form: forms.ModelForm, change: bool
    ) -> None:
        if change:
            obj.save(update_fields=["name", "note"])
            return
        made = actions.add_plan_version(by=request.user, **form.cleaned_data)
        obj.pk, obj.number, obj.created_by_id, obj._state.adding = (
            made.pk,
            made.number,
            made.created_by_id,
            False,
        )

    @admin.action(description=_("Record as applied for today"), permissions=["change"])
    def submit(self, request: HttpRequest, queryset: QuerySet[FinancePlanVersion]) -> None:
        self._each(
            request,
            queryset,
            lambda version: actions.submit_plan(
                by=request.user, version=version, submitted_on=timezone.localdate()
            ),
        )

    @admin.action(description=_("Record as approved today"), permissions=["change"])
    def approve(self, request: HttpRequest, queryset: QuerySet[FinancePlanVersion]) -> None:
        self._each(
            request,
            queryset,
            lambda version: actions.approve_plan(
                by=request.user, version=version, decided_on=timezone.localdate()
            ),
        )

    def _each(self, request: HttpRequest, queryset: QuerySet[FinancePlanVersion], act: Any) -> None:
        for version in queryset.select_related("award"):
            try:
                act(version)
            except Refused as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, f"{version}: {version.get_status_display()}")

    def has_delete_permission(self, request: HttpRequest, obj: FinancePlanVersion | None = None) -> bool:
        return False


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    """Entries are booked on the award's page and never change."""

    list_display = ["booked_on", "award", "line", "kind", "payee", "reason", "amount_euro"]
    list_select_related = ["award", "line"]
    list_filter = ["kind", "award"]
    search_fields = ["payee", "reason"]
    date_hierarchy = "booked_on"

    def has_change_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return False
