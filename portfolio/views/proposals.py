from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from activity.history import history_of
from cesai.lib.keyset import paginate
from portfolio.filters import ProposalFilter
from portfolio.models import AIModel, ModelProposal, UseCase


@require_safe
@login_required
def proposal_list(request: HttpRequest) -> HttpResponse:
    """Model proposals with their cost, newest first."""
    found = ProposalFilter(request.GET, ModelProposal.objects.visible_to(request.user).defer("summary"))
    page = paginate(request, found.qs, key="created_at")
    return render(request, "portfolio/proposal_list.html", {"filter": found, "page": page})


@require_safe
@login_required
def proposal_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One proposal: what it covers, what it costs, what was decided."""
    rows = ModelProposal.objects.visible_to(request.user).select_related("created_by")
    proposal = get_object_or_404(rows, code=code)
    context = {
        "proposal": proposal,
        "use_cases": UseCase.objects.visible_to(request.user).filter(proposals=proposal).order_by("code"),
        "model": AIModel.objects.visible_to(request.user).filter(proposal=proposal).first(),
        "history": history_of(proposal),
        "may_start": proposal.status == ModelProposal.Status.PRIORITISED
        and request.user.has_perm("portfolio.start_project"),
    }
    return render(request, "portfolio/proposal_detail.html", context)
