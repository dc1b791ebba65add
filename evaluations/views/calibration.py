"""What releases must answer, and which endpoints were seen to tell the truth."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cesai.lib.http import refuse, require
from cesai.lib.refusals import Refused
from evaluations.actions.calibration import hand_in_reference, server_of
from evaluations.calibration import golden
from evaluations.forms import ReferenceForm
from evaluations.models import EngineCalibration, ReleaseReference
from evaluations.uploads import on_disk
from portfolio.models import ModelRelease


@require_safe
@login_required
def calibration_list(request: HttpRequest) -> HttpResponse:
    """The software of endpoints, and how far its answers were from independent references."""
    visible = ModelRelease.objects.visible_to(request.user)
    rows = EngineCalibration.objects.filter(release__in=visible, golden=golden.sha256()).select_related(
        "release__model", "run"
    )
    context = {"rows": rows.order_by("image", "-measured_at", "-pk")[:200], "asked": len(golden.pairs())}
    return render(request, "evaluations/calibration_list.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def reference_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What a release must answer to the golden continuations; where the portal cannot know it, a person hands it in."""
    releases = ModelRelease.objects.visible_to(request.user).select_related("model")
    release = get_object_or_404(releases, pk=pk)
    may_hand_in = request.user.has_perm("evaluations.hand_in_reference")
    if request.method == "POST":
        require(request.user, "evaluations.hand_in_reference")
    form = ReferenceForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            with on_disk(form.cleaned_data["document"]) as path:
                hand_in_reference(by=request.user, release=release, document=path.read_bytes())
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The reference has been taken."))
            return redirect("evaluations:reference_detail", release.pk)
    server = server_of(release)
    context = {
        "release": release,
        "reference": ReleaseReference.objects.filter(release=release, golden=golden.sha256())
        .select_related("made_by")
        .first(),
        "is_computed": server is not None and "reference" in server,
        "calibrations": EngineCalibration.objects.filter(release=release, golden=golden.sha256()),
        "form": form if may_hand_in else None,
        "asked": len(golden.pairs()),
    }
    return render(request, "evaluations/reference_detail.html", context, status=422 if form.errors else 200)
