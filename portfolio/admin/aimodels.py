from django.contrib import admin

from cesai.lib.admin import ReadOnlyAdmin
from portfolio.models import AIModel, ModelRelease


class ReleaseInline(admin.TabularInline):
    model = ModelRelease
    fields = ("version", "notes", "served_name", "created_by", "created_at")
    readonly_fields = ("version", "notes", "served_name", "created_by", "created_at")
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None) -> bool:
        return False


@admin.register(AIModel)
class AIModelAdmin(ReadOnlyAdmin):
    list_display = ["code", "name", "licence", "status", "created_at"]
    list_filter = ["status"]
    search_fields = ["code", "name"]
    inlines = [ReleaseInline]
