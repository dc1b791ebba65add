import hashlib

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import parse_etags
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from cesai.lib.http import require
from cesai.lib.keyset import paginate
from funding.models import Award
from funding.statement import spent_by_award
from reports import award as award_reports
from reports import csv, html, json
from reports.exports import FORMATS, file_name
from reports.forms import ReportForm
from reports.structure import Report
from reports.thread import BY_KEY, address_of, objects_at


@require_safe
@login_required
def report_list(request: HttpRequest) -> HttpResponse:
    """Awards that the reader may open a report for, the youngest first."""
    require(request.user, "reports.read")
    awards = list(
        Award.objects.visible_to(request.user)
        .select_related("programme", "recipient")
        .order_by("-starts_on", "-pk")
    )
    spent = spent_by_award(awards, timezone.localdate())
    for award in awards:
        award.spent_cents = spent[award.pk]  # type: ignore[attr-defined]
    return render(request, "reports/report_list.html", {"awards": awards, "formats": FORMATS.values()})


@require_safe
@login_required
def award_report(request: HttpRequest, code: str) -> HttpResponse:
    """The report on an award as of a day, as a page."""
    award = _find(request, code)
    form = ReportForm(request.GET, award=award)
    context = {"award": award, "form": form, "formats": FORMATS.values()}
    if not form.is_valid():
        return render(request, "reports/award_report.html", context, status=422)
    report = award_reports.award_report(award, **form.cleaned_data)
    context |= {
        "report": report,
        "facts": html.facts(report),
        "sections": html.sections(report),
        "query": f"as_of={report.as_of.isoformat()}&language={report.language}",
    }
    return render(request, "reports/award_report.html", context)


@require_safe
@login_required
@cache_control(private=True, no_cache=True)
def award_export(request: HttpRequest, code: str, extension: str) -> HttpResponse:
    """The same report as a file; `table` chooses the table of a CSV file (default: the budget)."""
    award = _find(request, code)
    form = ReportForm(request.GET, award=award)
    if not form.is_valid():
        context = {"award": award, "form": form, "formats": FORMATS.values()}
        return render(request, "reports/award_report.html", context, status=422)
    report = award_reports.award_report(award, **form.cleaned_data)
    key = request.GET.get("table", "budget") if extension == "csv" else ""
    # The canonical form says whether anything changed; a PDF that the reader has is not made again.
    digest = hashlib.sha256(json.render(report) + f"{extension}/{key}".encode()).hexdigest()
    etag = f'"{digest}"'
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponseNotModified(headers={"ETag": etag})
    content, content_type = _rendered(report, extension, key)
    name = file_name(award.code, report, extension, key)
    return HttpResponse(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "ETag": etag},
    )


@require_safe
@login_required
def thread_station(request: HttpRequest, kind: str, pk: int, station: str) -> HttpResponse:
    """Everything that stands at one station of the thread through an object, newest first: what its strip only counts."""
    try:
        rows, here = objects_at(station, kind, pk, request.user)
    except (KeyError, ObjectDoesNotExist) as missing:
        raise Http404(f"{kind} {pk} {station}") from missing
    page = paginate(request, rows, key="id")
    links = [
        (row["thread_label"], row["thread_name"], address_of(station, row["thread_argument"]))
        for row in page.rows
    ]
    context = {
        "page": page,
        "links": links,
        "noun": BY_KEY[station].noun,
        "here": here,
        "here_noun": BY_KEY[kind].noun,
    }
    return render(request, "reports/thread_station.html", context)


def _rendered(report: Report, extension: str, key: str) -> tuple[bytes, str]:
    if extension == "csv":
        table = report.table(key)
        if table is None:
            raise Http404(key)
        return csv.render_table(table, report.language), "text/csv; charset=utf-8"
    chosen = FORMATS[extension]
    return chosen.render(report), chosen.content_type


def _find(request: HttpRequest, code: str) -> Award:
    rows = Award.objects.visible_to(request.user).select_related(
        "programme__funder", "recipient", "rule_pack"
    )
    return get_object_or_404(rows, code=code)
