from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from activity.history import history_of
from cesai.lib.http import refuse, require
from cesai.lib.keyset import paginate
from cesai.lib.refusals import Refused
from funding import actions
from funding.charts import years_figure
from funding.filters import EntryFilter
from funding.forms import AsOfForm, EntryForm, ReversalForm
from funding.models import Award, Entry, Programme
from funding.statement import budget_of, plan_totals, spent_by_award


@require_safe
@login_required
def programme_list(request: HttpRequest) -> HttpResponse:
    """Programmes whose money CESAI spends, with their awards and what is spent of each."""
    require(request.user, "funding.read")
    programmes = list(
        Programme.objects.visible_to(request.user)
        .select_related("funder")
        .annotate(award_count=Count("awards"))
        .order_by("name", "pk")
    )
    return render(request, "funding/programme_list.html", {"programmes": programmes})


@require_safe
@login_required
def programme_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One programme: its legal basis and its awards."""
    rows = Programme.objects.visible_to(request.user).select_related("funder")
    programme = get_object_or_404(rows, slug=slug)
    awards = list(
        Award.objects.visible_to(request.user)
        .filter(programme=programme)
        .select_related("recipient")
        .order_by("-starts_on", "-pk")
    )
    spent = spent_by_award(awards, timezone.localdate())
    for award in awards:
        award.spent_cents = spent[award.pk]  # type: ignore[attr-defined]
    return render(request, "funding/programme_detail.html", {"programme": programme, "awards": awards})


@require_safe
@login_required
def award_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One award on a day: every position planned, approved, committed, spent, remaining."""
    award = find_award(request, code)
    form = AsOfForm(request.GET, award=award)
    as_of: date = form.cleaned_data["as_of"] if form.is_valid() else timezone.localdate()
    budget = budget_of(award, as_of)
    context = {
        "award": award,
        "form": form,
        "as_of": as_of,
        "budget": budget,
        "total": budget.total,
        "figure": years_figure(budget),
        "plans": plan_totals(award),
        "newest": _entries(award).exclude(kind=Entry.Kind.PLAN).filter(booked_on__lte=as_of)[:5],
        "history": history_of(award),
        "may_book": request.user.has_perm("funding.book_entry"),
    }
    return render(request, "funding/award_detail.html", context, status=422 if form.errors else 200)


@require_safe
@login_required
def entry_list(request: HttpRequest, code: str) -> HttpResponse:
    """Every entry of an award, newest first; filtered by position, kind and words."""
    award = find_award(request, code)
    found = EntryFilter(request.GET, _entries(award), request=request)
    page = paginate(request, found.qs, key="booked_on", size=50)
    context = {
        "award": award,
        "filter": found,
        "page": page,
        "may_book": request.user.has_perm("funding.book_entry"),
    }
    return render(request, "funding/entry_list.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def entry_create(request: HttpRequest, code: str) -> HttpResponse:
    """Finance books an entry."""
    award = find_award(request, code)
    require(request.user, "funding.book_entry")
    form = EntryForm(request.POST or None, award=award)
    if form.is_valid():
        try:
            actions.book_entry(by=request.user, award=award, **form.cleaned_data)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The entry has been booked."))
            return redirect(award)
    context = {"award": award, "form": form}
    return render(request, "funding/entry_create.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required
def entry_reverse(request: HttpRequest, pk: int) -> HttpResponse:
    """Finance takes an entry back; the mirror entry is booked beside it."""
    rows = Entry.objects.visible_to(request.user).select_related("award", "line", "project")
    entry = get_object_or_404(rows, pk=pk)
    require(request.user, "funding.book_entry")
    form = ReversalForm(request.POST or None)
    if form.is_valid():
        try:
            actions.reverse_entry(by=request.user, entry=entry, **form.cleaned_data)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The entry has been taken back."))
            return redirect(entry.award)
    context = {"entry": entry, "form": form}
    return render(request, "funding/entry_reverse.html", context, status=422 if form.errors else 200)


def find_award(request: HttpRequest, code: str) -> Award:
    """The award, if the reader may see it; 404 otherwise."""
    rows = Award.objects.visible_to(request.user).select_related(
        "programme__funder", "recipient", "rule_pack"
    )
    return get_object_or_404(rows, code=code)


def _entries(award: Award) -> QuerySet[Entry]:
    return (
        Entry.objects.filter(award=award)
        .select_related("line", "project", "reversed_by")
        .order_by("-booked_on", "-pk")
    )
