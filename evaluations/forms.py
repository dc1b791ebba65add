"""Forms of the evaluations; they check shapes, the actions hold the rules."""

from typing import Any, cast

from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from evaluations.models import GpuClass, Run, SuiteVersion
from evaluations.models.run import Priority, State
from evaluations.suite_facts import facts_of
from portfolio.models import ModelRelease, Project

# What a page proposes when nobody has chosen: small, own questions, on any engine.
FIRST = "smoke-de"


class RunRequestForm(forms.Form):
    """`release` decides which projects can be charged: those of its model, the newest first."""

    suite_version = forms.ModelChoiceField(
        SuiteVersion.objects.none(), label=_("What shall be measured?"), empty_label=None
    )
    gpu_class = forms.ModelChoiceField(
        GpuClass.objects.none(), label=_("Where shall it run?"), empty_label=None
    )
    gpus = forms.IntegerField(
        label=_("GPUs"),
        required=False,
        min_value=0,
        max_value=64,
        help_text=_("Empty: the fewest that the class allows."),
    )
    project = forms.ModelChoiceField(
        Project.objects.none(),
        label=_("Which project is charged?"),
        required=False,
        empty_label=_("None, CESAI itself"),
    )
    priority = forms.TypedChoiceField(
        choices=Priority.choices, coerce=int, initial=Priority.NORMAL, required=False, label=_("Priority")
    )
    repeat = forms.BooleanField(
        label=_("Repeat although the same evaluation has been finished"),
        required=False,
        help_text=_("Usually not needed: the same release, suite and harness give the same answers."),
    )

    def __init__(self, *args: Any, release: ModelRelease, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = SuiteVersion.objects.select_related("suite").prefetch_related("tasks")
        facts = [facts_of(version) for version in versions.order_by("suite__slug", "-number")]
        self.suites = sorted(
            (each for each in facts if each.is_runnable),
            key=lambda each: (not each.is_pinned, each.version.suite.slug != FIRST, each.version.suite.slug),
        )
        self.classes = list(GpuClass.objects.usable().select_related("engine").order_by("engine", "code"))
        projects = list(release.model.projects.order_by("-starts_on", "-pk"))
        suite, gpu_class, project = (
            cast(forms.ModelChoiceField, self.fields[name])
            for name in ("suite_version", "gpu_class", "project")
        )
        suite.queryset = versions.filter(pk__in=[each.version.pk for each in self.suites])
        suite.choices = [(each.version.pk, str(each.version)) for each in self.suites]
        gpu_class.queryset = GpuClass.objects.select_related("engine").filter(
            pk__in=[each.pk for each in self.classes]
        )
        gpu_class.choices = [(each.pk, f"{each} · {each.site or each.engine}") for each in self.classes]
        project.queryset = Project.objects.filter(pk__in=[each.pk for each in projects])
        project.initial = projects[0].pk if projects else None

    def clean_priority(self) -> int:
        return self.cleaned_data["priority"] or Priority.NORMAL


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
