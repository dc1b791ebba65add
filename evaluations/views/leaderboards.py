from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from evaluations.charts import rank_chart
from evaluations.leaderboard import MOST_RELEASES, leaderboard
from evaluations.models import SuiteVersion


@require_safe
@login_required
def suite_leaderboard(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """All measured releases in one version of a suite, with the ranks that their answers allow."""
    version = find_version(slug, number)
    tasks = sorted(version.tasks.all(), key=lambda each: each.name)
    chosen = next((task for task in tasks if task.name == request.GET.get("task")), None)
    board = leaderboard(version, request.user, chosen)
    context = {
        "version": version,
        "tasks": tasks,
        "chosen": chosen,
        "board": board,
        "chart": rank_chart(board.entries) if len(board.entries) > 1 else None,
        "most": MOST_RELEASES,
        "extensions": ["csv", "json", "parquet"],
    }
    return render(request, "evaluations/suite_leaderboard.html", context)


def find_version(slug: str, number: int) -> SuiteVersion:
    versions = SuiteVersion.objects.select_related("suite").prefetch_related("tasks")
    return get_object_or_404(versions, suite__slug=slug, number=number)
