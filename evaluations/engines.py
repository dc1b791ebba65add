"""The launcher of an engine."""

from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from evaluations.launchers.local import LocalLauncher
from evaluations.launchers.protocol import Launcher
from evaluations.launchers.slurm import SlurmLauncher
from evaluations.launchers.slurm_commands import Commands
from evaluations.launchers.slurm_facts import Transport
from evaluations.launchers.slurm_rest import Rest
from evaluations.models import Engine


def launcher_of(engine: Engine) -> Launcher:
    """As `settings.EVALUATION_LAUNCHERS` says for the engine's kind: a dotted path to a callable that takes it."""
    return import_string(settings.EVALUATION_LAUNCHERS[engine.kind])(engine)


def local(engine: Engine) -> LocalLauncher:
    """Runs on this machine; they end with the supervisor that started the portal, and go on with the next one."""
    return LocalLauncher(settings.VAR_DIR / "runs", follow=settings.SUPERVISOR_PID or None)


def slurm(engine: Engine) -> SlurmLauncher:
    """Runs on a cluster that sees the portal's files at the same place, or carries them there and back."""
    classes = {name: wanted for kind in engine.gpu_classes.all() for name, wanted in kind.requests().items()}
    return SlurmLauncher(
        settings.VAR_DIR / "runs",
        slurm_transport(),
        classes,
        python=settings.SLURM_PYTHON,
        runner=Path(settings.BASE_DIR) / "evaluations" / "runner",
        shared=settings.SLURM_SHARED_FILES,
    )


def slurm_transport() -> Transport:
    """The cluster's REST service where one is named, else its commands."""
    if settings.SLURM_REST_URL:
        return Rest(settings.SLURM_REST_URL, settings.SLURM_REST_USER, Path(settings.SLURM_REST_TOKEN_FILE))
    return Commands(settings.SLURM_CONF)
