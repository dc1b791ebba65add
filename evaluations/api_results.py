"""Decisions about results, references, calibrations and imports as JSON."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cesai.lib.api import ListView, RowSerializer
from cesai.lib.http import require
from evaluations.actions import quarantine
from evaluations.actions.calibration import hand_in_reference
from evaluations.actions.imports import import_scores
from evaluations.actions.replay import replay_ingest
from evaluations.models import EngineCalibration, ImportedScore, Run
from evaluations.uploads import on_disk
from portfolio.models import ModelRelease


class CalibrationRow(RowSerializer):
    """`largest` and `tolerance` in nats per token."""

    id = serializers.IntegerField()
    image = serializers.CharField()
    release = serializers.IntegerField(source="release_id")
    model = serializers.CharField(source="release__model__slug")
    version = serializers.CharField(source="release__version")
    golden = serializers.CharField()
    asked = serializers.IntegerField()
    largest = serializers.FloatField(allow_null=True)
    tolerance = serializers.FloatField()
    shift = serializers.IntegerField()
    valid = serializers.BooleanField(source="is_valid")
    measured_at = serializers.DateTimeField()


class ImportedRow(RowSerializer):
    """Measured elsewhere, not by the portal. `value` and `stderr` (one standard error) are on the metric's own scale."""

    id = serializers.IntegerField()
    release = serializers.IntegerField(source="report__release_id")
    harness = serializers.CharField(source="report__harness")
    harness_version = serializers.CharField(source="report__harness_version")
    source = serializers.CharField(source="report__source")  # type: ignore[assignment]  # REST framework takes it out
    task = serializers.CharField()
    metric = serializers.CharField()
    value = serializers.FloatField()
    stderr = serializers.FloatField(allow_null=True)
    questions = serializers.IntegerField(allow_null=True)
    imported_at = serializers.DateTimeField(source="report__imported_at")


class DecisionBody(serializers.Serializer):
    reason = serializers.CharField(max_length=1000)


class ResultBody(serializers.Serializer):
    archive = serializers.FileField()


class DocumentBody(serializers.Serializer):
    document = serializers.FileField()


class ImportBody(DocumentBody):
    source = serializers.CharField(max_length=300)  # type: ignore[assignment]


class Settled(serializers.Serializer):
    """What became of the run."""

    code = serializers.CharField()
    state = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)


class Taken(serializers.Serializer):
    id = serializers.IntegerField()


class CalibrationList(ListView):
    """How far endpoint software was from independent references, newest first."""

    row = CalibrationRow
    key = "measured_at"

    def rows(self, request: Request) -> QuerySet:
        return EngineCalibration.objects.filter(release__in=ModelRelease.objects.visible_to(request.user))


class ImportedScoreList(ListView):
    """Scores that were measured elsewhere, newest first."""

    row = ImportedRow
    key = "report__imported_at"

    def rows(self, request: Request) -> QuerySet:
        visible = ModelRelease.objects.visible_to(request.user)
        return ImportedScore.objects.filter(report__release__in=visible)


class RunCheck(APIView):
    """All gates once more, on a result in quarantine."""

    @extend_schema(operation_id="run_check", request=None, responses=Settled)
    def post(self, request: Request, code: str) -> Response:
        run = _run(request, code, "evaluations.decide_quarantine")
        quarantine.check_again(by=request.user, run=run)
        return _settled(run)


class RunReplay(APIView):
    """The stored result once more through all gates. Scores that are there are compared, not changed."""

    @extend_schema(operation_id="run_replay", request=None, responses=Settled)
    def post(self, request: Request, code: str) -> Response:
        run = _run(request, code, "evaluations.decide_quarantine")
        replay_ingest(by=request.user, run=run)
        return _settled(run)


class RunRelease(APIView):
    """Scores in spite of a doubt that is for people to judge."""

    @extend_schema(operation_id="run_release", request=DecisionBody, responses=Settled)
    def post(self, request: Request, code: str) -> Response:
        return _decide(request, code, quarantine.release_result)


class RunReject(APIView):
    """The result never becomes a score."""

    @extend_schema(operation_id="run_reject", request=DecisionBody, responses=Settled)
    def post(self, request: Request, code: str) -> Response:
        return _decide(request, code, quarantine.reject_result)


class RunHandIn(APIView):
    """A result that could not be fetched, as a zip archive."""

    parser_classes = [MultiPartParser]

    @extend_schema(operation_id="run_hand_in", request=ResultBody, responses=Settled)
    def post(self, request: Request, code: str) -> Response:
        run = _run(request, code, "evaluations.hand_in_result")
        body = ResultBody(data=request.data)
        body.is_valid(raise_exception=True)
        with on_disk(body.validated_data["archive"]) as archive:
            quarantine.hand_in_result(by=request.user, run=run, archive=archive)
        return _settled(run)


class ReferenceHandIn(APIView):
    """What a release answers to the golden continuations, computed without its endpoint."""

    parser_classes = [MultiPartParser]

    @extend_schema(operation_id="reference_hand_in", request=DocumentBody, responses={201: Taken})
    def post(self, request: Request, pk: int) -> Response:
        release = _release(request, pk, "evaluations.hand_in_reference")
        body = DocumentBody(data=request.data)
        body.is_valid(raise_exception=True)
        with on_disk(body.validated_data["document"]) as path:
            taken = hand_in_reference(by=request.user, release=release, document=path.read_bytes())
        return Response({"id": taken.pk}, status=201)


class ScoresImport(APIView):
    """Scores of a release that were measured elsewhere: a file of lm-eval or EuroEval."""

    parser_classes = [MultiPartParser]

    @extend_schema(operation_id="scores_import", request=ImportBody, responses={201: Taken})
    def post(self, request: Request, pk: int) -> Response:
        release = _release(request, pk, "evaluations.import_scores")
        body = ImportBody(data=request.data)
        body.is_valid(raise_exception=True)
        with on_disk(body.validated_data["document"]) as path:
            taken = import_scores(
                by=request.user, release=release, path=path, source=body.validated_data["source"]
            )
        return Response({"id": taken.pk}, status=201)


def _decide(request: Request, code: str, act: Callable[..., None]) -> Response:
    run = _run(request, code, "evaluations.decide_quarantine")
    body = DecisionBody(data=request.data)
    body.is_valid(raise_exception=True)
    act(by=request.user, run=run, **body.validated_data)
    return _settled(run)


def _run(request: Request, code: str, permission: str) -> Any:
    run: Any = get_object_or_404(Run.objects.visible_to(request.user), code=code)
    require(request.user, permission)
    return run


def _release(request: Request, pk: int, permission: str) -> Any:
    release: Any = get_object_or_404(ModelRelease.objects.visible_to(request.user), pk=pk)
    require(request.user, permission)
    return release


def _settled(run: Run) -> Response:
    return Response({"code": run.code, "state": run.state, "reason": run.reason})
