"""Filters of the entry list, the same for the page and the API."""

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from funding.models import BudgetLine, Entry


def positions_of_the_address(request: HttpRequest | None) -> QuerySet[BudgetLine]:
    """The positions of the award that the address names."""
    match = request.resolver_match if request else None
    if match is None:
        return BudgetLine.objects.none()
    return BudgetLine.objects.filter(award__code=match.kwargs["code"]).order_by("position", "pk")


class EntryFilter(django_filters.FilterSet):
    """Entries by position, kind and the first letters of payee or reason."""

    position = django_filters.ModelChoiceFilter(
        field_name="line",
        to_field_name="position",
        queryset=positions_of_the_address,
        label=_("Budget position"),
        empty_label=_("Any position"),
    )
    kind = django_filters.ChoiceFilter(choices=Entry.Kind, label=_("Kind"), empty_label=_("Any kind"))
    payee = django_filters.CharFilter(method="by_payee", label=_("Payee or reason"))

    class Meta:
        model = Entry
        fields: list[str] = []

    def by_payee(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(Q(payee__istartswith=value.strip()) | Q(reason__istartswith=value.strip()))
