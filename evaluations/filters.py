"""Filters of the lists, the same for pages and API."""

import django_filters
from django.utils.translation import gettext_lazy as _

from evaluations.models import Run, Suite
from evaluations.models.run import State


class RunFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=State, label=_("State"), empty_label=_("Any state"))
    suite = django_filters.ModelChoiceFilter(
        field_name="suite_version__suite",
        queryset=Suite.objects.order_by("slug"),
        to_field_name="slug",
        label=_("Suite"),
        empty_label=_("Any suite"),
    )

    class Meta:
        model = Run
        fields: list[str] = []
