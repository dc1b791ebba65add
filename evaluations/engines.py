"""The launcher of an engine."""

from django.conf import settings
from django.utils.module_loading import import_string

from evaluations.launchers.local import LocalLauncher
from evaluations.launchers.protocol import Launcher
from evaluations.models import Engine


def launcher_of(engine: Engine) -> Launcher:
    """As `settings.EVALUATION_LAUNCHERS` says for the engine's kind: a dotted path to a callable."""
    return import_string(settings.EVALUATION_LAUNCHERS[engine.kind])()


def local() -> LocalLauncher:
    """Runs on this machine; they end with the supervisor that started the portal, and go on with the next one."""
    return LocalLauncher(settings.VAR_DIR / "runs", follow=settings.SUPERVISOR_PID or None)
