from pathlib import Path
from tempfile import TemporaryDirectory

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from activity.history import history_of
from cesai.lib.http import refuse, require
from cesai.lib.keyset import paginate
from cesai.lib.refusals import Refused
from portfolio.actions import aimodels as actions
from portfolio.forms import ReleaseForm
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
        "may_release": request.user.has_perm("portfolio.add_modelrelease"),
        "may_evaluate": request.user.has_perm("evaluations.request_run"),
        "may_publish": request.user.has_perm("hub.plan_publication"),
    }
    return render(request, "portfolio/model_detail.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def release_create(request: HttpRequest, slug: str) -> HttpResponse:
    """A new, unchangeable release with its files."""
    model = get_object_or_404(AIModel.objects.visible_to(request.user), slug=slug)
    require(request.user, "portfolio.add_modelrelease")
    form = ReleaseForm(request.POST or None, request.FILES or None, initial={"served_name": model.slug})
    if form.is_valid():
        with TemporaryDirectory() as folder:
            files = {}
            for upload in form.cleaned_data["files"]:
                files[upload.name] = Path(folder) / upload.name
                with files[upload.name].open("wb") as target:
                    target.writelines(upload.chunks())
            try:
                release = actions.add_release(
                    by=request.user,
                    model=model,
                    files=files,
                    version=form.cleaned_data["version"],
                    notes=form.cleaned_data["notes"],
                    served_name=form.cleaned_data["served_name"],
                    **form.reach(),
                )
            except Refused as refusal:
                refuse(form, refusal)
            else:
                messages.success(
                    request, _("Release %(version)s has been added.") % {"version": release.version}
                )
                return redirect(release)
    context = {"form": form, "model": model}
    return render(request, "portfolio/release_create.html", context, status=422 if form.errors else 200)
