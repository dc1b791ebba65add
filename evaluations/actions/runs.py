from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from activity.actions import record
from evaluations import data_sets
from evaluations.actions import EvaluationRefused
from evaluations.budgets import check_room
from evaluations.estimate import Basis, Estimate, Estimator
from evaluations.fingerprint import fingerprint_of
from evaluations.jobs import is_runnable
from evaluations.models import Engine, GpuClass, Run, RunProgress, StateChange, SuiteVersion
from evaluations.models.run import Priority, State
from portfolio.actions.aimodels import begin_evaluation
from portfolio.models import ModelRelease, Project
from portfolio.models.code import next_code


class SameRunExists(EvaluationRefused):
    """The question was asked before; `run` is the one with the answer, or on its way to it."""

    def __init__(self, message: object, run: Run) -> None:
        super().__init__(message)
        self.run = run


def request_run(
    *,
    by: User,
    release: ModelRelease,
    suite_version: SuiteVersion,
    engine: Engine | None = None,
    gpu_class: GpuClass | None = None,
    gpus: int | None = None,
    priority: int = Priority.NORMAL,
    project: Project | None = None,
    repeat: bool = False,
) -> Run:
    """A run of `suite_version` on `release`, waiting for `engine` and charged to `project`, or to nobody.

    Without `engine` it is that of `gpu_class`; without `gpu_class` the first open class of the engine is taken, without
    `gpus` the fewest that it allows. Refused when a budget of `project` has no room for the estimate. Raises SameRunExists while an identical run is live, and for a finished one unless `repeat` asks for it again.
    """
    from evaluations.tasks import reconcile

    if engine is None:
        if gpu_class is None:
            raise EvaluationRefused(_("Please say where the run shall be made."), field="gpu_class")
        engine = gpu_class.engine
    if bool(release.endpoint_url) == bool(release.serve_command):
        raise EvaluationRefused(
            _("This release says neither how to start its endpoint nor where one runs, or it says both.")
        )
    if not release.served_name:
        raise EvaluationRefused(_("This release does not say under which name its endpoint serves it."))
    if not is_runnable(suite_version):
        raise EvaluationRefused(
            _("This version of the suite belongs to an earlier harness and can no longer be run."),
            field="suite_version",
        )
    missing = sorted({task.dataset for task in suite_version.tasks.all() if not task.is_pinned})
    if missing:
        raise EvaluationRefused(
            _(
                "Missing data set: %(names)s. Nobody has fetched it for the portal yet, and its commit is not pinned."
            )
            % {"names": ", ".join(missing)},
            field="suite_version",
        )
    if absent := data_sets.missing(list(suite_version.tasks.all())):
        raise EvaluationRefused(
            _(
                "Missing data set: %(names)s. This commit is no longer on the portal's disk; an administrator has to put it "
                "back."
            )
            % {"names": ", ".join(absent)},
            field="suite_version",
        )
    if not engine.is_open:
        raise EvaluationRefused(_("This engine takes no new runs at the moment."), field="engine")
    gpu_class = gpu_class or engine.gpu_classes.filter(is_open=True).order_by("code").first()
    gpus = _checked_gpus(engine, gpu_class, gpus)
    fingerprint = fingerprint_of(release, suite_version)
    same = Run.objects.filter(fingerprint=fingerprint)
    if live := same.live().first():
        raise SameRunExists(_("The same evaluation is already on its way: %(run)s.") % {"run": live}, live)
    finished = same.filter(state=State.SUCCEEDED).order_by("-pk").first()
    if finished and not repeat:
        raise SameRunExists(
            _("%(run)s has already answered exactly this. Tick the box to repeat it all the same.")
            % {"run": finished},
            finished,
        )
    try:
        with transaction.atomic():
            estimate = _estimated(suite_version, gpu_class, gpus)
            if project is not None:
                # Two requests at once must not both see the same room.
                Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
                check_room(project, timezone.localdate(), estimate.cents)
            run = Run.objects.create(
                code=next_code("EL"),
                release=release,
                suite_version=suite_version,
                engine=engine,
                gpu_class=gpu_class,
                gpus=gpus,
                priority=priority,
                project=project,
                planned_seconds=estimate.seconds,
                planned_cents=estimate.cents,
                non_commercial=suite_version.tasks.filter(non_commercial=True).exists(),
                fingerprint=fingerprint,
                replicate=_next_replicate(fingerprint) if finished else 0,
                requested_by=by,
            )
            RunProgress.objects.create(run=run)
            StateChange.objects.create(run=run, after=State.QUEUED, actor=by)
            begin_evaluation(by=by, model=release.model)
            record(by, "evaluations.run_requested", run)
            reconcile.delay_on_commit()
    except IntegrityError as error:
        # Somebody else asked at the same instant; the constraint let one of both through.
        live = same.live().first()
        if live is None:
            raise
        raise SameRunExists(
            _("The same evaluation is already on its way: %(run)s.") % {"run": live}, live
        ) from error
    return run


def _estimated(version: SuiteVersion, gpu_class: GpuClass | None, gpus: int) -> Estimate:
    if gpu_class is None:
        return Estimate(Basis.UNKNOWN)
    return Estimator([gpu_class], timezone.localdate()).of(version, gpu_class, gpus)


def _checked_gpus(engine: Engine, gpu_class: GpuClass | None, gpus: int | None) -> int:
    """How many GPUs the run gets; refused where the class is not to be had, or not with so many."""
    if gpu_class is None:
        return 0
    if gpu_class.engine_id != engine.pk:
        raise EvaluationRefused(
            _("%(class)s belongs to another engine.") % {"class": gpu_class}, field="gpu_class"
        )
    if not gpu_class.is_open:
        raise EvaluationRefused(
            _("%(class)s cannot be requested at the moment.") % {"class": gpu_class}, field="gpu_class"
        )
    fewest = min(1, gpu_class.most_gpus)
    wanted = fewest if gpus is None else gpus
    if not fewest <= wanted <= gpu_class.most_gpus:
        raise EvaluationRefused(
            _("With %(class)s a run gets %(fewest)d to %(most)d GPUs, not %(wanted)d.")
            % {"class": gpu_class, "fewest": fewest, "most": gpu_class.most_gpus, "wanted": wanted},
            field="gpus",
        )
    return wanted


def _next_replicate(fingerprint: str) -> int:
    found = Run.objects.filter(fingerprint=fingerprint).aggregate(last=Max("replicate"))["last"]
    return int(found or 0) + 1


@transaction.atomic
def cancel_run(*, by: User, run: Run) -> None:
    """Asks for the end of a run. A waiting one ends at once; for others the engine says what became of it."""
    from evaluations.tasks import reconcile

    if run.state == State.QUEUED and run.move_to(State.CANCELLED, by=by, cancel_requested_at=timezone.now()):
        record(by, "evaluations.run_cancelled", run)
        return
    run.refresh_from_db()
    asked = Run.objects.filter(pk=run.pk, cancel_requested_at=None).exclude(state=State.COLLECTING)
    if not asked.live().update(cancel_requested_at=timezone.now()):
        raise EvaluationRefused(_("%(run)s can no longer be cancelled.") % {"run": run})
    run.refresh_from_db()
    record(by, "evaluations.run_cancelled", run)
    reconcile.delay_on_commit()
