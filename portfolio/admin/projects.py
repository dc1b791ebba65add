from django.contrib import admin

from cesai.lib.admin import ReadOnlyAdmin
from portfolio.models import Milestone, Project


class MilestoneInline(admin.TabularInline):
    model = Milestone
    fields = ("title", "kind", "baseline_on", "forecast_on", "reached_on", "status")
    readonly_fields = ("title", "kind", "baseline_on", "forecast_on", "reached_on", "status")
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Project)
class ProjectAdmin(ReadOnlyAdmin):
    list_display = ["code", "title", "organisation", "lead", "starts_on", "results_on", "light", "status"]
    list_filter = ["status", "light", "organisation"]
    list_select_related = ["organisation", "lead"]
    search_fields = ["code", "title"]
    inlines = [MilestoneInline]
