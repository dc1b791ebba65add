from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cesai.lib.http import require
from cesai.lib.refusals import Refused
from evaluations.actions.engines import pause_engine, resume_engine
from evaluations.models import Engine
from evaluations.queue import queues


@require_safe
@login_required
def queue_list(request: HttpRequest) -> HttpResponse:
    """What waits for which engine, why, since when, and when it will probably start."""
    context = {
        "queues": queues(request.user),
        "may_change": request.user.has_perm("evaluations.change_engine"),
    }
    return render(request, "evaluations/queue_list.html", context)


@require_POST
@login_required
def engine_pause(request: HttpRequest, slug: str) -> HttpResponse:
    """Lets an engine run empty."""
    return _change(request, slug, pause_engine, _("%(engine)s takes no new runs."))


@require_POST
@login_required
def engine_resume(request: HttpRequest, slug: str) -> HttpResponse:
    """Lets an engine take runs again."""
    return _change(request, slug, resume_engine, _("%(engine)s takes runs again."))


def _change(request: HttpRequest, slug: str, action, done: str) -> HttpResponse:
    engine = get_object_or_404(Engine, slug=slug)
    require(request.user, "evaluations.change_engine")
    try:
        action(by=request.user, engine=engine)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done % {"engine": engine})
    return redirect("evaluations:queue_list")
