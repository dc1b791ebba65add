from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from voting.ballotpaper import reads_proposals
from voting.board import public_rounds
from voting.charts import result_figure, robustness_figure
from voting.models import ImportedElection, ProofKit, Result, ResultItem, Round
from voting.outcome import comparison, outcome_rows
from voting.proof import closing_of, find_kit
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
        ImportedElection.objects.filter(round=found).only("file_name", "sha256", "official").first()
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
        "closing": "" if imported else closing_of(found),
        "archived": ProofKit.objects.filter(round=found).only("sha256").first(),
        "voters": found.voter_count or result.voters,  # type: ignore[attr-defined]
        "linked": reads_proposals(request.user),
        "imported": imported,
        "is_official": imported
        and imported.official is not None
        and set(imported.official) == {each.item.code for each in items if each.won},
    }
    return render(request, "voting/round_result.html", context)


@require_safe
def round_kit(request: HttpRequest, slug: str) -> HttpResponse:
    """The archived proof kit of a final round, for everybody; before that the preliminary one, for members and CESAI."""
    found = get_object_or_404(public_rounds().filter(status__in=Round.COUNTED), slug=slug)
    if found.status != Round.Status.FINAL:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not reads_proposals(request.user):
            raise PermissionDenied
    kit = find_kit(found)
    if kit is None:
        raise Http404
    name = f"{found.slug}-proof.zip" if kit.is_archived else f"{found.slug}-proof-preliminary.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if not kit.is_archived:
        headers["Cache-Control"] = "private, no-store"
    return HttpResponse(kit.data, content_type="application/zip", headers=headers)
