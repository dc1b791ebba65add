"""The portfolio as JSON."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cesai.lib.api import ListView, RowSerializer
from cesai.lib.http import require
from portfolio import converters  # noqa: F401  the addresses below use it
from portfolio.actions import usecases as actions
from portfolio.filters import ProjectFilter, ProposalFilter, UseCaseFilter
from portfolio.models import AIModel, ModelProposal, Project, UseCase


class UseCaseRow(RowSerializer):
    id = serializers.IntegerField()
    code = serializers.CharField()
    title = serializers.CharField()
    organisation = serializers.CharField(source="organisation__name")
    domain = serializers.CharField()
    status = serializers.CharField()
    language = serializers.CharField()
    created_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)


class UseCaseDetail(UseCaseRow):
    problem = serializers.CharField()
    benefit = serializers.CharField()
    data_available = serializers.CharField(allow_blank=True)
    goals = serializers.ListField(child=serializers.CharField())
    expected_value_cents = serializers.IntegerField(allow_null=True)
    confidentiality = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)


class ProposalRow(RowSerializer):
    id = serializers.IntegerField()
    code = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.CharField()
    cost_gpu_hours = serializers.IntegerField()
    cost_cents = serializers.IntegerField()
    status = serializers.CharField()
    created_at = serializers.DateTimeField()


class ModelRow(RowSerializer):
    id = serializers.IntegerField()
    code = serializers.CharField()
    slug = serializers.CharField()
    name = serializers.CharField()
    licence = serializers.CharField()
    status = serializers.CharField()
    created_at = serializers.DateTimeField()


class ProjectRow(RowSerializer):
    id = serializers.IntegerField()
    code = serializers.CharField()
    title = serializers.CharField()
    organisation = serializers.CharField(source="organisation__name")
    starts_on = serializers.DateField()
    results_on = serializers.DateField()
    team_size = serializers.IntegerField()
    progress = serializers.IntegerField()
    light = serializers.CharField()
    status = serializers.CharField()
    created_at = serializers.DateTimeField()


class UseCaseList(ListView):
    """Use cases that you may see, newest first."""

    row = UseCaseRow
    filterset = UseCaseFilter

    def rows(self, request: Request) -> QuerySet:
        return UseCase.objects.visible_to(request.user)


class ProposalList(ListView):
    """Model proposals with their cost, newest first."""

    row = ProposalRow
    filterset = ProposalFilter

    def rows(self, request: Request) -> QuerySet:
        return ModelProposal.objects.visible_to(request.user)


class ModelList(ListView):
    """Commissioned models, newest first."""

    row = ModelRow

    def rows(self, request: Request) -> QuerySet:
        return AIModel.objects.visible_to(request.user)


class ProjectList(ListView):
    """Schnellboot projects with progress and light, newest first."""

    row = ProjectRow
    filterset = ProjectFilter

    def rows(self, request: Request) -> QuerySet:
        return Project.objects.visible_to(request.user).with_progress()


class UseCaseView(APIView):
    """One use case."""

    @extend_schema(operation_id="usecase_detail", responses=UseCaseDetail)
    def get(self, request: Request, code: str) -> Response:
        rows = UseCase.objects.visible_to(request.user).values(*UseCaseDetail.sources())
        return Response(UseCaseDetail.renamed(get_object_or_404(rows, code=code)))


class UseCaseSubmit(APIView):
    """Hands a draft of your organisation in."""

    @extend_schema(operation_id="usecase_submit", request=None, responses=UseCaseDetail)
    def post(self, request: Request, code: str) -> Response:
        use_case: Any = get_object_or_404(UseCase.objects.visible_to(request.user), code=code)
        require(request.user, "portfolio.edit_usecase", use_case)
        actions.submit_usecase(by=request.user, use_case=use_case)
        return UseCaseView().get(request, code)


app_name = "portfolio_api"
urlpatterns = [
    path("use-cases/", UseCaseList.as_view(), name="usecase_list"),
    path("use-cases/<code:code>/", UseCaseView.as_view(), name="usecase_detail"),
    path("use-cases/<code:code>/submit/", UseCaseSubmit.as_view(), name="usecase_submit"),
    path("proposals/", ProposalList.as_view(), name="proposal_list"),
    path("models/", ModelList.as_view(), name="model_list"),
    path("projects/", ProjectList.as_view(), name="project_list"),
]
