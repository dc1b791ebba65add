"""The launcher of an engine."""

from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from evaluations.launchers.local import LocalLauncher
from evaluations.launchers.protocol import Launcher
from evaluations.launchers.slurm import SlurmLauncher
from evaluations.launchers.slurm_commands import Commands
from evaluations.launchers.slurm_facts import classes_of
from evaluations.models import Engine


def launcher_of(engine: Engine) -> Launcher:
    """As `settings.EVALUATION_LAUNCHERS` says for the engine's kind: a dotted path to a callable that takes it."""
    return import_string(settings.EVALUATION_LAUNCHERS[engine.kind])(engine)


def local(engine: Engine) -> LocalLauncher:
    """Runs on this machine; they end with the supervisor that started the portal, and go on with the next one."""
    return LocalLauncher(settings.VAR_DIR / "runs", follow=settings.SUPERVISOR_PID or None)


def slurm(engine: Engine) -> SlurmLauncher:
    """Runs on a cluster that sees the portal's files at the same place."""
    classes, default = classes_of(engine.configuration) if engine.configuration else ({}, "")
    for gpu_class in engine.gpu_classes.all():
        classes |= gpu_class.requests()
    return SlurmLauncher(
        settings.VAR_DIR / "runs",
        Commands(settings.SLURM_CONF),
        classes,
        default,
        python=settings.SLURM_PYTHON,
        runner=Path(settings.BASE_DIR) / "evaluations" / "runner",
    )
