"""Funding as JSON. Money is whole euro cents, shares are whole basis points (1 % is 100)."""

from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cesai.lib.api import ListView, RowSerializer
from cesai.lib.http import require
from cesai.lib.money import MAX_CENTS
from funding import actions
from funding.filters import EntryFilter
from funding.forms import AsOfForm
from funding.models import Award, Entry, Programme
from funding.statement import budget_of
from portfolio.models import Project


class ProgrammeRow(RowSerializer):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    funder = serializers.CharField(source="funder__name")
    legal_basis = serializers.CharField()
    purpose = serializers.CharField(allow_blank=True)


class AwardRow(RowSerializer):
    id = serializers.IntegerField()
    code = serializers.CharField()
    reference = serializers.CharField()
    title = serializers.CharField()
    programme = serializers.CharField(source="programme__slug")
    recipient = serializers.CharField(source="recipient__name")
    granted_on = serializers.DateField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    financing = serializers.CharField()
    rate_bp = serializers.IntegerField()
    maximum_cents = serializers.IntegerField()


class EntryRow(RowSerializer):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    position = serializers.CharField(source="line__position")
    booked_on = serializers.DateField()
    payee = serializers.CharField()
    reason = serializers.CharField()
    amount_cents = serializers.IntegerField()
    project = serializers.CharField(source="project__code", allow_null=True)
    settles = serializers.IntegerField(source="settles_id", allow_null=True)
    reverses = serializers.IntegerField(source="reverses_id", allow_null=True)
    outside_reason = serializers.CharField(allow_blank=True)
    document_name = serializers.CharField(allow_blank=True)
    document_sha256 = serializers.CharField(allow_blank=True)


class NewEntry(serializers.Serializer):
    """`position` and `project` by their codes, `settles` by the id of a commitment."""

    kind = serializers.ChoiceField(choices=Entry.Kind.choices)
    position = serializers.CharField()
    booked_on = serializers.DateField()
    payee = serializers.CharField(max_length=150)
    reason = serializers.CharField(max_length=300)
    amount_cents = serializers.IntegerField(min_value=1, max_value=MAX_CENTS)
    project = serializers.CharField(required=False, allow_null=True)
    settles = serializers.IntegerField(required=False, allow_null=True)
    outside_reason = serializers.CharField(required=False, allow_blank=True, max_length=300)
    document_name = serializers.CharField(required=False, allow_blank=True, max_length=150)
    document_sha256 = serializers.RegexField(r"^[0-9a-fA-F]{64}$", required=False, allow_blank=True)


class BudgetAmounts(serializers.Serializer):
    planned = serializers.IntegerField()
    approved = serializers.IntegerField()
    expected = serializers.IntegerField()
    committed = serializers.IntegerField()
    spent = serializers.IntegerField()
    in_kind = serializers.IntegerField()
    remaining = serializers.IntegerField()
    share_bp = serializers.IntegerField(allow_null=True)


class BudgetPosition(BudgetAmounts):
    position = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    alarm = serializers.CharField(allow_blank=True, help_text="within, beyond, unplanned or empty")


class BudgetAnswer(serializers.Serializer):
    award = serializers.CharField()
    as_of = serializers.DateField()
    tolerance_bp = serializers.IntegerField()
    positions = BudgetPosition(many=True)
    total = BudgetAmounts()


class ProgrammeList(ListView):
    """Funding programmes that you may see, newest first."""

    row = ProgrammeRow

    def rows(self, request: Request) -> QuerySet:
        require(request.user, "funding.read")
        return Programme.objects.visible_to(request.user)


class AwardList(ListView):
    """Awards that you may see, newest first."""

    row = AwardRow

    def rows(self, request: Request) -> QuerySet:
        require(request.user, "funding.read")
        return Award.objects.visible_to(request.user)


class EntryList(ListView):
    """Entries of an award, newest first."""

    row = EntryRow
    filterset = EntryFilter
    key = "booked_on"

    def rows(self, request: Request) -> QuerySet:
        return Entry.objects.filter(award=_award(request, self.kwargs["code"]))

    @extend_schema(operation_id="entry_create", request=NewEntry, responses={201: EntryRow})
    def post(self, request: Request, code: str) -> Response:
        """Books an entry for good; only finance may."""
        award = _award(request, code)
        require(request.user, "funding.book_entry")
        entry = actions.book_entry(by=request.user, award=award, **_new_entry(request, award))
        row = Entry.objects.values(*EntryRow.sources()).get(pk=entry.pk)
        return Response(EntryRow.renamed(row), status=201)


class AwardView(APIView):
    """One award."""

    @extend_schema(operation_id="award_detail", responses=AwardRow)
    def get(self, request: Request, code: str) -> Response:
        rows = Award.objects.visible_to(request.user).values(*AwardRow.sources())
        return Response(AwardRow.renamed(get_object_or_404(rows, code=code)))


class BudgetView(APIView):
    """The budget of an award as of a day, by position."""

    @extend_schema(
        operation_id="award_budget",
        responses=BudgetAnswer,
        parameters=[OpenApiParameter("as_of", OpenApiTypes.DATE, description="Default: today.")],
    )
    def get(self, request: Request, code: str) -> Response:
        award = _award(request, code)
        as_of = AsOfForm.day_of(request.GET, award)
        budget = budget_of(award, as_of)
        return Response(
            {
                "award": award.code,
                "as_of": as_of,
                "tolerance_bp": budget.tolerance_bp,
                "positions": [
                    {"position": each.position, "label": each.label, "alarm": each.alarm.value}
                    | _amounts(each.amounts)
                    for each in budget.positions
                ],
                "total": _amounts(budget.total),
            }
        )


def _amounts(amounts: Any) -> dict[str, Any]:
    return asdict(amounts) | {"remaining": amounts.remaining, "share_bp": amounts.share_bp}


def _award(request: Request, code: str) -> Award:
    rows = Award.objects.visible_to(request.user).select_related("programme", "recipient", "rule_pack")
    return get_object_or_404(rows, code=code)


def _new_entry(request: Request, award: Award) -> dict[str, Any]:
    body = NewEntry(data=request.data)
    body.is_valid(raise_exception=True)
    content = dict(body.validated_data)
    lines = award.budget_lines.filter(position=content.pop("position"))
    content["line"] = _found(lines, "position", _("This award has no such position."))
    if code := content.pop("project", None):
        projects = Project.objects.visible_to(request.user).filter(code=code)
        content["project"] = _found(projects, "project", _("There is no such project."))
    if key := content.pop("settles", None):
        content["settles"] = _found(
            award.entries.filter(pk=key), "settles", _("There is no such commitment.")
        )
    return content


def _found(rows: QuerySet, field: str, sentence: str) -> Any:
    found = rows.first()
    if found is None:
        raise actions.FundingRefused(sentence, field=field)
    return found


app_name = "funding_api"
urlpatterns = [
    path("programmes/", ProgrammeList.as_view(), name="programme_list"),
    path("awards/", AwardList.as_view(), name="award_list"),
    path("awards/<slug:code>/", AwardView.as_view(), name="award_detail"),
    path("awards/<slug:code>/budget/", BudgetView.as_view(), name="award_budget"),
    path("awards/<slug:code>/entries/", EntryList.as_view(), name="entry_list"),
]
