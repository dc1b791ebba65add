"""Comparisons, leaderboards, answers and regressions as JSON."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cesai.lib.api import ListView, RowSerializer
from cesai.lib.http import require
from evaluations.actions.regressions import acknowledge_regression
from evaluations.answer_pages import AnswerFilter
from evaluations.comparing import Row, compare_releases
from evaluations.leaderboard import Entry, leaderboard
from evaluations.models import Answer, Regression, Run, Task
from evaluations.views.leaderboards import find_version
from evaluations.wording import effect
from portfolio.models import ModelRelease


class ComparedTask(serializers.Serializer):
    """`difference` is second minus first with its 95 % interval; `q` is p adjusted over all tasks (Benjamini and
    Hochberg); `detectable` is the smallest difference that so many questions show in eight of ten cases.
    """

    task = serializers.CharField()
    metric = serializers.CharField()
    runs = serializers.ListField(child=serializers.CharField(), help_text="Codes of both runs.")
    first = serializers.FloatField()
    second = serializers.FloatField()
    difference = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    questions = serializers.IntegerField()
    only_first = serializers.IntegerField(allow_null=True)
    only_second = serializers.IntegerField(allow_null=True)
    method = serializers.ChoiceField(["mcnemar", "bootstrap"])
    p = serializers.FloatField()
    q = serializers.FloatField()
    significant = serializers.BooleanField()
    detectable = serializers.FloatField()
    sentence = serializers.CharField()


class LeftOut(serializers.Serializer):
    task = serializers.CharField()
    reason = serializers.CharField()


class ComparisonFull(serializers.Serializer):
    first = serializers.IntegerField(help_text="The first release.")
    second = serializers.IntegerField(help_text="The second release.")
    tasks = ComparedTask(many=True)
    left_out = LeftOut(many=True)


class ReleasePair(serializers.Serializer):
    first = serializers.IntegerField()
    second = serializers.IntegerField()


class ComparisonView(APIView):
    """Two releases on equal questions, task by task. Refused (422) when they have none in common."""

    @extend_schema(
        operation_id="comparison",
        responses=ComparisonFull,
        parameters=[
            OpenApiParameter("first", OpenApiTypes.INT, required=True, description="A release."),
            OpenApiParameter("second", OpenApiTypes.INT, required=True, description="Another release."),
        ],
    )
    def get(self, request: Request) -> Response:
        asked = ReleasePair(data=request.query_params)
        asked.is_valid(raise_exception=True)
        releases = ModelRelease.objects.visible_to(request.user).select_related("model")
        first, second = (get_object_or_404(releases, pk=asked.validated_data[name]) for name in asked.fields)
        board = compare_releases(first, second)
        return Response(
            {
                "first": first.pk,
                "second": second.pk,
                "tasks": [_compared(row) for row in board.rows],
                "left_out": [{"task": task, "reason": reason} for task, reason in board.left_out],
            }
        )


def _compared(row: Row) -> dict[str, Any]:
    found = row.comparison
    return {
        "task": row.second.task.name,
        "metric": row.second.metric,
        "runs": [row.first.run.code, row.second.run.code],
        "first": found.first,
        "second": found.second,
        "difference": found.difference,
        "low": found.interval.low,
        "high": found.interval.high,
        "questions": found.questions,
        "only_first": found.only_first,
        "only_second": found.only_second,
        "method": found.method.value,
        "p": found.p,
        "q": row.q,
        "significant": row.is_significant,
        "detectable": found.detectable,
        "sentence": effect(row),
    }


class LeaderboardRow(serializers.Serializer):
    """`best_rank` and `worst_rank` are the places that the answers allow; `mean` is over the board's tasks."""

    run = serializers.CharField()
    release = serializers.IntegerField()
    model = serializers.CharField()
    version = serializers.CharField()
    best_rank = serializers.IntegerField()
    worst_rank = serializers.IntegerField()
    mean = serializers.FloatField()
    scores = serializers.DictField(child=serializers.FloatField())


class Unranked(serializers.Serializer):
    run = serializers.CharField()
    reason = serializers.CharField()


class LeaderboardFull(serializers.Serializer):
    suite = serializers.CharField()
    suite_version = serializers.IntegerField()
    tasks = serializers.ListField(child=serializers.CharField())
    results = LeaderboardRow(many=True)
    unranked = Unranked(many=True)


