"""Forms of voting; they check shapes, the actions hold the rules."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cesai.forms import DateTimeInput
from portfolio.models import ModelProposal
from voting.models import Round, RoundItem


class ProposalsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, proposal: ModelProposal) -> str:
        return _("%(proposal)s (%(hours)s GPU-hours)") % {
            "proposal": proposal,
            "hours": proposal.cost_gpu_hours,
        }


class RoundForm(forms.ModelForm):
    """A draft: the question, what it asks for, the budget and the time."""

    proposals = ProposalsField(
        ModelProposal.objects.none(),
        label=_("Proposals on the ballot"),
        help_text=_("Their costs must differ, so that no tie can arise."),
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Round
        fields = ["title", "question", "budget", "minimum_approvals", "opens_at", "closes_at"]
        labels = {
            "budget": _("Budget in GPU-hours"),
            "minimum_approvals": _("Approvals that a ballot needs at least"),
            "opens_at": _("Voting opens"),
            "closes_at": _("Voting ends"),
        }
        help_texts = {"opens_at": _("Empty: as soon as you open the round.")}
        widgets = {
            "question": forms.Textarea(attrs={"rows": 3}),
            "opens_at": DateTimeInput,
            "closes_at": DateTimeInput,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["closes_at"].required = True
        chosen = list(self.instance.items.values_list("proposal", flat=True)) if self.instance.pk else []
        free = Q(status__in=[ModelProposal.Status.UNDER_REVIEW, ModelProposal.Status.DEFERRED])
        proposals: Any = self.fields["proposals"]
        proposals.queryset = ModelProposal.objects.filter(free | Q(pk__in=chosen)).order_by("code")
        proposals.initial = chosen

    def content(self) -> dict[str, Any]:
        """The cleaned fields as the actions take them."""
        return {**self.cleaned_data, "proposals": list(self.cleaned_data["proposals"])}


class BallotForm(forms.Form):
    """Approvals, by code of the item."""

    approvals = forms.MultipleChoiceField(
        label=_("Proposals"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("“%(value)s” is not on this ballot.")},
    )

    def __init__(self, *args: Any, items: Iterable[RoundItem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        approvals: Any = self.fields["approvals"]
        approvals.choices = [(item.code, item.title) for item in items]

    @property
    def chosen(self) -> list[str]:
        """Codes that are ticked now, whether the form was sent or not."""
        return [str(code) for code in (self["approvals"].value() or [])]
