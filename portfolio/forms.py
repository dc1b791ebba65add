"""Forms of the portfolio; they check shapes, the actions hold the rules."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import URLValidator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation, User
from accounts.roles import Role
from cesai.forms import DateInput, EuroField
from portfolio.models import Milestone, ModelProposal, Project, UseCase

GOALS = [
    ("Z1", _("Build up skills in AI design")),
    ("Z2", _("Scale broadly and put into industrial practice")),
    ("Z3", _("Innovative, high-quality jobs with regional participation")),
    ("Z4", _("Sovereign use")),
    ("Z5", _("Competitiveness, with a focus on the Mittelstand")),
    ("Z6", _("A capable AI operating system in federated ecosystems")),
    ("Z7", _("A continuous technology roadmap")),
]


class UseCaseForm(forms.ModelForm):
    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("For which organisation?"))
    goals = forms.MultipleChoiceField(
        choices=GOALS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=_("Which goals of the programme does it serve?"),
    )
    expected_value_cents = EuroField(
        required=False,
        label=_("Expected value per year (€)"),
        help_text=_("A rough figure is enough."),
    )

    class Meta:
        model = UseCase
        fields = [
            "organisation",
            "title",
            "problem",
            "benefit",
            "data_available",
            "domain",
            "goals",
            "expected_value_cents",
            "confidentiality",
            "language",
        ]
        labels = {
            "title": _("Name of the use case"),
            "problem": _("What is the problem today?"),
            "benefit": _("What would be better with an AI model?"),
            "data_available": _("Which data do you have for it?"),
        }
        help_texts = {
            "title": _("A few words, e.g. “Check offers against drawings”."),
            "problem": _("Please no personal data."),
            "data_available": _("Kind, amount, language; “none” is an answer too."),
        }
        widgets = {
            "problem": forms.Textarea(attrs={"rows": 5}),
            "benefit": forms.Textarea(attrs={"rows": 4}),
            "data_available": forms.Textarea(attrs={"rows": 3}),
            "confidentiality": forms.RadioSelect,
        }

    def __init__(self, *args: Any, organisations: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk or len(organisations) == 1:
            del self.fields["organisation"]
        else:
            self.fields["organisation"].queryset = Organisation.objects.filter(  # type: ignore[attr-defined]
                pk__in=[o.pk for o in organisations]
            )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason in words"),
        help_text=_("The submitter reads this text."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ProposalForm(forms.ModelForm):
    """A model proposal from one or more use cases, with its cost."""

    use_cases = forms.ModelMultipleChoiceField(
        UseCase.objects.none(),
        label=_("Use cases that the model covers"),
        widget=forms.CheckboxSelectMultiple,
    )
    cost_gpu_hours = forms.IntegerField(label=_("Cost in GPU-hours"), min_value=1, max_value=2_000_000_000)
    cost_cents = EuroField(label=_("Cost in euro"))

    class Meta:
        model = ModelProposal
        fields = [
            "title",
            "summary",
            "kind",
            "base_model",
            "licence",
            "use_cases",
            "cost_gpu_hours",
            "cost_cents",
            "months",
        ]
        widgets = {"summary": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, use_cases: QuerySet[UseCase], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["use_cases"].queryset = use_cases  # type: ignore[attr-defined]


class ProjectStartForm(forms.Form):
    """From a prioritised proposal to a model with its Schnellboot."""

    name = forms.CharField(
        label=_("Name of the model"), max_length=60, help_text=_("Its name on the Hub follows from it.")
    )
    title = forms.CharField(label=_("Title of the Schnellboot"), max_length=150)
    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("Lead organisation"))
    lead = forms.ModelChoiceField(User.objects.none(), label=_("Lead"))
    starts_on = forms.DateField(label=_("Start"), widget=DateInput)
    results_on = forms.DateField(
        label=_("Planned results presentation"),
        widget=DateInput,
        help_text=_("6 to 12 months after the start."),
    )
    team_size = forms.IntegerField(label=_("People in the team"), min_value=1, max_value=999, initial=8)
    exception_reason = forms.CharField(
        label=_("Reason for another duration or team size"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Only needed outside 6 to 12 months or 8 to 10 people; reports show it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        leads = Membership.objects.active().filter(role=Role.PROJECT_LEAD)
        self.fields["organisation"].queryset = Organisation.objects.filter(  # type: ignore[attr-defined]
            pk__in=leads.values("organisation")
        )
        self.fields["lead"].queryset = User.objects.filter(pk__in=leads.values("user")).order_by(  # type: ignore[attr-defined]
            "full_name", "pk"
        )


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once; cleans to a list of uploads, each with a plain name of its own."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        uploads = data if isinstance(data, list | tuple) else [data]
        cleaned = [super(FilesField, self).clean(each, initial) for each in uploads]
        names = [each.name for each in cleaned if each]
        if len(set(names)) < len(names):
            raise forms.ValidationError(_("Two files have the same name."))
        return cleaned


class ReleaseForm(forms.Form):
    """A new release of a model: its files, and how an evaluation reaches it."""

    version = forms.RegexField(
        r"^[0-9A-Za-z][0-9A-Za-z.+-]{0,29}$",
        label=_("Version"),
        help_text=_("For example 1.0.0; it never changes again."),
        error_messages={"invalid": _("Letters, digits, dots, plus and minus only.")},
    )
    notes = forms.CharField(
        label=_("What is new"), required=False, max_length=3000, widget=forms.Textarea(attrs={"rows": 3})
    )
    files = FilesField(  # type: ignore[assignment]
        label=_("Files"), help_text=_("Weights, configuration, licence; several at once.")
    )
    served_name = forms.CharField(label=_("Name at the endpoint"), max_length=150)
    server = forms.ChoiceField(label=_("How does an evaluation reach the model?"), widget=forms.RadioSelect)
    endpoint_url = forms.URLField(
        label=_("Address of a running endpoint"),
        required=False,
        assume_scheme="https",
        validators=[URLValidator(schemes=["http", "https"])],
        help_text=_("OpenAI-style, ending in /v1; only for “a running endpoint”."),
    )

    ENDPOINT = "endpoint"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        servers = [(key, each["label"]) for key, each in settings.RELEASE_SERVERS.items()]
        self.fields["server"].choices = [*servers, (self.ENDPOINT, _("a running endpoint"))]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        server = cleaned.get("server")
        if server == self.ENDPOINT and not cleaned.get("endpoint_url"):
            self.add_error("endpoint_url", _("Please give the address of the endpoint."))
        if server in settings.RELEASE_SERVERS and "files" in cleaned:
            needed = settings.RELEASE_SERVERS[server]["needs"]
            if needed not in {each.name for each in cleaned["files"]}:
                self.add_error("files", _("The file %(name)s is missing.") % {"name": needed})
        return cleaned

    def reach(self) -> dict[str, Any]:
        """The release's fields that say how to reach it, from a valid form."""
        server = self.cleaned_data["server"]
        if server == self.ENDPOINT:
            return {"endpoint_url": self.cleaned_data["endpoint_url"]}
        command = [*settings.RELEASE_SERVERS[server]["command"], "--name", self.cleaned_data["served_name"]]
        return {"serve_command": command}


class MilestoneForm(forms.ModelForm):
    class Meta:
        model = Milestone
        fields = ["title", "baseline_on", "criteria"]
        widgets = {"baseline_on": DateInput, "criteria": forms.Textarea(attrs={"rows": 2})}


class MilestoneReportForm(forms.Form):
    reached_on = forms.DateField(label=_("Reached on"), widget=DateInput, initial=timezone.localdate)
    evidence = forms.CharField(
        label=_("Where can the result be seen?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ForecastForm(forms.Form):
    forecast_on = forms.DateField(label=_("Expected for"), widget=DateInput)


class LightForm(forms.ModelForm):
    class Meta:
        model = Project
        fields = ["light", "light_reason"]
