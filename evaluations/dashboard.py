"""What of the evaluations waits for the reader."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from cesai.lib.dashboard import Dashboard, Figure, Task
from evaluations.models import Engine, Regression, Run
from evaluations.models.run import State
from evaluations.sentences import REASONS
from portfolio.models import Project

RECENTLY = timedelta(days=7)


def dashboard(user: User) -> Dashboard:
    """A manager's doubtful and failed runs and silent engines; for everybody how many evaluations run."""
    part = Dashboard()
    runs = Run.objects.visible_to(user)
    _regressions(part, user)
    if user.has_perm("evaluations.request_run"):
        _for_managers(part)
    if live := runs.live().count():
        part.figures.append(Figure(_("Evaluations on their way"), live, reverse("evaluations:run_list")))
    return part


def _regressions(part: Dashboard, user: User) -> None:
    """What got worse and nobody has answered, for those who answer for the model."""
    if not user.has_perm("evaluations.acknowledge_regression"):
        return
    waiting = Regression.objects.visible_to(user).open()
    if not user.has_role(Role.PROGRAMME_MANAGER):
        waiting = waiting.filter(run__release__model__in=Project.objects.filter(lead=user).values("model"))
    for regression in waiting.select_related("run__release__model", "task").order_by("-found_at", "-pk")[:5]:
        part.tasks.append(
            Task(
                _("%(release)s does worse than before") % {"release": regression.run.release},
                regression.run.get_absolute_url(),
                regression.task,
                tone="danger",
            )
        )


def _for_managers(part: Dashboard) -> None:
    for engine in Engine.objects.exclude(unreachable_since=None).order_by("slug"):
        part.tasks.append(
            Task(
                _("%(engine)s does not answer") % {"engine": engine},
                reverse("evaluations:run_list"),
                engine.trouble,
                tone="danger",
            )
        )
    doubtful = Run.objects.filter(state=State.QUARANTINED, finished_at__gte=timezone.now() - RECENTLY)
    failed = Run.objects.filter(
        state__in=[State.FAILED, State.LOST], finished_at__gte=timezone.now() - RECENTLY
    )
    for run in (doubtful | failed).select_related("release__model").order_by("-finished_at", "-pk")[:5]:
        label = (
            _("%(run)s is in quarantine") if run.state == State.QUARANTINED else _("%(run)s has failed")
        ) % {"run": run}
        part.tasks.append(
            Task(label, run.get_absolute_url(), REASONS.get(run.reason, run.reason), tone="warning")
        )
