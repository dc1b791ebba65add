from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from evaluations.models import Suite, SuiteVersion
from evaluations.suite_facts import facts_of


@require_safe
@login_required
def suite_list(request: HttpRequest) -> HttpResponse:
    """Every suite with its newest version: what it measures, under which licences, and whether its data are pinned."""
    newest = (
        SuiteVersion.objects.order_by("suite_id", "-number")
        .distinct("suite_id")
        .select_related("suite")
        .prefetch_related("tasks")
    )
    suites = Suite.objects.order_by("slug").prefetch_related(Prefetch("versions", newest, to_attr="newest"))
    rows = [facts_of(version) for suite in suites for version in suite.newest]
    return render(request, "evaluations/suite_list.html", {"rows": rows})


@require_safe
@login_required
def suite_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """What a suite measures, with what, under which licence."""
    suite = get_object_or_404(Suite, slug=slug)
    versions = suite.versions.select_related("suite").prefetch_related("tasks").order_by("-number")
    context = {"suite": suite, "versions": [facts_of(version) for version in versions]}
    return render(request, "evaluations/suite_detail.html", context)
