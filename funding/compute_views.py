from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from funding.compute import shares_of
from funding.views import find_award


@require_safe
@login_required
def award_compute(request: HttpRequest, code: str) -> HttpResponse:
    """What evaluations cost the award per month and project, to be held against its entries."""
    award = find_award(request, code)
    return render(request, "funding/award_compute.html", {"award": award, "shares": shares_of(award)})
