from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cesai.lib.admin import ReadOnlyAdmin, each
from cesai.lib.http import refuse
from cesai.lib.refusals import Refused
from evaluations.actions.budgets import set_budget
from evaluations.actions.engines import pause_engine, resume_engine
from evaluations.actions.prices import check_start, set_price
from evaluations.actions.quarantine import check_again
from evaluations.actions.replay import replay_ingest
from evaluations.actions.runs import cancel_run
from evaluations.models import (
    Attempt,
    ComputeBudget,
    Decision,
    Engine,
    EngineCalibration,
    GpuClass,
    GpuPrice,
    ImportedReport,
    ImportedScore,
    Regression,
    ReleaseReference,
    Run,
    Score,
    StateChange,
    Suite,
    SuiteVersion,
    Task,
)
from evaluations.models.run import State


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


class TaskInline(ReadOnlyInline):
    model = Task


class AttemptInline(ReadOnlyInline):
    model = Attempt


class StateChangeInline(ReadOnlyInline):
    model = StateChange


class DecisionInline(ReadOnlyInline):
    model = Decision


class ScoreInline(ReadOnlyInline):
    model = Score


@admin.register(Engine)
class EngineAdmin(admin.ModelAdmin):
    list_display = ["title", "kind", "is_open", "most_at_once", "backlog", "unreachable_since"]
    actions = ["pause", "resume"]
    fields = [
        "slug",
        "title",
        "kind",
        "is_open",
        "most_at_once",
        "unreachable_since",
        "trouble",
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Engine | None = None) -> list[str]:
        """What a run was requested for keeps its name and kind."""
        fixed = ["unreachable_since", "trouble"]
        return fixed if obj is None else [*fixed, "slug", "kind"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Engine]:
        waiting = Count("runs", filter=Q(runs__state=State.QUEUED))
        return super().get_queryset(request).annotate(backlog_count=waiting)

    @admin.display(description=_("waiting runs"), ordering="backlog_count")
    def backlog(self, engine: Engine) -> int:
        return engine.backlog_count  # type: ignore[attr-defined]

    @admin.action(description=_("Pause"), permissions=["change"])
    def pause(self, request: HttpRequest, rows: QuerySet[Engine]) -> None:
        each(request, rows, lambda row: pause_engine(by=request.user, engine=row))

    @admin.action(description=_("Take runs again"), permissions=["change"])
    def resume(self, request: HttpRequest, rows: QuerySet[Engine]) -> None:
        each(request, rows, lambda row: resume_engine(by=request.user, engine=row))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"kind": Engine.Kind.SLURM}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ComputeBudget)
class ComputeBudgetAdmin(admin.ModelAdmin):
    list_display = ["project", "limit_cents", "note", "set_by", "set_at"]
    list_select_related = ["project", "set_by"]
    fields = ["project", "limit_cents", "note"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: ComputeBudget, form: forms.ModelForm, change: bool
    ) -> None:
        budget = set_budget(by=request.user, project=obj.project, limit_cents=obj.limit_cents, note=obj.note)
        obj.pk, obj._state.adding = budget.pk, False


class PriceInline(ReadOnlyInline):
    model = GpuPrice


@admin.register(GpuClass)
class GpuClassAdmin(admin.ModelAdmin):
    """What jobs ask a cluster for: the business of system administrators. Prices are set beside it, by finance."""

    list_display = ["title", "engine", "site", "is_open", "most_gpus", "minutes", "watts"]
    list_select_related = ["engine"]
    list_filter = ["engine"]
    inlines = [PriceInline]

    def get_readonly_fields(self, request: HttpRequest, obj: GpuClass | None = None) -> list[str]:
        """A class keeps its name and engine: jobs and accounts speak of them."""
        return ["code", "engine"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PriceForm(forms.ModelForm):
    class Meta:
        model = GpuPrice
        fields = ["gpu_class", "cents_per_hour", "valid_from", "source"]

    def validate_constraints(self) -> None:
        """The action ends the price before; only what it would refuse is wrong."""
        try:
            check_start(self.cleaned_data["gpu_class"], self.cleaned_data["valid_from"])
        except KeyError:
            return
        except Refused as refusal:
            refuse(self, refusal)


@admin.register(GpuPrice)
class GpuPriceAdmin(admin.ModelAdmin):
    """A price is added, never changed: the new one ends the old one."""

    list_display = ["gpu_class", "cents_per_hour", "valid_from", "valid_until", "source"]
    list_select_related = ["gpu_class"]
    list_filter = ["gpu_class"]
    form = PriceForm

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: GpuPrice, form: forms.ModelForm, change: bool) -> None:
        price = set_price(by=request.user, **form.cleaned_data)
        obj.pk, obj._state.adding = price.pk, False


@admin.register(Suite)
class SuiteAdmin(ReadOnlyAdmin):
    list_display = ["slug", "title_de"]


@admin.register(SuiteVersion)
class SuiteVersionAdmin(ReadOnlyAdmin):
    list_display = ["suite", "number", "harness", "harness_version", "created_at"]
    list_select_related = ["suite"]
    inlines = [TaskInline]


@admin.register(Regression)
class RegressionAdmin(ReadOnlyAdmin):
    list_display = ["run", "before", "task", "difference", "q", "found_at", "acknowledged_by"]
    list_filter = ["found_at"]
    list_select_related = [
        "run__release__model",
        "before__release__model",
        "task__version__suite",
        "acknowledged_by",
    ]


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = [
        "code",
        "release",
        "suite_version",
        "engine",
        "state",
        "reason",
        "requested_by",
        "created_at",
    ]
    list_filter = ["state", "engine", "suite_version__suite"]
    list_select_related = ["release__model", "suite_version__suite", "engine", "requested_by"]
    search_fields = ["code", "release__model__name"]
    inlines = [ScoreInline, DecisionInline, AttemptInline, StateChangeInline]
    actions = ["cancel", "check_again", "replay_ingest"]

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("evaluations.decide_quarantine")

    @admin.action(description=_("Check results in quarantine again"), permissions=["decide"])
    def check_again(self, request: HttpRequest, rows: QuerySet[Run]) -> None:
        self.each(request, rows, lambda row: check_again(by=request.user, run=row))

    @admin.action(description=_("Read results again"), permissions=["decide"])
    def replay_ingest(self, request: HttpRequest, rows: QuerySet[Run]) -> None:
        self.each(request, rows, lambda row: replay_ingest(by=request.user, run=row))

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("evaluations.cancel_run")

    @admin.action(description=_("Cancel"), permissions=["cancel"])
    def cancel(self, request: HttpRequest, rows: QuerySet[Run]) -> None:
        self.each(request, rows, lambda row: cancel_run(by=request.user, run=row))


class ImportedScoreInline(ReadOnlyInline):
    model = ImportedScore


@admin.register(ImportedReport)
class ImportedReportAdmin(ReadOnlyAdmin):
    """Imported on the page of the release's scores."""

    list_display = ["release", "harness", "harness_version", "source", "imported_by", "imported_at"]
    list_select_related = ["release__model", "imported_by"]
    inlines = [ImportedScoreInline]


@admin.register(ReleaseReference)
class ReleaseReferenceAdmin(ReadOnlyAdmin):
    list_display = ["release", "source", "made_with", "made_by", "made_at"]
    list_select_related = ["release__model", "made_by"]


@admin.register(EngineCalibration)
class EngineCalibrationAdmin(ReadOnlyAdmin):
    list_display = ["image", "release", "asked", "largest", "tolerance", "is_valid", "measured_at"]
    list_select_related = ["release__model"]
    list_filter = ["is_valid"]
