"""Forms of funding; they check shapes, the actions hold the rules."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cesai.forms import DateInput, EuroField
from funding.actions import FundingRefused
from funding.models import Award, BudgetLine, Entry
from portfolio.models import Project


def with_value(data: Any, name: str, value: str) -> Any:
    """A copy of a request's parameters with one more; those of a request cannot be changed."""
    changed = data.copy()
    changed[name] = value
    return changed


class EntryForm(forms.Form):
    """One entry of `award`; choices are limited to what belongs to it."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=Entry.Kind.choices, widget=forms.RadioSelect, initial=Entry.Kind.ACTUAL
    )
    line = forms.ModelChoiceField(BudgetLine.objects.none(), label=_("Budget position"))
    booked_on = forms.DateField(label=_("Date"), widget=DateInput, initial=timezone.localdate)
    payee = forms.CharField(label=_("Payee"), max_length=150)
    reason = forms.CharField(label=_("Reason"), max_length=300)
    amount_cents = EuroField(label=_("Amount in euro"))
    project = forms.ModelChoiceField(
        Project.objects.none(),
        label=_("Project"),
        required=False,
        empty_label=_("No project: the programme itself"),
    )
    settles = forms.ModelChoiceField(
        Entry.objects.none(),
        label=_("Settles the commitment"),
        required=False,
        empty_label=_("None"),
        help_text=_("Only for a payment on an order that is already booked as a commitment."),
    )
    outside_reason = forms.CharField(
        label=_("Reason for a date outside the approval period"), required=False, max_length=300
    )
    document_name = forms.CharField(label=_("Document"), required=False, max_length=150)
    document_sha256 = forms.RegexField(
        r"^[0-9a-fA-F]{64}$",
        label=_("Checksum of the document (SHA-256)"),
        required=False,
        error_messages={"invalid": _("A SHA-256 checksum has 64 digits from 0 to 9 and a to f.")},
    )

    def __init__(self, *args: Any, award: Award, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        commitments = award.entries.filter(
            kind=Entry.Kind.COMMITMENT, reverses__isnull=True, reversed_by__isnull=True
        )
        choices: dict[str, Any] = {
            "line": award.budget_lines.order_by("position", "pk"),
            "project": Project.objects.order_by("code"),
            "settles": commitments.order_by("-booked_on", "-pk"),
        }
        for name, queryset in choices.items():
            self.fields[name].queryset = queryset  # type: ignore[attr-defined]
        self.fields["settles"].label_from_instance = self._commitment_label  # type: ignore[attr-defined]

    @staticmethod
    def _commitment_label(entry: Entry) -> str:
        return f"{entry.booked_on:%d.%m.%Y} · {entry.payee} · {entry.reason}"


class ReversalForm(forms.Form):
    booked_on = forms.DateField(label=_("Date"), widget=DateInput, initial=timezone.localdate)
    reason = forms.CharField(
        label=_("Reason in words"),
        max_length=300,
        help_text=_("Auditors read this text. Both entries stay visible."),
    )


class AsOfForm(forms.Form):
    """The day that figures are shown for; `award` sets the first day that makes sense."""

    as_of = forms.DateField(
        label=_("As of"),
        widget=DateInput,
        required=False,
        error_messages={"invalid": _("“As of” must be a day, for example 2026-06-30.")},
    )

    def __init__(self, *args: Any, award: Award, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.award = award
        today = timezone.localdate()
        if self.is_bound and not self.data.get("as_of") and today >= award.starts_on:
            # The field shows the day that the figures are for.
            self.data = with_value(self.data, "as_of", today.isoformat())

    @classmethod
    def day_of(cls, data: Any, award: Award) -> date:
        """The day that `data` asks for; raises FundingRefused with the sentence where it makes no sense."""
        form = cls(data, award=award)
        if not form.is_valid():
            raise FundingRefused(form.errors["as_of"][0], field="as_of")
        return form.cleaned_data["as_of"]

    def clean_as_of(self) -> date:
        today = timezone.localdate()
        day = self.cleaned_data["as_of"]
        if day is None:
            return today
        if day > today:
            raise forms.ValidationError(_("“As of” cannot lie in the future."))
        if day < self.award.starts_on:
            raise forms.ValidationError(
                _("The award starts on %(day)s; there are no figures before."),
                params={"day": self.award.starts_on.strftime("%d.%m.%Y")},
            )
        return day
