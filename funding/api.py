"""Funding as JSON: everything the pages show, from the same rules. Money is whole euro cents."""

from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import api_view
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cesai.lib.http import require
from cesai.lib.keyset import paginate
from funding import actions
from funding.filters import EntryFilter
from funding.forms import AsOfForm
from funding.models import Award, Entry, Programme
from funding.statement import budget_of
from portfolio.models import Project

app_name = "funding_api"

AWARD_FIELDS = {
    "code": "code",
    "reference": "reference",
    "title": "title",
    "programme": "programme__slug",
    "recipient": "recipient__name",
    "granted_on": "granted_on",
    "starts_on": "starts_on",
    "ends_on": "ends_on",
    "financing": "financing",
    "rate_bp": "rate_bp",
    "maximum_cents": "maximum_cents",
}
ENTRY_FIELDS = {
    "id": "id",
    "kind": "kind",
    "position": "line__position",
    "booked_on": "booked_on",
    "payee": "payee",
    "reason": "reason",
    "amount_cents": "amount_cents",
    "project": "project__code",
    "settles": "settles_id",
    "reverses": "reverses_id",
    "outside_reason": "outside_reason",
    "document_name": "document_name",
    "document_sha256": "document_sha256",
}


class ProgrammeRow(serializers.Serializer):
    slug = serializers.CharField()
    name = serializers.CharField()
    funder = serializers.CharField()
    legal_basis = serializers.CharField()


class ProgrammeRows(serializers.Serializer):
    results = ProgrammeRow(many=True)


class AwardRow(serializers.Serializer):
    code = serializers.CharField()
    reference = serializers.CharField()
    title = serializers.CharField()
    programme = serializers.CharField()
    recipient = serializers.CharField()
    granted_on = serializers.DateField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    financing = serializers.ChoiceField(choices=Award.Financing.choices)
    rate_bp = serializers.IntegerField()
    maximum_cents = serializers.IntegerField()


class AwardRows(serializers.Serializer):
    results = AwardRow(many=True)


class AmountsRow(serializers.Serializer):
    planned = serializers.IntegerField()
    approved = serializers.IntegerField()
    expected = serializers.IntegerField()
    committed = serializers.IntegerField()
    spent = serializers.IntegerField()
    in_kind = serializers.IntegerField()


class PositionRow(serializers.Serializer):
    position = serializers.CharField()
    label = serializers.CharField()
    amounts = AmountsRow()
    remaining = serializers.IntegerField()
    share_bp = serializers.IntegerField(allow_null=True)
    alarm = serializers.CharField(allow_blank=True)


class AwardWithBudget(AwardRow):
    as_of = serializers.DateField()
    tolerance_bp = serializers.IntegerField()
    positions = PositionRow(many=True)
    total = AmountsRow()


class EntryRow(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Entry.Kind.choices)
    position = serializers.CharField()
    booked_on = serializers.DateField()
    payee = serializers.CharField()
    reason = serializers.CharField()
    amount_cents = serializers.IntegerField()
    project = serializers.CharField(allow_null=True)
    settles = serializers.IntegerField(allow_null=True)
    reverses = serializers.IntegerField(allow_null=True)
    outside_reason = serializers.CharField(allow_blank=True)
    document_name = serializers.CharField(allow_blank=True)
    document_sha256 = serializers.CharField(allow_blank=True)


class EntryRows(serializers.Serializer):
    results = EntryRow(many=True)
    previous = serializers.CharField(allow_blank=True)
    next = serializers.CharField(allow_blank=True)


class NewEntry(serializers.Serializer):
    """`position` and `project` by their codes, `settles` by the id of a commitment."""

    kind = serializers.ChoiceField(choices=Entry.Kind.choices)
    position = serializers.CharField()
    booked_on = serializers.DateField()
    payee = serializers.CharField(max_length=150)
    reason = serializers.CharField(max_length=300)
    amount_cents = serializers.IntegerField(min_value=1, max_value=10_000_000_000_000)
    project = serializers.CharField(required=False, allow_null=True)
    settles = serializers.IntegerField(required=False, allow_null=True)
    outside_reason = serializers.CharField(required=False, allow_blank=True, max_length=300)
    document_name = serializers.CharField(required=False, allow_blank=True, max_length=150)
    document_sha256 = serializers.RegexField(r"^[0-9a-fA-F]{64}$", required=False, allow_blank=True)


