"""Reports as JSON: the canonical document of the same report that page and files show."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from funding.actions import FundingRefused
from funding.models import Award
from reports import json
from reports.award import award_report
from reports.forms import ReportForm


class ColumnDocument(serializers.Serializer):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    kind = serializers.CharField()


class TableDocument(serializers.Serializer):
    key = serializers.CharField()
    caption = serializers.CharField()
    columns = ColumnDocument(many=True)
    rows = serializers.ListField(child=serializers.ListField(child=serializers.JSONField()))
    totals = serializers.ListField(child=serializers.JSONField())


class SectionDocument(serializers.Serializer):
    key = serializers.CharField()
    title = serializers.CharField()
    intro = serializers.CharField()
    paragraphs = serializers.ListField(child=serializers.CharField())
    tables = TableDocument(many=True)
    charts = serializers.ListField(child=serializers.JSONField())


class FactDocument(serializers.Serializer):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    kind = serializers.CharField()
    value = serializers.JSONField()


class ReportDocument(serializers.Serializer):
    """Money is whole euro cents, shares are whole basis points, days are ISO 8601."""

    schema = serializers.CharField()
    key = serializers.CharField()
    language = serializers.CharField()
    as_of = serializers.DateField()
    title = serializers.CharField()
    subtitle = serializers.CharField()
    facts = FactDocument(many=True)
    sections = SectionDocument(many=True)


class AwardReportView(APIView):
    """The report on an award as of a day."""

    @extend_schema(
        operation_id="award_report",
        responses=ReportDocument,
        parameters=[
            OpenApiParameter("as_of", OpenApiTypes.DATE, description="Default: today."),
            OpenApiParameter("language", OpenApiTypes.STR, enum=["de", "en"]),
        ],
    )
    def get(self, request: Request, code: str) -> Response:
        rows = Award.objects.visible_to(request.user).select_related(
            "programme__funder", "recipient", "rule_pack"
        )
        award = get_object_or_404(rows, code=code)
        return Response(json.document(award_report(award, **_choices(request, award))))


def _choices(request: Request, award: Award) -> dict[str, Any]:
    form = ReportForm(request.GET, award=award)
    if not form.is_valid():
        field, sentences = next(iter(form.errors.items()))
        raise FundingRefused(sentences[0], field=field)
    return form.cleaned_data


app_name = "reports_api"
urlpatterns = [path("awards/<slug:code>/", AwardReportView.as_view(), name="award_report")]
