from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from activity.actions import record
from evaluations.actions import EvaluationRefused
from evaluations.models import Engine


@transaction.atomic
def pause_engine(*, by: User, engine: Engine) -> None:
    """Drains the engine: what runs there ends, what waits keeps waiting, and nothing new is taken."""
    if not Engine.objects.filter(pk=engine.pk, is_open=True).update(is_open=False):
        raise EvaluationRefused(_("%(engine)s is paused already.") % {"engine": engine})
    engine.refresh_from_db()
    record(by, "evaluations.engine_paused", engine)


@transaction.atomic
def resume_engine(*, by: User, engine: Engine) -> None:
    """Takes runs again; the first waiting ones are handed over with the next tick."""
    from evaluations.tasks import reconcile

    if not Engine.objects.filter(pk=engine.pk, is_open=False).update(is_open=True):
        raise EvaluationRefused(_("%(engine)s is not paused.") % {"engine": engine})
    engine.refresh_from_db()
    record(by, "evaluations.engine_resumed", engine)
    reconcile.delay_on_commit()
