"""Classes of GPUs, what they cost, what runs used, and what waits, as JSON."""

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
from evaluations.actions.budgets import set_budget
from evaluations.actions.engines import pause_engine, resume_engine
from evaluations.actions.prices import set_price
from evaluations.costs import as_rows, attempts_for, lines
from evaluations.estimate import Estimator
from evaluations.models import Engine, GpuClass, SuiteVersion, Task
from evaluations.queue import queues
from portfolio.models import Project


class GpuClassRow(RowSerializer):
    """`watts` is the draw of one device; null where nobody has said it."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    title = serializers.CharField()
    engine = serializers.CharField(source="engine__slug")
    site = serializers.CharField(allow_blank=True)
    is_open = serializers.BooleanField()
    most_gpus = serializers.IntegerField()
    minutes = serializers.IntegerField()
    watts = serializers.IntegerField(allow_null=True)


class TaskRow(RowSerializer):
    """`questions` null: not counted; `revision` empty for a data set that is not pinned."""

    id = serializers.IntegerField()
    suite = serializers.CharField(source="version__suite__slug")
    suite_version = serializers.IntegerField(source="version__number")
    name = serializers.CharField()
    questions = serializers.IntegerField(allow_null=True)
    shots = serializers.IntegerField()
    language = serializers.CharField()
    licence = serializers.CharField()
    non_commercial = serializers.BooleanField()
    dataset = serializers.CharField(allow_blank=True)
    configuration = serializers.CharField(allow_blank=True)
    revision = serializers.CharField(allow_blank=True)


class CostRow(serializers.Serializer):
    """A month of a project on a class; null is unknown. `time`, `cost` and `energy`: measured, estimated or unknown."""

    month = serializers.CharField()
    project = serializers.CharField(allow_blank=True)
    gpu_class = serializers.CharField(allow_blank=True)
    attempts = serializers.IntegerField()
    gpu_seconds = serializers.FloatField()
    device_seconds = serializers.FloatField()
    time = serializers.CharField()
    cost_cents = serializers.IntegerField(allow_null=True)
    cost = serializers.CharField()
    energy_kwh = serializers.FloatField(allow_null=True)
    energy = serializers.CharField()
    attempts_without_price = serializers.IntegerField()
    attempts_without_energy = serializers.IntegerField()


class EstimateQuestion(serializers.Serializer):
    suite = serializers.SlugField()
    suite_version = serializers.IntegerField()
    gpu_class = serializers.SlugField()
    gpus = serializers.IntegerField(required=False, min_value=0, max_value=64)


class EstimateAnswer(serializers.Serializer):
    """Always an estimate; `basis` is same, size, declared or unknown, null is unknown."""

    basis = serializers.CharField()
    runs = serializers.IntegerField()
    seconds = serializers.FloatField(allow_null=True)
    gpu_hours = serializers.FloatField(allow_null=True)
    cents = serializers.IntegerField(allow_null=True)
    kwh = serializers.FloatField(allow_null=True)


class PriceWanted(serializers.Serializer):
    cents_per_hour = serializers.IntegerField(min_value=0)
    valid_from = serializers.DateField()
    source = serializers.CharField(max_length=200)  # type: ignore[assignment]


class BudgetWanted(serializers.Serializer):
    limit_cents = serializers.IntegerField(min_value=0)
    note = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class QueueRow(serializers.Serializer):
    run = serializers.CharField()
    engine = serializers.CharField()
    position = serializers.IntegerField()
    since = serializers.DateTimeField()
    reason = serializers.CharField()
    expected_at = serializers.DateTimeField(allow_null=True)


class EngineState(serializers.Serializer):
    """`health`: ok, paused or unreachable."""

    engine = serializers.CharField()
    health = serializers.CharField()
    waiting = serializers.IntegerField()
    at_work = serializers.IntegerField()
    most_at_once = serializers.IntegerField()


class GpuClassList(ListView):
    """Classes of GPUs that runs can ask for."""

    row = GpuClassRow
    key = "code"

    def rows(self, request: Request) -> QuerySet:
        return GpuClass.objects.all()


class TaskList(ListView):
    """Tasks of all versions of all suites: what they measure, on which data, under which licence."""

    row = TaskRow
    key = "name"

    def rows(self, request: Request) -> QuerySet:
        return Task.objects.all()


class PriceSet(APIView):
    """A new price of an hour from a day on; the one before ends the day before."""

    @extend_schema(operation_id="price_set", request=PriceWanted, responses={201: PriceWanted})
    def post(self, request: Request, code: str) -> Response:
        gpu_class: GpuClass = get_object_or_404(GpuClass.objects.all(), code=code)
        require(request.user, "evaluations.add_gpuprice")
        wanted = PriceWanted(data=request.data)
        wanted.is_valid(raise_exception=True)
        price = set_price(by=request.user, gpu_class=gpu_class, **wanted.validated_data)
        return Response(PriceWanted(price).data, status=201)


class BudgetSet(APIView):
    """The most that all evaluations of a project may cost."""

    @extend_schema(operation_id="budget_set", request=BudgetWanted, responses=BudgetWanted)
    def put(self, request: Request, code: str) -> Response:
        project: Project = get_object_or_404(Project.objects.visible_to(request.user), code=code)
        require(request.user, "evaluations.set_budget")
        wanted = BudgetWanted(data=request.data)
        wanted.is_valid(raise_exception=True)
        return Response(
            BudgetWanted(set_budget(by=request.user, project=project, **wanted.validated_data)).data
        )


class EstimateView(APIView):
    """What a run will probably take."""

    @extend_schema(operation_id="run_estimate", request=EstimateQuestion, responses=EstimateAnswer)
    def post(self, request: Request) -> Response:
        require(request.user, "evaluations.request_run")
        asked = EstimateQuestion(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        version: SuiteVersion = get_object_or_404(
            SuiteVersion.objects.prefetch_related("tasks"),
            suite__slug=wanted["suite"],
            number=wanted["suite_version"],
        )
        gpu_class: GpuClass = get_object_or_404(GpuClass.objects.all(), code=wanted["gpu_class"])
        gpus = min(wanted.get("gpus") or 1, gpu_class.most_gpus)
        estimate = Estimator([gpu_class], timezone.localdate()).of(version, gpu_class, gpus)
        return Response(EstimateAnswer(estimate).data)


class CostList(APIView):
    """What evaluations used per month, project and class, newest month first."""

    @extend_schema(operation_id="cost_list", responses=CostRow(many=True))
    def get(self, request: Request) -> Response:
        require(request.user, "evaluations.read_costs")
        return Response(CostRow(list(as_rows(lines(attempts_for(request.user)))), many=True).data)


class QueueList(APIView):
    """Runs that wait, engine by engine, in their order."""

    @extend_schema(operation_id="queue_list", responses=QueueRow(many=True))
    def get(self, request: Request) -> Response:
        rows = [
            {
                "run": each.run.code,
                "engine": queue.engine.slug,
                "position": each.position,
                "since": each.since,
                "reason": each.reason,
                "expected_at": each.expected_at,
            }
            for queue in queues(request.user)
            for each in queue.waiting
        ]
        return Response(QueueRow(rows, many=True).data)


class EngineChange(APIView):
    """Pauses an engine, or lets it take runs again."""

    def change(self, request: Request, slug: str, action) -> Response:
        engine: Engine = get_object_or_404(Engine.objects.all(), slug=slug)
        require(request.user, "evaluations.change_engine")
        action(by=request.user, engine=engine)
        (queue,) = [each for each in queues(request.user) if each.engine == engine]
        told = {
            "engine": slug,
            "health": queue.health,
            "waiting": len(queue.waiting),
            "at_work": len(queue.at_work),
            "most_at_once": engine.most_at_once,
        }
        return Response(EngineState(told).data)


class EnginePause(EngineChange):
    """Lets an engine run empty: what waits keeps waiting."""

    @extend_schema(operation_id="engine_pause", request=None, responses=EngineState)
    def post(self, request: Request, slug: str) -> Response:
        return self.change(request, slug, pause_engine)


class EngineResume(EngineChange):
    """Lets an engine take runs again."""

    @extend_schema(operation_id="engine_resume", request=None, responses=EngineState)
    def post(self, request: Request, slug: str) -> Response:
        return self.change(request, slug, resume_engine)


urlpatterns = [
    path("gpu-classes/", GpuClassList.as_view(), name="gpuclass_list"),
    path("gpu-classes/<slug:code>/prices/", PriceSet.as_view(), name="price_set"),
    path("projects/<str:code>/budget/", BudgetSet.as_view(), name="budget_set"),
    path("tasks/", TaskList.as_view(), name="task_list"),
    path("estimate/", EstimateView.as_view(), name="run_estimate"),
    path("costs/", CostList.as_view(), name="cost_list"),
    path("queue/", QueueList.as_view(), name="queue_list"),
    path("engines/<slug:slug>/pause/", EnginePause.as_view(), name="engine_pause"),
    path("engines/<slug:slug>/resume/", EngineResume.as_view(), name="engine_resume"),
]
