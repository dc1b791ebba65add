from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portfolio.charts import roadmap_figure, roadmap_table
from portfolio.models import Milestone, Project


@require_safe
@login_required
def roadmap(request: HttpRequest) -> HttpResponse:
    """All Schnellboot projects on one time axis, with the same facts as a table."""
    projects = list(
        Project.objects.visible_to(request.user)
        .select_related("organisation", "model")
        .with_progress()
        .order_by("starts_on", "id")[:200]
    )
    milestones = list(
        Milestone.objects.filter(project__in=[each.pk for each in projects]).order_by("baseline_on", "pk")
    )
    context = {
        "projects": projects,
        "figure": roadmap_figure(projects, milestones),
        "table": roadmap_table(projects),
    }
    return render(request, "portfolio/roadmap.html", context)
