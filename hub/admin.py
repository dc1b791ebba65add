from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cesai.lib.admin import ReadOnlyAdmin
from hub.actions.plans import retry_publication
from hub.models import Connection, Plan, Publication, Target


@admin.register(Connection)
class ConnectionAdmin(admin.ModelAdmin):
    list_display = ["name", "address", "namespace", "refused_at"]
    readonly_fields = ["refused_at", "created_at"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Target)
class TargetAdmin(ReadOnlyAdmin):
    list_display = ["repository", "model", "connection", "visibility", "state"]
    list_filter = ["state", "visibility", "connection"]
    list_select_related = ["model", "connection"]
    search_fields = ["repository", "model__name"]


@admin.register(Plan)
class PlanAdmin(ReadOnlyAdmin):
    list_display = ["id", "target", "release", "state", "created_by", "approved_by", "created_at"]
    list_filter = ["state"]
    list_select_related = ["target__connection", "release__model", "created_by", "approved_by"]


@admin.register(Publication)
class PublicationAdmin(ReadOnlyAdmin):
    list_display = ["id", "plan", "state", "step", "attempt", "error_kind", "commit_oid", "created_at"]
    list_filter = ["state", "error_kind"]
    list_select_related = ["plan__target__connection", "plan__release__model"]
    actions = ["retry"]

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("hub.plan_publication")

    @admin.action(description=_("Try again"), permissions=["retry"])
    def retry(self, request: HttpRequest, rows: QuerySet[Publication]) -> None:
        self.each(request, rows, lambda row: retry_publication(by=request.user, publication=row))
