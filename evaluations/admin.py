from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cesai.lib.admin import ReadOnlyAdmin
from evaluations.actions.runs import cancel_run
from evaluations.models import Attempt, Engine, Run, Score, StateChange, Suite, SuiteVersion, Task


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


class ScoreInline(ReadOnlyInline):
    model = Score


@admin.register(Engine)
class EngineAdmin(admin.ModelAdmin):
    list_display = ["title", "kind", "is_open", "most_at_once", "unreachable_since"]
    fields = ["title", "is_open", "most_at_once", "unreachable_since", "trouble"]
    readonly_fields = ["unreachable_since", "trouble"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Suite)
class SuiteAdmin(ReadOnlyAdmin):
    list_display = ["slug", "title_de"]


@admin.register(SuiteVersion)
class SuiteVersionAdmin(ReadOnlyAdmin):
    list_display = ["suite", "number", "harness", "harness_version", "created_at"]
    list_select_related = ["suite"]
    inlines = [TaskInline]


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
    inlines = [ScoreInline, AttemptInline, StateChangeInline]
    actions = ["cancel"]

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("evaluations.cancel_run")

    @admin.action(description=_("Cancel"), permissions=["cancel"])
    def cancel(self, request: HttpRequest, rows: QuerySet[Run]) -> None:
        self.each(request, rows, lambda row: cancel_run(by=request.user, run=row))
