"""Pinning a suite to the data sets on the disk: a new version of it that can be run and compared."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from activity.actions import record
from evaluations.actions import EvaluationRefused
from evaluations.data_sets import command_for, commit_of, folder_of
from evaluations.harness import environment
from evaluations.models import Suite, SuiteVersion, Task
from evaluations.runner.data import point_at
from evaluations.runner.reasons import Stopped

COUNT = Path(environment.__file__).with_name("count.py")
COUNT_SECONDS = 3600.0
# Versions that ship with the portal have lower numbers: both may grow without meeting.
FIRST_NUMBER = 101
COPIED = (
    "name",
    "title_de",
    "title_en",
    "metrics",
    "shots",
    "chance",
    "language",
    "licence",
    "non_commercial",
)


def pin_suite(*, by: User, suite: Suite) -> SuiteVersion:
    """A version of `suite` whose tasks are bound to the commits that lie on the disk, with their questions counted.

    It is made after the newest version that came with the portal. Refused when a data set is missing, when there is such
    a version already, or when the harness cannot read one.
    """
    shipped = suite.versions.filter(number__lt=FIRST_NUMBER).order_by("-number").first()
    tasks = list(shipped.tasks.order_by("name")) if shipped else []
    on_the_hub = [task for task in tasks if task.dataset]
    if shipped is None or not on_the_hub:
        raise EvaluationRefused(
            _("%(suite)s brings its own questions; there is nothing to pin.") % {"suite": suite}
        )
    commits = {task.dataset: commit_of(task.dataset) for task in on_the_hub}
    if absent := sorted(dataset for dataset, commit in commits.items() if not commit):
        raise EvaluationRefused(
            _(
                "These data sets are not on the disk, or at several commits of which none is “main”. Fetch them with:"
            )
            + "\n"
            + "\n".join(command_for(dataset) for dataset in absent)
        )
    if same := _pinned_alike(shipped, tasks, commits):
        raise EvaluationRefused(
            _("%(version)s is pinned to exactly these commits already.") % {"version": same}
        )
    counted = _counted(
        {task.name: str(folder_of(task.dataset, commits[task.dataset])) for task in on_the_hub}
    )
    with transaction.atomic():
        # Two at once would give the same number.
        Suite.objects.select_for_update().get(pk=suite.pk)
        last = suite.versions.aggregate(last=Max("number"))["last"]
        version = SuiteVersion.objects.create(
            suite=suite,
            number=max(FIRST_NUMBER, last + 1),
            harness=shipped.harness,
            harness_version=shipped.harness_version,
            environment=shipped.environment,
            seed=shipped.seed,
            applies_chat_template=shipped.applies_chat_template,
        )
        for task in tasks:
            Task.objects.create(
                version=version,
                **{name: getattr(task, name) for name in COPIED},
                questions=counted.get(task.name, task.questions),
                files=task.files,
                dataset=task.dataset,
                configuration=task.configuration,
                revision=commits.get(task.dataset, ""),
            )
        record(by, "evaluations.suite_pinned", suite, version=version.number)
    return version


def _pinned_alike(shipped: SuiteVersion, tasks: list[Task], commits: dict[str, str]) -> SuiteVersion | None:
    """A version under the same harness with the same tasks at these commits."""
    wanted = {(task.name, task.shots, commits.get(task.dataset, "")) for task in tasks}
    others = SuiteVersion.objects.filter(suite=shipped.suite_id, environment=shipped.environment)
    for version in others.prefetch_related("tasks").order_by("-number"):
        if {(task.name, task.shots, task.revision) for task in version.tasks.all()} == wanted:
            return version
    return None


def _counted(places: dict[str, str]) -> dict[str, int]:
    """Questions of each task, as the harness reads them from these folders."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            python = str(environment.ensure(settings.VAR_DIR / "harness"))
            point_at(places, python, Path(folder))
            told = subprocess.run(
                [python, str(COUNT), folder, *sorted(places)],
                capture_output=True,
                text=True,
                timeout=COUNT_SECONDS,
                check=True,
                # A cache of its own: what was once read from a folder of this name is not what lies there.
                env=os.environ | {"HF_HOME": str(Path(folder) / "hub")},
            )
        except subprocess.CalledProcessError as problem:
            words = "\n".join(problem.stderr.strip().splitlines()[-5:])
            raise EvaluationRefused(
                _("The harness cannot read a data set. Its last words: %(words)s") % {"words": words}
            ) from problem
        except (environment.EnvironmentFailed, Stopped, OSError, subprocess.TimeoutExpired) as problem:
            raise EvaluationRefused(
                _("The harness cannot read a data set. Its last words: %(words)s") % {"words": problem}
            ) from problem
    counted: dict[str, int] = json.loads(told.stdout)
    if empty := sorted(name for name, number in counted.items() if not number):
        raise EvaluationRefused(_("These tasks have no questions: %(tasks)s.") % {"tasks": ", ".join(empty)})
    return counted
