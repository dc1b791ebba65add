"""Forms of voting; they check shapes, the actions hold the rules."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from cesai.forms import DateTimeInput
from cesai.templatetags.figures import euro
from portfolio.models import ModelProposal
from voting.actions.tracks import TrackPlan
from voting.models import Objection, Round, RoundItem, RoundVoter


class ProposalsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, proposal: ModelProposal) -> str:
        return _("%(proposal)s (%(hours)s GPU-hours, %(euro)s)") % {
            "proposal": proposal,
            "hours": proposal.cost_gpu_hours,
            "euro": euro(proposal.cost_cents),
        }


class ProposalsForm(forms.ModelForm):
    """What a round asks for."""

    proposals = ProposalsField(
        ModelProposal.objects.none(),
        label=_("Proposals on the ballot"),
        help_text=_("Their costs must differ, so that no tie can arise."),
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Round
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = list(self.instance.items.values_list("proposal", flat=True)) if self.instance.pk else []
        free = Q(status__in=[ModelProposal.Status.UNDER_REVIEW, ModelProposal.Status.DEFERRED])
        proposals: Any = self.fields["proposals"]
        proposals.queryset = ModelProposal.objects.filter(free | Q(pk__in=chosen)).order_by("code")
        proposals.initial = chosen

    def content(self) -> dict[str, Any]:
        """The cleaned fields as the actions take them; what was left empty is left to the model."""
        given = {
            name: value
            for name, value in self.cleaned_data.items()
            if value not in (None, "") or name == "opens_at"
        }
        return {**given, "proposals": list(self.cleaned_data["proposals"])}


class RoundForm(ProposalsForm):
    """A draft: the question, what it asks for, the budget and the time."""

    class Meta:
        model = Round
        fields = [
            "title",
            "question",
            "budget",
            "unit",
            "utility",
            "minimum_approvals",
            "points_total",
            "points_most",
            "four_eyes",
            "delegation",
            "opens_at",
            "closes_at",
            "objection_days",
        ]
        labels = {
            "budget": _("Budget in units"),
            "unit": _("One unit is"),
            "utility": _("How organisations vote"),
            "minimum_approvals": _("Proposals that a ballot needs at least"),
            "points_total": _("Points to spread"),
            "points_most": _("Points for one proposal at most"),
            "four_eyes": _("Every ballot needs two people: one prepares it, another releases it"),
            "delegation": _("Organisations may entrust their vote to another one"),
            "opens_at": _("Voting opens"),
            "closes_at": _("Voting ends"),
            "objection_days": _("Days for objections after the count"),
        }
        help_texts = {
            "unit": _(
                "Best is a unit of which each organisation holds 500 to 5,000. Costs are rounded up to whole units."
            ),
            "opens_at": _("Empty: as soon as you freeze the ballot paper."),
            "points_total": _("Only where points are spread."),
            "points_most": _("Only where points are spread."),
            "delegation": _(
                "At most a tenth of all shares entrusted to one hand; revocable until the voting ends."
            ),
            "objection_days": _("0: the result is final at once."),
        }
        widgets = {
            "question": forms.Textarea(attrs={"rows": 3}),
            "unit": forms.Select(choices=Round.Unit),
            "opens_at": DateTimeInput,
            "closes_at": DateTimeInput,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["closes_at"].required = True
        utility: Any = self.fields["utility"]
        utility.choices = [
            (Round.Utility.COST, _("They approve proposals")),
            (Round.Utility.POINTS, _("They spread points over proposals")),
        ]
        for name in ("utility", "points_total", "points_most", "unit", "objection_days"):
            # A form without them, such as an older script sends it, means what the model means.
            self.fields[name].required = False
        # The question comes first, what can be funded last.
        self.order_fields([*self.Meta.fields, "proposals"])

    def clean_unit(self) -> str:
        unit: str = self.cleaned_data["unit"]
        if unit and unit not in Round.Unit:
            raise forms.ValidationError(_("Please choose one of the units."))
        return unit


class ReasonForm(forms.Form):
    """Why something happens that nobody expects."""

    reason = forms.CharField(
        label=_("Your reason"),
        help_text=_("Everybody who votes reads it, and it stands in the chain of the round."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class SuccessionForm(forms.Form):
    """Why a winner is given up, or an item of the reserve list moves up."""

    reason = forms.CharField(
        label=_("Your reason"),
        help_text=_("Everybody who reads the result reads it."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ObjectionForm(forms.Form):
    text = forms.CharField(
        label=_("Your objection"),
        help_text=_("What is wrong with the result, and how can it be seen?"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            (Objection.Status.REJECTED, _("Reject: the result stands")),
            (Objection.Status.UPHELD, _("Uphold: the result can not become final")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Your reason"),
        help_text=_("The organisation that objects reads it."),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class BallotForm(forms.Form):
    """Approvals by code, or points by code in fields named `points-CODE`; with what the form was made from.

    `replaces` is the version of the ballot, `revision` that of the draft which the reader had before the eyes.
    """

    approvals = forms.MultipleChoiceField(
        label=_("Proposals"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("“%(value)s” is not on this ballot.")},
    )
    replaces = forms.IntegerField(required=False, min_value=0, max_value=2**31, widget=forms.HiddenInput)
    revision = forms.IntegerField(required=False, min_value=0, max_value=2**31, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        voting_round: Round,
        items: Iterable[RoundItem],
        chosen: Mapping[str, int] | None = None,
        **kwargs: Any,
    ) -> None:
        self.asks_points = voting_round.asks_points
        given = chosen or {}
        initial = {"approvals": list(given)} | {f"points-{code}": number for code, number in given.items()}
        super().__init__(data, initial=initial | kwargs.pop("initial", {}), **kwargs)
        self.codes = [item.code for item in items]
        if self.asks_points:
            del self.fields["approvals"]
            for item in items:
                self.fields[f"points-{item.code}"] = forms.IntegerField(
                    label=item.title,
                    required=False,
                    min_value=0,
                    max_value=voting_round.points_most,
                    widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
                    error_messages={
                        "max_value": _("One proposal can get %(limit_value)s points at most."),
                        "min_value": _("Points cannot be less than 0."),
                    },
                )
        else:
            approvals: Any = self.fields["approvals"]
            approvals.choices = [(item.code, item.title) for item in items]

    @property
    def chosen(self) -> dict[str, int]:
        """Points by code (1 for an approval) as they stand in the form now, whether it was sent or not."""
        if not self.asks_points:
            return {str(code): 1 for code in (self["approvals"].value() or [])}
        return points_in({code: self[f"points-{code}"].value() for code in self.codes})

    def choice(self) -> dict[str, Any]:
        """The cleaned choice as the actions take it."""
        if not self.asks_points:
            return {"approvals": self.cleaned_data["approvals"]}
        given = {code: self.cleaned_data[f"points-{code}"] or 0 for code in self.codes}
        return {"points": given}


def points_in(raw: Mapping[str, Any]) -> dict[str, int]:
    """Points by code where a positive whole number was typed; everything else counts as nothing."""
    typed = {code: str(value or "").strip() for code, value in raw.items()}
    return {
        code: int(text)
        for code, text in typed.items()
        if text.isascii() and text.isdigit() and len(text) < 6 and int(text)
    }


class PreferenceForm(forms.Form):
    """Whether the organisation wants two people for every ballot."""

    four_eyes = forms.BooleanField(
        label=_("Every ballot of our organisation needs two people"),
        help_text=_(
            "One member prepares the draft, a voting representative who did not write it releases it. "
            "Holds for rounds that open from now on."
        ),
        required=False,
    )


class DelegationForm(forms.Form):
    """To whom the organisation entrusts its vote."""

    delegate = forms.ModelChoiceField(
        RoundVoter.objects.none(),
        label=_("Who votes for your organisation"),
        help_text=_("The organisation has to agree, because you will see its ballot."),
    )

    def __init__(self, *args: Any, candidates: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        delegate: Any = self.fields["delegate"]
        delegate.queryset = candidates


class TracksForm(forms.Form):
    """Up to four tracks of a draft with their budgets and size classes, and the track of every item."""

    PLACES = range(1, 5)

    def __init__(self, *args: Any, voting_round: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = list(voting_round.items.select_related("track"))
        tracks = list(voting_round.tracks.all())
        sizes = [(size.value, size.label) for size in Organisation.SizeClass]
        for place in self.PLACES:
            track = tracks[place - 1] if place <= len(tracks) else None
            self.fields[f"name-{place}"] = forms.CharField(
                label=_("Name"), max_length=80, required=False, initial=track.name if track else ""
            )
            self.fields[f"budget-{place}"] = forms.IntegerField(
                label=_("Budget in %(unit)s") % {"unit": voting_round.unit},
                min_value=1,
                max_value=2**53,
                required=False,
                initial=track.budget if track else None,
            )
            self.fields[f"sizes-{place}"] = forms.MultipleChoiceField(
                label=_("Who votes in it"),
                help_text=_("None ticked: every organisation."),
                choices=sizes,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                initial=track.sizes if track else [],
            )
        choices = [("", _("in no track")), *((str(place), str(place)) for place in self.PLACES)]
        for item in self.items:
            self.fields[f"item-{item.pk}"] = forms.ChoiceField(
                label=str(item),
                choices=choices,
                required=False,
                initial=str(tracks.index(item.track) + 1) if item.track in tracks else "",
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for place in self.PLACES:
            named, budget = cleaned.get(f"name-{place}"), cleaned.get(f"budget-{place}")
            if bool(named) != bool(budget) and f"budget-{place}" not in self.errors:
                missing = f"budget-{place}" if named else f"name-{place}"
                self.add_error(missing, _("A track needs a name and a budget."))
        return cleaned

    def places(self) -> list[tuple[int, list[Any]]]:
        """The fields of each track, for the page."""
        return [
            (place, [self[f"{name}-{place}"] for name in ("name", "budget", "sizes")])
            for place in self.PLACES
        ]

    def item_fields(self) -> list[Any]:
        return [self[f"item-{item.pk}"] for item in self.items]

    def plans(self) -> list[TrackPlan]:
        """The tracks that were named, with their items."""
        data = self.cleaned_data
        return [
            TrackPlan(
                name=data[f"name-{place}"],
                budget=data[f"budget-{place}"],
                sizes=data[f"sizes-{place}"],
                codes=[item.code for item in self.items if data[f"item-{item.pk}"] == str(place)],
            )
            for place in self.PLACES
            if data[f"name-{place}"]
        ]
