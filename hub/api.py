"""Publications and plans as JSON."""

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
from hub.actions import plans as actions
from hub.models import Plan, Publication, Target
from portfolio.models import ModelRelease


class PublicationRow(RowSerializer):
    id = serializers.IntegerField()
    model = serializers.CharField(source="plan__release__model__slug")
    version = serializers.CharField(source="plan__release__version")
    namespace = serializers.CharField(source="plan__target__connection__namespace")
    repository = serializers.CharField(source="plan__target__repository")
    state = serializers.CharField()
    commit = serializers.CharField(source="commit_oid", allow_blank=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class PublicationFull(PublicationRow):
    plan = serializers.IntegerField(source="plan_id")
    step = serializers.CharField()
    attempt = serializers.IntegerField()
    recovered = serializers.BooleanField()
    error_kind = serializers.CharField(allow_blank=True)


class PlanRow(RowSerializer):
    id = serializers.IntegerField()
    release = serializers.IntegerField(source="release_id")
    model = serializers.CharField(source="release__model__slug")
    namespace = serializers.CharField(source="target__connection__namespace")
    repository = serializers.CharField(source="target__repository")
    state = serializers.CharField()
    digest = serializers.CharField(allow_blank=True)
    bytes_to_send = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class PlanFull(PlanRow):
    content = serializers.JSONField()
    generated = serializers.JSONField()
    error_kind = serializers.CharField(allow_blank=True)
    created_by = serializers.CharField(source="created_by__full_name")
    approved_by = serializers.CharField(source="approved_by__full_name", allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)


class PlanRequest(serializers.Serializer):
    """The release to publish, at a place that was described in the portal."""

    release = serializers.IntegerField()
    target = serializers.IntegerField()


class Approval(serializers.Serializer):
    """The digest of the plan that was read."""

    digest = serializers.CharField(max_length=64)


class PublicationList(ListView):
    """Publications that you may see, newest first."""

    row = PublicationRow

    def rows(self, request: Request) -> QuerySet:
        return Publication.objects.visible_to(request.user)


class PlanList(ListView):
    """Publication plans, newest first."""

    row = PlanRow

    def rows(self, request: Request) -> QuerySet:
        return Plan.objects.visible_to(request.user)

    @extend_schema(operation_id="plan_create", request=PlanRequest, responses={201: PlanFull})
    def post(self, request: Request) -> Response:
        require(request.user, "hub.plan_publication")
        asked = PlanRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        release = get_object_or_404(
            ModelRelease.objects.visible_to(request.user).select_related("model"),
            pk=asked.validated_data["release"],
        )
        target = get_object_or_404(Target.objects.visible_to(request.user), pk=asked.validated_data["target"])
        plan = actions.plan_release(by=request.user, release=release, target=target)
        return Response(_plan(request, plan.pk), status=201)


class PublicationView(APIView):
    """One publication."""

    @extend_schema(operation_id="publication_detail", responses=PublicationFull)
    def get(self, request: Request, pk: int) -> Response:
        return Response(_publication(request, pk))


class PublicationRetry(APIView):
    """Tries a failed publication again."""

    @extend_schema(operation_id="publication_retry", request=None, responses=PublicationFull)
    def post(self, request: Request, pk: int) -> Response:
        publication: Any = get_object_or_404(Publication.objects.visible_to(request.user), pk=pk)
        require(request.user, "hub.plan_publication")
        actions.retry_publication(by=request.user, publication=publication)
        return Response(_publication(request, pk))


class PlanView(APIView):
    """One plan with all its operations and the texts that it would publish."""

    @extend_schema(operation_id="plan_detail", responses=PlanFull)
    def get(self, request: Request, pk: int) -> Response:
        return Response(_plan(request, pk))


class PlanApprove(APIView):
    """Approves exactly the plan with this digest and starts the publication."""

    @extend_schema(operation_id="plan_approve", request=Approval, responses=PublicationFull)
    def post(self, request: Request, pk: int) -> Response:
        rows = Plan.objects.visible_to(request.user).select_related("release__model")
        plan: Any = get_object_or_404(rows, pk=pk)
        require(request.user, "hub.approve_publication")
        given = Approval(data=request.data)
        given.is_valid(raise_exception=True)
        publication = actions.approve_plan(by=request.user, plan=plan, digest=given.validated_data["digest"])
        return Response(_publication(request, publication.pk))


class PlanDiscard(APIView):
    """Puts a plan away."""

    @extend_schema(operation_id="plan_discard", request=None, responses=PlanFull)
    def post(self, request: Request, pk: int) -> Response:
        plan: Any = get_object_or_404(Plan.objects.visible_to(request.user), pk=pk)
        require(request.user, "hub.plan_publication")
        actions.discard_plan(by=request.user, plan=plan)
        return Response(_plan(request, pk))


def _plan(request: Request, pk: int) -> dict[str, Any]:
    rows = Plan.objects.visible_to(request.user).values(*PlanFull.sources())
    return PlanFull.renamed(get_object_or_404(rows, pk=pk))


def _publication(request: Request, pk: int) -> dict[str, Any]:
    rows = Publication.objects.visible_to(request.user).values(*PublicationFull.sources())
    return PublicationFull.renamed(get_object_or_404(rows, pk=pk))


app_name = "hub_api"
urlpatterns = [
    path("publications/", PublicationList.as_view(), name="publication_list"),
    path("publications/<int:pk>/", PublicationView.as_view(), name="publication_detail"),
    path("publications/<int:pk>/retry/", PublicationRetry.as_view(), name="publication_retry"),
    path("plans/", PlanList.as_view(), name="plan_list"),
    path("plans/<int:pk>/", PlanView.as_view(), name="plan_detail"),
    path("plans/<int:pk>/approve/", PlanApprove.as_view(), name="plan_approve"),
    path("plans/<int:pk>/discard/", PlanDiscard.as_view(), name="plan_discard"),
]
