"""Forms of the evaluations; they check shapes, the actions hold the rules."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from evaluations.jobs import is_runnable
from evaluations.models import Engine, Run, SuiteVersion
from evaluations.models.run import State
from portfolio.models import ModelRelease


class RunRequestForm(forms.Form):
    suite_version = forms.ModelChoiceField(
        SuiteVersion.objects.none(), label=_("What shall be measured?"), empty_label=None
    )
    engine = forms.ModelChoiceField(Engine.objects.none(), label=_("Where shall it run?"), empty_label=None)
    repeat = forms.BooleanField(
        label=_("Repeat although the same evaluation has been finished"),
        required=False,
        help_text=_("Usually not needed: the same release, suite and harness give the same answers."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = SuiteVersion.objects.select_related("suite").order_by("suite__slug", "-number")
        runnable = [version.pk for version in versions.prefetch_related("tasks") if is_runnable(version)]
        self.fields["suite_version"].queryset = versions.filter(pk__in=runnable)  # type: ignore[attr-defined]
        self.fields["engine"].queryset = Engine.objects.filter(is_open=True).order_by("slug")  # type: ignore[attr-defined]


class DecisionForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason of the decision"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stays with the run, with your name."),
    )


class ResultForm(forms.Form):
    archive = forms.FileField(
        label=_("Result as a zip archive"),
        help_text=_(
            "The folder “result” of the run with manifest.json and all files that it lists; at most 64 MB."
        ),
    )


class ReferenceForm(forms.Form):
    document = forms.FileField(
        label=_("Reference"), help_text=_("What evaluations/calibration/reference.py printed: a JSON file.")
    )


class ImportForm(forms.Form):
    document = forms.FileField(
        label=_("File with results"),
        help_text=_(
            "results_….json of lm-eval, the result file of EuroEval, or a zip archive with one of them."
        ),
    )
    source = forms.CharField(
        label=_("Where is it from?"),
        max_length=300,
        help_text=_("For example the address of the publication, or who measured it."),
    )


class CompareForm(forms.Form):
    """Two releases that have scores, of those that the reader may see."""

    first = forms.ModelChoiceField(ModelRelease.objects.none(), label=_("First release"))
    second = forms.ModelChoiceField(ModelRelease.objects.none(), label=_("Second release"))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        measured = (
            ModelRelease.objects.visible_to(user)
            .filter(Exists(Run.objects.filter(release=OuterRef("pk"), state=State.SUCCEEDED)))
            .select_related("model")
            .order_by("model__name", "-created_at", "-pk")
        )
        for name in ("first", "second"):
            self.fields[name].queryset = measured  # type: ignore[attr-defined]


class AcknowledgeForm(forms.Form):
    note = forms.CharField(label=_("What is done about it?"), max_length=500)
