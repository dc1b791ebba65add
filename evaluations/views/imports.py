from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cesai.lib.http import refuse, require
from cesai.lib.refusals import Refused
from evaluations.actions.imports import import_scores
from evaluations.forms import ImportForm
from evaluations.uploads import on_disk
from portfolio.models import ModelRelease


@require_http_methods(["GET", "POST"])
@login_required
def scores_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Scores of a release that were measured elsewhere, from a file."""
    releases = ModelRelease.objects.visible_to(request.user).select_related("model")
    release = get_object_or_404(releases, pk=pk)
    require(request.user, "evaluations.import_scores")
    form = ImportForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            with on_disk(form.cleaned_data["document"]) as path:
                import_scores(by=request.user, release=release, path=path, source=form.cleaned_data["source"])
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The scores have been imported."))
            return redirect("evaluations:release_scores", release.pk)
    context = {"form": form, "release": release}
    return render(request, "evaluations/scores_import.html", context, status=422 if form.errors else 200)
