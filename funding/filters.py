"""Filters of the entry list, the same for the page and the API."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from funding.models import Award, BudgetLine, Entry


class EntryFilter(django_filters.FilterSet):
    """Entries of `award` by position, kind and the beginning of a word in payee or reason."""

    line = django_filters.ModelChoiceFilter(
        queryset=BudgetLine.objects.none(), label=_("Budget position"), empty_label=_("Any position")
    )
    kind = django_filters.ChoiceFilter(choices=Entry.Kind, label=_("Kind"), empty_label=_("Any kind"))
    payee = django_filters.CharFilter(method="by_payee", label=_("Payee"))

    class Meta:
        model = Entry
        fields: list[str] = []

    def __init__(self, *args: Any, award: Award, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["line"].queryset = award.budget_lines.order_by("position", "pk")

    def by_payee(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(Q(payee__istartswith=value.strip()) | Q(reason__istartswith=value.strip()))
