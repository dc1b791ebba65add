from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cesai.lib.http import require
from cesai.lib.refusals import Refused
from evaluations.actions.regressions import acknowledge_regression
from evaluations.models import Regression


@require_POST
@login_required
def regression_acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody responsible says what is done about a task that got worse."""
    rows = Regression.objects.visible_to(request.user).select_related("run__release__model", "task")
    regression = get_object_or_404(rows, pk=pk)
    require(request.user, "evaluations.acknowledge_regression", regression)
    try:
        acknowledge_regression(by=request.user, regression=regression, note=request.POST.get("note", ""))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Thank you. Your answer stands on the page of the run."))
    return redirect(regression.run)
