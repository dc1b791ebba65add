from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cesai.lib.http import require
from cesai.templatetags.figures import euro
from evaluations.accounting import sum_of
from evaluations.costs import MARK_TONES, Line, as_csv, attempts_for, lines, mark_label, months_figure
from evaluations.requesting import decimal


@require_safe
@login_required
def cost_list(request: HttpRequest) -> HttpResponse:
    """What evaluations used per month, project and class of GPUs."""
    require(request.user, "evaluations.read_costs")
    found = lines(attempts_for(request.user))
    whole = sum_of(line.usage for line in found)
    context = {
        "rows": [_row(line) for line in found],
        "whole": whole,
        "kwh": decimal(whole.kwh, 3),
        "gpu_hours": decimal(whole.gpu_hours),
        "cost": _("unknown") if whole.known_cents is None else euro(whole.known_cents),
        # What is unknown says so once, in the place of the figure.
        "energy_mark": "" if whole.kwh is None else mark_label(whole.energy_mark),
        "cost_mark": "" if whole.known_cents is None else mark_label(whole.cost_mark),
        "chart": months_figure(found),
        "csv_url": reverse("evaluations:cost_export"),
    }
    return render(request, "evaluations/cost_list.html", context)


@require_safe
@login_required
def cost_export(request: HttpRequest) -> HttpResponse:
    """The same as CSV."""
    require(request.user, "evaluations.read_costs")
    response = HttpResponse(as_csv(lines(attempts_for(request.user))), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="evaluation-costs.csv"'
    return response


def _row(line: Line) -> dict[str, object]:
    usage = line.usage
    return {
        "line": line,
        "hours": decimal(usage.gpu_hours),
        "time": (mark_label(usage.time_mark), MARK_TONES[usage.time_mark]),
        "cents": usage.known_cents,
        "cost": (mark_label(usage.cost_mark), MARK_TONES[usage.cost_mark]),
        "kwh": decimal(usage.kwh, 3),
        "energy": (mark_label(usage.energy_mark), MARK_TONES[usage.energy_mark]),
    }
