"""What a reader may choose about a report: its day and its language."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from funding.forms import AsOfForm, with_value


class ReportForm(AsOfForm):
    language = forms.ChoiceField(
        label=_("Language of the report"),
        choices=settings.LANGUAGES,
        required=False,
        error_messages={"invalid_choice": _("Reports are written in German (de) or English (en).")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and not self.data.get("language"):
            self.data = with_value(self.data, "language", get_language() or settings.LANGUAGE_CODE)

    def clean_language(self) -> str:
        return self.cleaned_data["language"] or get_language() or settings.LANGUAGE_CODE
