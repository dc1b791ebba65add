"""Filters of the lists, the same for pages and API."""

from typing import Any

import django_filters
from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from portfolio.models import ModelProposal, Project, UseCase


class UseCaseFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="by_words", label=_("Search"))
    status = django_filters.ChoiceFilter(
        choices=UseCase.Status, label=_("Status"), empty_label=_("Any status")
    )
    domain = django_filters.ChoiceFilter(choices=UseCase.Domain, label=_("Field"), empty_label=_("Any field"))
    ours = django_filters.BooleanFilter(
        method="by_own", label=_("Only ours"), widget=django_filters.widgets.forms.CheckboxInput
    )

    class Meta:
        model = UseCase
        fields: list[str] = []

    def by_words(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Words anywhere in the text, by German stems; a code like AF-2026-0042 finds its use case."""
        words = SearchQuery(value, config="german", search_type="websearch")
        return rows.filter(Q(search=words) | Q(code=value.strip().upper()))

    def by_own(self, rows: QuerySet, name: str, value: Any) -> QuerySet:
        if not value or self.request is None:
            return rows
        return rows.filter(organisation__in=[each.pk for each in self.request.user.organisations])


class ProposalFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(
        choices=ModelProposal.Status, label=_("Status"), empty_label=_("Any status")
    )
    kind = django_filters.ChoiceFilter(choices=ModelProposal.Kind, label=_("Kind"), empty_label=_("Any kind"))

    class Meta:
        model = ModelProposal
        fields: list[str] = []


class ProjectFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(
        choices=Project.Status, label=_("Status"), empty_label=_("Any status")
    )
    light = django_filters.ChoiceFilter(
        choices=Project.Light, label=_("Status light"), empty_label=_("Any light")
    )

    class Meta:
        model = Project
        fields: list[str] = []
