from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from voting.ballotpaper import reads_proposals
from voting.charts import result_figure, robustness_figure
from voting.models import ImportedElection, ProofKit, Result, ResultItem, Round
from voting.outcome import comparison, outcome_rows
from voting.views.rounds import find_round


@require_safe
@login_required
def round_result(request: HttpRequest, slug: str) -> HttpResponse:
    """What the round decided, and why: costs, votes, prices, what is left, and what "most votes first" had given."""
    found = find_round(request, slug)
    if not found.is_counted:
        raise Http404
    result = Result.objects.select_related("round").get(round=found)
    items = list(
        ResultItem.objects.filter(result=result)
        .select_related("item__proposal", "part__track")
        .order_by("part__track__code", "-won", "step", "-votes", "pk")
    )
    parts = list(dict.fromkeys(each.part for each in items if each.part))
    titles = {each.item.code: each.item.title for each in items}
    own = result.without_own or {}
    imported = (
        ImportedElection.objects.filter(round=found).only("file_name", "official").first()
        if found.kind == Round.Kind.IMPORTED
        else None
    )
    context = {
        "round": found,
        "result": result,
        "rows": outcome_rows(result, items),
        "explained": any(each.explanation for each in items),
        "counted": all(each.explanation["counted"] for each in items if each.explanation),
        "parts": parts,
        "own_approvals": own.get("approvals", 0),
        "own_gained": [titles[code] for code in own.get("gained", ())],
        "own_lost": [titles[code] for code in own.get("lost", ())],
        "comparison": comparison(result, items),
        "chart": result_figure(items, found.unit),
        "repeated": robustness_figure(result, items),
        "kit": ProofKit.objects.filter(round=found).only("sha256", "closing").first()
        if reads_proposals(request.user)
        else None,
        "voters": found.voter_count or result.voters,  # type: ignore[attr-defined]
        "linked": reads_proposals(request.user),
        "imported": imported,
        "is_official": imported
        and imported.official is not None
        and set(imported.official) == {each.item.code for each in items if each.won},
    }
    return render(request, "voting/round_result.html", context)


@require_safe
@login_required
def round_kit(request: HttpRequest, slug: str) -> HttpResponse:
    """The proof kit of a counted round of the portal, for members and CESAI."""
    found = find_round(request, slug)
    if not reads_proposals(request.user):
        raise PermissionDenied
    kit = get_object_or_404(ProofKit.objects.only("data"), round=found)
    headers = {"Content-Disposition": f'attachment; filename="{found.slug}-proof.zip"'}
    return HttpResponse(bytes(kit.data), content_type="application/zip", headers=headers)