@extend_schema(operation_id="funding_programmes", responses=ProgrammeRows)
@api_view(["GET"])
def programme_list(request: Request) -> Response:
    """Programmes that the reader may see, by name."""
    require(request.user, "funding.read")
    rows = Programme.objects.visible_to(request.user).order_by("name", "pk")
    names = [
        {**row, "funder": row.pop("funder__name")}
        for row in rows.values("slug", "name", "legal_basis", "funder__name")
    ]
    return Response({"results": names})


@extend_schema(operation_id="funding_awards", responses=AwardRows)
@api_view(["GET"])
def award_list(request: Request) -> Response:
    """Awards that the reader may see, the youngest first."""
    require(request.user, "funding.read")
    rows = Award.objects.visible_to(request.user).order_by("-starts_on", "-pk").values(*AWARD_FIELDS.values())
    return Response({"results": [_named(row, AWARD_FIELDS) for row in rows]})


@extend_schema(operation_id="funding_award", responses=AwardWithBudget)
@api_view(["GET"])
def award_detail(request: Request, code: str) -> Response:
    """One award with its budget `as_of` a day (query parameter, ISO 8601; default: today)."""
    award = _award(request, code)
    form = AsOfForm(request.GET, award=award)
    if not form.is_valid():
        error = ValidationError(form.errors)
        error.status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
        raise error
    budget = budget_of(award, form.cleaned_data["as_of"])
    return Response(
        {
            **{name: _read(award, field) for name, field in AWARD_FIELDS.items()},
            "as_of": form.cleaned_data["as_of"],
            "tolerance_bp": budget.tolerance_bp,
            "positions": [
                {
                    "position": each.position,
                    "label": each.label,
                    "amounts": asdict(each.amounts),
                    "remaining": each.amounts.remaining,
                    "share_bp": each.amounts.share_bp,
                    "alarm": each.alarm.value,
                }
                for each in budget.positions
            ],
            "total": asdict(budget.total),
        }
    )


@extend_schema(operation_id="funding_entries", methods=["GET"], responses=EntryRows)
@extend_schema(
    operation_id="funding_entry_create", methods=["POST"], request=NewEntry, responses={201: EntryRow}
)
@api_view(["GET", "POST"])
def entry_list(request: Request, code: str) -> Response:
    """Entries of an award, newest first; finance books a new one with POST."""
    award = _award(request, code)
    if request.method == "POST":
        require(request.user, "funding.book_entry")
        entry = actions.book_entry(by=request.user, award=award, **_new_entry(request, award))
        row = Entry.objects.filter(pk=entry.pk).values(*ENTRY_FIELDS.values()).get()
        return Response(_named(row, ENTRY_FIELDS), status=status.HTTP_201_CREATED)
    found = EntryFilter(request.GET, award.entries.values(*ENTRY_FIELDS.values()), award=award)
    page = paginate(request, found.qs, key="booked_on", size=100)
    rows = [_named(row, ENTRY_FIELDS) for row in page.rows]
    return Response({"results": rows, "previous": page.previous_url, "next": page.next_url})


def _award(request: Request, code: str) -> Award:
    rows = Award.objects.visible_to(request.user).select_related("programme", "recipient", "rule_pack")
    return get_object_or_404(rows, code=code)


def _new_entry(request: Request, award: Award) -> dict[str, Any]:
    body = NewEntry(data=request.data)
    body.is_valid(raise_exception=True)
    content = dict(body.validated_data)
    content["line"] = _found(
        award.budget_lines.filter(position=content.pop("position")),
        "position",
        _("This award has no such position."),
    )
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


def _named(row: dict[str, Any], fields: dict[str, str]) -> dict[str, Any]:
    return {name: row[field] for name, field in fields.items()}


def _read(award: Award, field: str) -> Any:
    value: Any = award
    for part in field.split("__"):
        value = getattr(value, part)
    return value


urlpatterns = [
    path("programmes/", programme_list, name="programme_list"),
    path("awards/", award_list, name="award_list"),
    path("awards/<slug:code>/", award_detail, name="award_detail"),
    path("awards/<slug:code>/entries/", entry_list, name="entry_list"),
]
