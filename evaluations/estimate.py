"""What a run will probably take, before anybody asks for it. Always an estimate, and marked as one.

    device seconds = the median of past runs
    seconds        = device seconds / devices        (devices: GPUs, or 1 machine of a class without GPUs)
    GPU-hours      = device seconds / 3600           (0 without GPUs)
    cost           = device seconds / 3600 × price of an hour today
    energy         = device seconds × watts of the class

The past runs are, in this order: the newest ten that succeeded with this version on this class; else those with any
version on this class, per question, times the questions of this one; else the declared guess of
`STARTUP_SECONDS` + `SECONDS_PER_QUESTION` × questions. Where nobody has counted the questions and nothing was
measured, the estimate is unknown.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from statistics import median

from django.db.models import Sum

from evaluations.accounting import JOULES_PER_KWH, SECONDS_PER_HOUR
from evaluations.models import Attempt, GpuClass, GpuPrice, Run, SuiteVersion, Task
from evaluations.models.run import State

STARTUP_SECONDS = 60.0
SECONDS_PER_QUESTION = 0.5
NEWEST = 10
LOOKED_AT = 300


class Basis(StrEnum):
    SAME = "same"
    SIZE = "size"
    DECLARED = "declared"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Estimate:
    """`runs` is how many past runs it rests on. `cents` and `joules` None: no price today, no power draw."""

    basis: Basis
    runs: int = 0
    seconds: float | None = None
    gpu_seconds: float | None = None
    cents: int | None = None
    joules: float | None = None

    @property
    def gpu_hours(self) -> float | None:
        return None if self.gpu_seconds is None else self.gpu_seconds / SECONDS_PER_HOUR

    @property
    def kwh(self) -> float | None:
        return None if self.joules is None else self.joules / JOULES_PER_KWH


class Estimator:
    """Estimates for any version on the given classes; reads what it needs in three statements."""

    def __init__(self, classes: Iterable[GpuClass], day: date) -> None:
        wanted = {each.pk: each for each in classes}
        self._prices = dict(
            GpuPrice.objects.filter(gpu_class__in=wanted)
            .on(day)
            .values_list("gpu_class_id", "cents_per_hour")
        )
        self._past: dict[tuple[int, int], list[float]] = defaultdict(list)
        self._per_question: dict[int, list[float]] = defaultdict(list)
        newest = (
            Run.objects.filter(gpu_class__in=wanted, state=State.SUCCEEDED)
            .order_by("-finished_at", "-pk")
            .values_list("pk", "gpu_class_id", "suite_version_id")[:LOOKED_AT]
        )
        runs = list(newest)
        used = {
            run: (gpu, plain)
            for run, gpu, plain in Attempt.objects.filter(run__in=[pk for pk, *_rest in runs])
            .order_by()
            .values_list("run")
            .annotate(gpu=Sum("gpu_seconds"), plain=Sum("seconds"))
        }
        sizes = self._sizes({version for _pk, _class, version in runs})
        for pk, gpu_class, version in runs:
            if gpu_class is None or pk not in used:
                continue
            gpu, plain = used[pk]
            device_seconds = gpu if wanted[gpu_class].most_gpus else plain
            if len(self._past[gpu_class, version]) < NEWEST:
                self._past[gpu_class, version].append(device_seconds)
            if sizes.get(version):
                self._per_question[gpu_class].append(device_seconds / sizes[version])

    @staticmethod
    def _sizes(versions: set[int]) -> dict[int, int]:
        if not versions:
            return {}
        return dict(
            Task.objects.filter(version__in=versions)
            .order_by()
            .values_list("version")
            .annotate(questions=Sum("questions"))
        )

    def of(self, version: SuiteVersion, gpu_class: GpuClass, gpus: int) -> Estimate:
        """The estimate for `version`, whose tasks are fetched, on `gpus` GPUs of `gpu_class`."""
        counts = [task.questions for task in version.tasks.all()]
        questions = None if None in counts else sum(count or 0 for count in counts)
        past = self._past.get((gpu_class.pk, version.pk), [])
        similar = self._per_question.get(gpu_class.pk, [])
        if past:
            basis, runs, device_seconds = Basis.SAME, len(past), median(past)
        elif questions is None:
            return Estimate(Basis.UNKNOWN)
        elif similar:
            basis, runs, device_seconds = Basis.SIZE, len(similar), median(similar) * questions
        else:
            basis, runs = Basis.DECLARED, 0
            device_seconds = STARTUP_SECONDS + SECONDS_PER_QUESTION * questions
        price = self._prices.get(gpu_class.pk)
        return Estimate(
            basis=basis,
            runs=runs,
            seconds=device_seconds / gpu_class.devices(gpus),
            gpu_seconds=device_seconds if gpus else 0.0,
            cents=None if price is None else round(device_seconds * price / SECONDS_PER_HOUR),
            joules=None if gpu_class.watts is None else device_seconds * gpu_class.watts,
        )
