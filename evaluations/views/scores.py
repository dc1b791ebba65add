from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cesai.lib.http import HtmxRequest
from evaluations.charts import score_chart
from evaluations.models import Run
from evaluations.models.run import State
from evaluations.presenting import imported_rows, score_rows
from portfolio.models import ModelRelease


@require_safe
@login_required
@vary_on_headers("HX-Request")
def release_scores(request: HtmxRequest, pk: int) -> HttpResponse:
    """What a release scored: the newest finished run of each suite version. A page, and a part of the model's page."""
    releases = ModelRelease.objects.visible_to(request.user).select_related("model")
    release = get_object_or_404(releases, pk=pk)
    newest = (
        Run.objects.filter(release=release, state=State.SUCCEEDED)
        .order_by("suite_version_id", "-finished_at", "-pk")
        .distinct("suite_version_id")
        .select_related("suite_version__suite")
        .prefetch_related("scores__task")
    )
    context = {
        "release": release,
        "results": [
            (run, score_rows(run.scores.all()), None if request.htmx else score_chart(list(run.scores.all())))
            for run in newest
        ],
        "runs": Run.objects.visible_to(request.user).live().filter(release=release).order_by("pk"),
        "imports": [
            (report, imported_rows(report))
            for report in release.imports.select_related("imported_by").prefetch_related("scores")
        ],
        "may_import": request.user.has_perm("evaluations.import_scores"),
        "may_request": request.user.has_perm("evaluations.request_run"),
    }
    return render(request, "evaluations/release_scores.html" + ("#scores" if request.htmx else ""), context)
