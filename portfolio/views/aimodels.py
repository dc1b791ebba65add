from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from activity.history import history_of
from cesai.lib.keyset import paginate
from portfolio.models import AIModel, Project


@require_safe
@login_required
def model_list(request: HttpRequest) -> HttpResponse:
    """Models that CESAI commissioned, newest first."""
    page = paginate(request, AIModel.objects.visible_to(request.user).defer("summary"), key="created_at")
    return render(request, "portfolio/model_list.html", {"page": page})


@require_safe
@login_required
def model_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One model: where it comes from, its Schnellboot, its releases with scores and publications."""
    model = get_object_or_404(AIModel.objects.visible_to(request.user).select_related("proposal"), slug=slug)
    context = {
        "model": model,
        "projects": Project.objects.visible_to(request.user).filter(model=model).order_by("iteration", "pk"),
        "releases": model.releases.order_by("-created_at", "-pk"),
        "history": history_of(model),
        "may_evaluate": request.user.has_perm("evaluations.request_run"),
        "may_publish": request.user.has_perm("hub.plan_publication"),
    }
    return render(request, "portfolio/model_detail.html", context)
