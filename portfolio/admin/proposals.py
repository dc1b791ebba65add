from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from cesai.lib.admin import ReadOnlyAdmin
from portfolio.models import ModelProposal


@admin.register(ModelProposal)
class ModelProposalAdmin(ReadOnlyAdmin):
    list_display = ["code", "title", "kind", "cost_gpu_hours", "cost_euro", "status"]
    list_filter = ["status", "kind"]
    search_fields = ["code", "title"]
    fields = ["code", "title", "summary", "kind", "base_model", "licence", "cost_gpu_hours", "cost_euro", "months",
              "status", "reason", "created_by", "created_at", "use_cases"]  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: ModelProposal | None = None) -> list[str]:
        return [str(name) for name in self.fields or ()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelProposal]:
        return ModelProposal.objects.visible_to(request.user).order_by("-created_at", "-pk")
