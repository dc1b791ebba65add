from django.contrib import admin

from activity.models import Event


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):
    """Read-only: what happened cannot be edited."""

    list_display = ["at", "actor", "verb", "target_label"]
    list_select_related = ["actor"]
    search_fields = ["target_label", "verb"]

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
