from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from cesai.lib.keyset import paginate
from voting import receipts
from voting.ballotpaper import reads_proposals
from voting.board import find_records, public_rounds
from voting.models import ProofKit
from voting.proof import closing_of


@require_safe
@login_required
def receipt_detail(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """The receipt of one version of the own organisation's ballot."""
    receipt = _find(request, slug, version)
    context = {"receipt": receipt, "round": receipt.ballot.voter.round}
    return render(request, "voting/receipt_detail.html", context)


@require_safe
@login_required
def receipt_pdf(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """The receipt to print or to file."""
    receipt = _find(request, slug, version)
    address = settings.SITE_URL + reverse("voting:board_list", args=[slug])
    return _file(receipts.render(receipt, address), "application/pdf", f"{slug}-{version}.pdf")


@require_safe
@login_required
def receipt_text(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """Exactly the bytes that were hashed, for sha256sum."""
    receipt = _find(request, slug, version)
    return _file(receipt.line.encode(), "text/plain; charset=utf-8", f"{slug}-{version}.txt")


@require_safe
def board_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The public board of a round: every record of its chain, in order, and a search by hash."""
    found = get_object_or_404(public_rounds(), slug=slug)
    asked = request.GET.get("q", "")
    context = {
        "round": found,
        "asked": asked[:200],
        "closing": closing_of(found),
        "archived": ProofKit.objects.filter(round=found).only("sha256").first(),
        "reads": request.user.is_authenticated and reads_proposals(request.user),
        "page": paginate(request, find_records(found, asked), key="sequence", size=50, descending=False),
    }
    return render(request, "voting/board_list.html", context)


@require_safe
def board_check(request: HttpRequest, slug: str) -> HttpResponse:
    """How to recompute the hash of an own receipt, and a form that does it in the browser."""
    found = get_object_or_404(public_rounds(), slug=slug)
    return render(request, "voting/board_check.html", {"round": found})


def _find(request: HttpRequest, slug: str, version: int) -> receipts.Receipt:
    if version >= 2**31 or (receipt := receipts.find_receipt(request.user, slug, version)) is None:
        raise Http404
    return receipt


def _file(data: bytes, content_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(data, content_type=content_type, headers=headers)
