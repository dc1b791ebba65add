from django.contrib import admin

from activity.models import Event, Mail


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


@admin.register(Mail)
class MailAdmin(EventAdmin):
    """Whether a letter went out; its text is between the portal and its reader."""

    list_display = ["created_at", "recipient", "subject", "sent_at", "attempts"]
    list_select_related = ["recipient"]
    search_fields = ["subject", "recipient__email"]
    list_filter = [("sent_at", admin.EmptyFieldListFilter)]
    fields = ["recipient", "subject", "key", "created_at", "sent_at", "attempts"]
