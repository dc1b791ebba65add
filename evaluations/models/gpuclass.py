"""What a job may ask an engine for, and what an hour of it costs."""

from datetime import date
from typing import Self

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from evaluations.launchers import slurm_facts
from evaluations.models.engine import Engine


class GpuClassQuerySet(models.QuerySet["GpuClass"]):
    def usable(self) -> Self:
        """Classes that a run can be requested for now."""
        return self.filter(is_open=True, engine__is_open=True)


@pghistory.track()
class GpuClass(models.Model):
    """A kind of GPU at one engine, as `sbatch` asks for it; without GPUs (`most_gpus` 0) the class is whole machines.

    A *device* is one GPU, or one machine of a class without GPUs: `watts` is what one device draws under load, from
    `watts_source`, and stands in where nobody measured. `cpus` and `memory_mb` are those of the whole job.
    """

    code = models.SlugField(_("short name"), max_length=30, unique=True)
    title = models.CharField(_("name"), max_length=100)
    engine = models.ForeignKey(Engine, models.PROTECT, related_name="gpu_classes", verbose_name=_("engine"))
    site = models.CharField(_("site"), max_length=100, blank=True)
    is_open = models.BooleanField(_("can be requested"), default=True)
    most_gpus = models.PositiveSmallIntegerField(
        _("GPUs at most"),
        default=1,
        validators=[MaxValueValidator(64)],
        help_text=_("Per run. 0: a class without GPUs."),
    )
    minutes = models.PositiveIntegerField(
        _("time limit in minutes"), default=240, validators=[MinValueValidator(1)]
    )
    gres = models.CharField(
        _("GPU type"),
        max_length=60,
        blank=True,
        help_text=_("In the cluster's words and without the number, for example gpu:h100."),
    )
    partition = models.CharField(_("partition"), max_length=60, blank=True)
    account = models.CharField(_("account"), max_length=60, blank=True)
    qos = models.CharField(_("quality of service"), max_length=60, blank=True)
    constraint = models.CharField(_("constraint"), max_length=100, blank=True)
    cpus = models.PositiveSmallIntegerField(_("cores"), default=1, validators=[MinValueValidator(1)])
    memory_mb = models.PositiveIntegerField(
        _("memory in MB"), default=0, help_text=_("0: what the cluster gives.")
    )
    watts = models.PositiveIntegerField(
        _("power draw in watts"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_(
            "Of one GPU under load, or of one machine. Empty: energy that nobody measured is unknown."
        ),
    )
    watts_source = models.CharField(_("source of the power draw"), max_length=200, blank=True)

    objects: GpuClassQuerySet = GpuClassQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("GPU class")
        verbose_name_plural = _("GPU classes")
        ordering = ["engine", "code"]
        constraints = [
            models.CheckConstraint(
                name="gpuclass_type_iff_gpus",
                condition=Q(most_gpus=0, gres="") | Q(most_gpus__gt=0),
                violation_error_message=_("A class without GPUs has no GPU type."),
            ),
            models.CheckConstraint(
                name="gpuclass_watts_have_a_source",
                condition=Q(watts__isnull=True) | (Q(watts__gt=0) & ~Q(watts_source="")),
                violation_error_message=_("Please say where the power draw is from."),
            ),
            models.CheckConstraint(
                name="gpuclass_sensible_limits",
                condition=Q(minutes__gt=0, cpus__gt=0, most_gpus__lte=64),
                violation_error_message=_("Time limit and cores are at least 1, GPUs at most 64."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if self.most_gpus and not self.gres and self.engine_id and self.engine.kind == Engine.Kind.SLURM:
            raise ValidationError({"gres": _("A cluster has to be told which GPUs.")})

    def devices(self, gpus: int) -> int:
        """How many devices a run with `gpus` GPUs uses: at least the machine itself."""
        return max(1, gpus)

    def name_for(self, gpus: int) -> str:
        """How a job's specification names this class with so many GPUs."""
        return f"{self.code}:{gpus}" if gpus else self.code

    def requests(self) -> dict[str, slurm_facts.GpuClass]:
        """What jobs of this class ask a Slurm cluster for, under each name that a specification may use."""
        return {
            self.name_for(gpus): slurm_facts.GpuClass(
                minutes=self.minutes,
                cpus=self.cpus,
                memory_mb=self.memory_mb,
                gres=f"{self.gres}:{gpus}" if gpus else "",
                partition=self.partition,
                account=self.account,
                qos=self.qos,
                constraint=self.constraint,
            )
            for gpus in (range(1, self.most_gpus + 1) if self.most_gpus else [0])
        }


class GpuPriceQuerySet(models.QuerySet["GpuPrice"]):
    def on(self, day: date) -> Self:
        """The prices that hold on `day`: at most one for each class."""
        return self.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day), valid_from__lte=day)


@pghistory.track()
class GpuPrice(models.Model):
    """Euro cents for an hour of one device of a class, from `valid_from` to `valid_until`, both days included."""

    gpu_class = models.ForeignKey(
        GpuClass, models.PROTECT, related_name="prices", verbose_name=_("GPU class")
    )
    cents_per_hour = models.BigIntegerField(
        _("price of a GPU-hour"),
        validators=[MinValueValidator(0)],
        help_text=_("In euro cents; for a class without GPUs, of a machine's hour."),
    )
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    source = models.CharField(
        _("where it is written"), max_length=200, help_text=_("For example the contract and its date.")
    )

    objects: GpuPriceQuerySet = GpuPriceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("price of a GPU-hour")
        verbose_name_plural = _("prices of GPU-hours")
        ordering = ["gpu_class", "-valid_from"]
        constraints = [
            models.CheckConstraint(
                name="gpuprice_not_negative",
                condition=Q(cents_per_hour__gte=0),
                violation_error_message=_("A price cannot be negative."),
            ),
            models.CheckConstraint(
                name="gpuprice_ends_after_it_starts",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                violation_error_message=_("A price cannot end before it starts."),
            ),
            # The class as a range of one: equality of plain numbers in such an index would need an extension.
            ExclusionConstraint(
                name="gpuprice_one_at_a_time",
                expressions=[
                    (
                        Func(F("gpu_class"), F("gpu_class"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            F("valid_from"),
                            F("valid_until"),
                            Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("For some of these days the class already has a price."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gpu_class} {self.valid_from.isoformat()}"
