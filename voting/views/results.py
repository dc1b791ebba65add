from dataclasses import replace

import structlog
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cesai.lib.keyset import paginate
from voting.ballotpaper import reads_proposals
from voting.board import public_rounds
from voting.charts import result_figure, robustness_figure, satisfaction_figure
from voting.kit import NoProof
from voting.models import ImportedElection, ProofKit, Result, ResultItem, Round
from voting.outcome import comparison, outcome_rows
from voting.payments import accounts_of, bought_in, may_read_payments, purses_of
from voting.proof import FLAWS, closing_of, find_kit
from voting.reserve import moves_of, reserves
from voting.views.rounds import find_round
from voting.walk import walks

logger = structlog.get_logger(__name__)


@require_safe
@login_required
def round_result(request: HttpRequest, slug: str) -> HttpResponse:
    """What the round decided, and why: costs, votes, prices, what is left, and what "most votes first" had given."""
    found, result, items = _find(request, slug)
    is_portal = found.kind == Round.Kind.PORTAL
    parts = list(dict.fromkeys(each.part for each in items if each.part))
    titles = {each.item.code: each.item.title for each in items}
    own = result.without_own or {}
    imported = (
        None
        if is_portal
        else ImportedElection.objects.filter(round=found).only("file_name", "sha256", "official").first()
    )
    moves = moves_of(found) if is_portal and found.status == Round.Status.FINAL else []
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
        "satisfied": satisfaction_figure(result),
        "more": _more(request, found, result),
        "reserves": reserves(found, items, moves) if is_portal else [],
        "moves": moves,
        "may_move": found.status == Round.Status.FINAL and request.user.has_perm("voting.manage_round"),
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
@login_required
def round_walk(request: HttpRequest, slug: str) -> HttpResponse:
    """The count in plain words, with the real numbers: one step after the other, one track after the other."""
    found, result, items = _find(request, slug)
    if result.walk is None:
        raise Http404
    context = {
        "round": found,
        "result": result,
        "walks": walks(found, result, items),
        "reads_payments": may_read_payments(request.user, found),
    }
    return render(request, "voting/round_walk.html", context)


@require_safe
@login_required
def round_payments(request: HttpRequest, slug: str) -> HttpResponse:
    """What each voter paid and kept, by pseudonym; with `item` the payers of one funded item alone."""
    found = find_round(request, slug)
    if not found.is_counted or found.kind != Round.Kind.PORTAL:
        raise Http404
    if not may_read_payments(request.user, found):
        raise PermissionDenied
    bought, purses = bought_in(found), purses_of(found)
    own = purses.filter(voter__organisation__in=[each.pk for each in request.user.organisations])
    asked = request.GET.get("item")
    chosen = next((each for each in bought if each.item.code == asked), None)
    if asked and chosen is None:
        raise Http404
    if chosen is not None:
        purses = purses.filter(paid__has_key=chosen.item.code)
    page = paginate(request, purses, key="pseudonym", size=50, descending=False)
    context = {
        "round": found,
        "bought": bought,
        "chosen": chosen,
        "own": accounts_of(found, own, bought),
        "page": replace(page, rows=accounts_of(found, page.rows, bought)),
    }
    return render(request, "voting/round_payments.html", context)


@require_safe
def round_kit(request: HttpRequest, slug: str) -> HttpResponse:
    """The archived proof kit of a final round, for everybody; before that the preliminary one, for members and CESAI."""
    found = get_object_or_404(public_rounds().filter(status__in=Round.COUNTED), slug=slug)
    if found.status != Round.Status.FINAL:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not reads_proposals(request.user):
            raise PermissionDenied
    try:
        kit = find_kit(found)
    except NoProof as error:
        # Somebody went around the portal: whoever runs it has to know, and the reader must not take it for a mishap.
        logger.error(
            "the data of a counted round do not give its sealed result", round=slug, error=str(error)
        )
        context = {
            "round": found,
            "flaw": FLAWS[error.flaw],
            "problem": str(error),
            "closing": closing_of(found),
        }
        return render(request, "voting/round_kit.html", context, status=409)
    if kit is None:
        raise Http404
    name = f"{found.slug}-proof.zip" if kit.is_archived else f"{found.slug}-proof-preliminary.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if not kit.is_archived:
        headers["Cache-Control"] = "private, no-store"
    return HttpResponse(kit.data, content_type="application/zip", headers=headers)


def _find(request: HttpRequest, slug: str) -> tuple[Round, Result, list[ResultItem]]:
    """A counted round with its result and its items as they are published."""
    found = find_round(request, slug)
    if not found.is_counted:
        raise Http404
    result = Result.objects.select_related("round").get(round=found)
    return found, result, list(ResultItem.objects.filter(result=result).as_published())


def _more(request: HttpRequest, found: Round, result: Result) -> list[dict[str, str]]:
    """The pages that go deeper, as actions of the page's head."""
    more = []
    if result.walk is not None:
        url = reverse("voting:round_walk", args=[found.slug])
        more.append({"label": _("The count, step by step"), "url": url, "kind": "primary"})
        if may_read_payments(request.user, found):
            url = reverse("voting:round_payments", args=[found.slug])
            more.append({"label": _("Who paid how much"), "url": url})
    return more