class LeaderboardView(APIView):
    """Measured releases in one version of a suite, with the ranks that their answers allow."""

    @extend_schema(
        operation_id="leaderboard",
        responses=LeaderboardFull,
        parameters=[OpenApiParameter("task", OpenApiTypes.STR, description="Ranks in one task only.")],
    )
    def get(self, request: Request, slug: str, number: int) -> Response:
        version = find_version(slug, number)
        task = None
        if name := request.query_params.get("task"):
            task = get_object_or_404(Task, version=version, name=name)
        board = leaderboard(version, request.user, task)
        return Response(
            {
                "suite": slug,
                "suite_version": number,
                "tasks": [each.name for each in board.tasks],
                "results": [entry_row(entry, board.tasks) for entry in board.entries],
                "unranked": [{"run": run.code, "reason": reason} for run, reason in board.unranked],
            }
        )


def entry_row(entry: Entry, tasks: list[Task]) -> dict[str, Any]:
    return {
        "run": entry.run.code,
        "release": entry.run.release_id,
        "model": entry.run.release.model.slug,
        "version": entry.run.release.version,
        "best_rank": entry.standing.best_rank,
        "worst_rank": entry.standing.worst_rank,
        "mean": entry.standing.mean,
        "scores": {task.name: score.value for task, score in zip(tasks, entry.scores, strict=True)},
    }


class AnswerRow(RowSerializer):
    """`right` is null where the answer is graded; `value` is the task's first metric."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    task = serializers.CharField(source="task__name")
    doc_id = serializers.IntegerField()
    doc_hash = serializers.CharField(source="question__doc_hash")
    prompt_hash = serializers.CharField(source="question__prompt_hash")
    target_hash = serializers.CharField(source="question__target_hash")
    prompt = serializers.CharField(source="question__prompt")
    choices = serializers.JSONField(source="question__choices")
    target = serializers.CharField(source="question__target")
    response = serializers.CharField()
    value = serializers.FloatField()
    right = serializers.BooleanField(source="is_right", allow_null=True)


class RunAnswerList(ListView):
    """Answers of a run, question by question, by number; with the filters of the page."""

    row = AnswerRow
    key = "number"
    descending = False

    filterset = AnswerFilter

    def chosen(self, request: Request, rows: QuerySet) -> AnswerFilter:
        return AnswerFilter(request.GET, run=self._run(request), user=request.user)

    def rows(self, request: Request) -> QuerySet:
        run = self._run(request)
        require(request.user, "evaluations.read_answers")
        return Answer.objects.filter(run=run)

    def _run(self, request: Request) -> Run:
        runs = Run.objects.visible_to(request.user).select_related("suite_version")
        return get_object_or_404(runs, code=self.kwargs["code"])


class RegressionRow(RowSerializer):
    """Tasks that a release does worse than the one before; `difference` is run minus before."""

    id = serializers.IntegerField()
    run = serializers.CharField(source="run__code")
    before = serializers.CharField(source="before__code")
    model = serializers.CharField(source="run__release__model__slug")
    version = serializers.CharField(source="run__release__version")
    task = serializers.CharField(source="task__name")
    metric = serializers.CharField()
    questions = serializers.IntegerField()
    difference = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    p = serializers.FloatField()
    q = serializers.FloatField()
    found_at = serializers.DateTimeField()
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()


class RegressionList(ListView):
    """Regressions in the runs that you may see, newest first."""

    row = RegressionRow
    key = "found_at"

    def rows(self, request: Request) -> QuerySet:
        return Regression.objects.visible_to(request.user)


class Note(serializers.Serializer):
    note = serializers.CharField(max_length=500)


class RegressionAcknowledge(APIView):
    """Says what is done about a regression."""

    @extend_schema(operation_id="regression_acknowledge", request=Note, responses=RegressionRow)
    def post(self, request: Request, pk: int) -> Response:
        rows = Regression.objects.visible_to(request.user)
        regression: Any = get_object_or_404(rows.select_related("run__release", "task"), pk=pk)
        require(request.user, "evaluations.acknowledge_regression", regression)
        asked = Note(data=request.data)
        asked.is_valid(raise_exception=True)
        acknowledge_regression(by=request.user, regression=regression, note=asked.validated_data["note"])
        return Response(RegressionRow.renamed(rows.values(*RegressionRow.sources()).get(pk=pk)))
