"""Runs and scores as JSON."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cesai.lib.api import ListView, RowSerializer
from cesai.lib.http import require
from evaluations import api_money as money
from evaluations import api_results, api_scores
from evaluations.actions import runs as actions
from evaluations.engines import launcher_of
from evaluations.filters import RunFilter
from evaluations.launchers.folder import RunFolder
from evaluations.models import Engine, GpuClass, Run, Score, SuiteVersion
from evaluations.models.run import Priority, State
from evaluations.stages import stages_of
from portfolio.models import ModelRelease, Project


class RunRow(RowSerializer):
    id = serializers.IntegerField()
    code = serializers.CharField()
    model = serializers.CharField(source="release__model__slug")
    version = serializers.CharField(source="release__version")
    release = serializers.IntegerField(source="release_id")
    suite = serializers.CharField(source="suite_version__suite__slug")
    suite_version = serializers.IntegerField(source="suite_version__number")
    state = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class RunFull(RunRow):
    fingerprint = serializers.CharField()
    replicate = serializers.IntegerField()
    restarts = serializers.IntegerField()
    engine = serializers.CharField(source="engine__slug")
    gpu_class = serializers.CharField(source="gpu_class__code", allow_null=True)
    gpus = serializers.IntegerField()
    priority = serializers.IntegerField()
    project = serializers.CharField(source="project__code", allow_null=True)
    non_commercial = serializers.BooleanField()
    planned_seconds = serializers.FloatField(allow_null=True)
    planned_cents = serializers.IntegerField(allow_null=True)
    cancel_requested_at = serializers.DateTimeField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    phase = serializers.CharField(source="progress__phase", allow_null=True)
    done = serializers.IntegerField(source="progress__done", allow_null=True)
    total = serializers.IntegerField(source="progress__total", allow_null=True)


class ScoreRow(RowSerializer):
    """`value` and `stderr` (one standard error) are shares from 0 to 1 for accuracies."""

    id = serializers.IntegerField()
    run = serializers.CharField(source="run__code")
    model = serializers.CharField(source="run__release__model__slug")
    version = serializers.CharField(source="run__release__version")
    suite = serializers.CharField(source="run__suite_version__suite__slug")
    suite_version = serializers.IntegerField(source="run__suite_version__number")
    task = serializers.CharField(source="task__name")
    metric = serializers.CharField()
    value = serializers.FloatField()
    stderr = serializers.FloatField(allow_null=True)
    questions = serializers.IntegerField()
    right = serializers.IntegerField(allow_null=True)
    finished_at = serializers.DateTimeField(source="run__finished_at")


class RunRequest(serializers.Serializer):
    """`gpu_class` is the short name of a class; without one it is the first open class of `engine`.

    `project` is the code of the project to charge; `repeat` measures again what has been measured.
    """

    release = serializers.IntegerField()
    suite = serializers.SlugField()
    suite_version = serializers.IntegerField()
    engine = serializers.SlugField(default="local")
    gpu_class = serializers.SlugField(required=False)
    gpus = serializers.IntegerField(required=False, min_value=0, max_value=64)
    priority = serializers.ChoiceField(choices=Priority.choices, default=Priority.NORMAL)
    project = serializers.CharField(required=False, max_length=16)
    repeat = serializers.BooleanField(default=False)


class RunList(ListView):
    """Evaluation runs that you may see, newest first."""

    row = RunRow
    filterset = RunFilter

    def rows(self, request: Request) -> QuerySet:
        return Run.objects.visible_to(request.user)

    @extend_schema(operation_id="run_request", request=RunRequest, responses={201: RunFull})
    def post(self, request: Request) -> Response:
        require(request.user, "evaluations.request_run")
        asked = RunRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        releases = ModelRelease.objects.visible_to(request.user).select_related("model")
        run = actions.request_run(
            by=request.user,
            release=get_object_or_404(releases, pk=wanted["release"]),
            suite_version=get_object_or_404(
                SuiteVersion, suite__slug=wanted["suite"], number=wanted["suite_version"]
            ),
            **_where(wanted),
            gpus=wanted.get("gpus"),
            priority=wanted["priority"],
            project=get_object_or_404(Project.objects.visible_to(request.user), code=wanted["project"])
            if "project" in wanted
            else None,
            repeat=wanted["repeat"],
        )
        return Response(_run(request, run.code), status=201)


class RunView(APIView):
    """One run with its progress."""

    @extend_schema(operation_id="run_detail", responses=RunFull)
    def get(self, request: Request, code: str) -> Response:
        return Response(_run(request, code))


class StageRow(serializers.Serializer):
    """`seconds` over all attempts; `parts` are the phases of the newest one, where its runner has told them."""

    name = serializers.CharField()
    began_at = serializers.DateTimeField()
    seconds = serializers.FloatField()
    is_current = serializers.BooleanField()


class Stages(StageRow):
    parts = StageRow(many=True)


class RunStages(APIView):
    """How long each stage of a run took; of one that is not over, until now."""

    @extend_schema(operation_id="run_stages", responses=Stages(many=True))
    def get(self, request: Request, code: str) -> Response:
        runs = Run.objects.visible_to(request.user).select_related("engine")
        run: Any = get_object_or_404(runs, code=code)
        folder = RunFolder(launcher_of(run.engine).folder(run.key))
        changes = run.state_changes.order_by("pk")
        return Response(Stages(stages_of(run, changes, folder.progress, timezone.now()), many=True).data)


class RunCancel(APIView):
    """Asks for the end of a run."""

    @extend_schema(operation_id="run_cancel", request=None, responses=RunFull)
    def post(self, request: Request, code: str) -> Response:
        run: Any = get_object_or_404(Run.objects.visible_to(request.user), code=code)
        require(request.user, "evaluations.cancel_run")
        actions.cancel_run(by=request.user, run=run)
        return Response(_run(request, code))


class ScoreList(ListView):
    """Scores of all finished runs that you may see, newest first."""

    row = ScoreRow
    key = "run__created_at"

    def rows(self, request: Request) -> QuerySet:
        visible = Run.objects.visible_to(request.user).filter(state=State.SUCCEEDED)
        return Score.objects.filter(run__in=visible)


def _where(wanted: dict[str, Any]) -> dict[str, Any]:
    if "gpu_class" in wanted:
        classes = GpuClass.objects.select_related("engine")
        return {"gpu_class": get_object_or_404(classes, code=wanted["gpu_class"])}
    return {"engine": get_object_or_404(Engine, slug=wanted["engine"])}


def _run(request: Request, code: str) -> dict[str, Any]:
    rows = Run.objects.visible_to(request.user).values(*RunFull.sources())
    return RunFull.renamed(get_object_or_404(rows, code=code))


app_name = "evaluations_api"
urlpatterns = [
    *money.urlpatterns,
    path("runs/", RunList.as_view(), name="run_list"),
    path("runs/<str:code>/", RunView.as_view(), name="run_detail"),
    path("runs/<str:code>/cancel/", RunCancel.as_view(), name="run_cancel"),
    path("runs/<str:code>/check/", api_results.RunCheck.as_view(), name="run_check"),
    path("runs/<str:code>/replay/", api_results.RunReplay.as_view(), name="run_replay"),
    path("runs/<str:code>/stages/", RunStages.as_view(), name="run_stages"),
    path("runs/<str:code>/release/", api_results.RunRelease.as_view(), name="run_release"),
    path("runs/<str:code>/reject/", api_results.RunReject.as_view(), name="run_reject"),
    path("runs/<str:code>/hand-in/", api_results.RunHandIn.as_view(), name="run_hand_in"),
    path("releases/<int:pk>/reference/", api_results.ReferenceHandIn.as_view(), name="reference_hand_in"),
    path("releases/<int:pk>/import/", api_results.ScoresImport.as_view(), name="scores_import"),
    path("calibrations/", api_results.CalibrationList.as_view(), name="calibration_list"),
    path("imported-scores/", api_results.ImportedScoreList.as_view(), name="imported_score_list"),
    path("runs/<str:code>/answers/", api_scores.RunAnswerList.as_view(), name="answer_list"),
    path("comparison/", api_scores.ComparisonView.as_view(), name="comparison"),
    path(
        "suites/<slug:slug>/<int:number>/leaderboard/",
        api_scores.LeaderboardView.as_view(),
        name="suite_leaderboard",
    ),
    path("regressions/", api_scores.RegressionList.as_view(), name="regression_list"),
    path(
        "regressions/<int:pk>/acknowledge/",
        api_scores.RegressionAcknowledge.as_view(),
        name="regression_acknowledge",
    ),
    path("scores/", ScoreList.as_view(), name="score_list"),
]
