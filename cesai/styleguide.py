"""Sample data with which `templates/styleguide.html` shows every component in every state."""

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cesai.forms import DateInput
from cesai.lib.keyset import Page

SECTORS = [("", "–"), ("mb", "Maschinenbau"), ("ch", "Chemie"), ("kr", "Kritische Infrastrukturen")]


class SampleForm(forms.Form):
    """One field of every kind."""

    title = forms.CharField(label=_("Title"), help_text=_("One line, as it will stand in lists."))
    email = forms.EmailField(
        label=_("E-mail"), required=False, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    problem = forms.CharField(
        label=_("Problem"), widget=forms.Textarea(attrs={"rows": 4}), help_text=_("No personal data, please.")
    )
    sector = forms.ChoiceField(label=_("Sector"), choices=SECTORS)
    hours = forms.IntegerField(label=_("GPU-hours"), min_value=0)
    start = forms.DateField(label=_("Start"), widget=DateInput())
    document = forms.FileField(label=_("Attachment"), required=False)
    data_class = forms.ChoiceField(
        label=_("Personal data"),
        widget=forms.RadioSelect,
        choices=[
            ("none", _("No personal data")),
            ("pseudo", _("Pseudonymised")),
            ("personal", _("Personal")),
        ],
    )
    goals = forms.MultipleChoiceField(
        label=_("Goals"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        choices=[("z4", "Z4 Souveräne Anwendung"), ("z5", "Z5 Wettbewerbsfähigkeit, Fokus Mittelstand")],
    )
    agreed = forms.BooleanField(
        label=_("We may be contacted about this use case"), help_text=_("You can withdraw this at any time.")
    )


class SampleFilters(forms.Form):
    q = forms.CharField(label=_("Search"), required=False)
    sector = forms.ChoiceField(label=_("Sector"), choices=SECTORS, required=False)
    state = forms.ChoiceField(label=_("State"), choices=[("", "–")], required=False)


def _figure() -> dict[str, Any]:
    months = ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06"]
    return {
        "data": [
            {"type": "bar", "name": str(_("Plan")), "x": months, "y": [120, 140, 180, 220, 240, 260]},
            {"type": "bar", "name": str(_("Actual")), "x": months, "y": [98, 151, 166, 231, 212, 0]},
        ],
        "layout": {"barmode": "group", "yaxis": {"title": {"text": str(_("thousand euro"))}}},
    }


def samples() -> dict[str, Any]:
    """The context of the style page; made on every call, so that labels follow the reader's language."""
    broken = SampleForm(
        {"title": "", "email": "jonas@", "hours": "-5", "sector": "mb", "start": "2026-03-01", "problem": "x"}
    )
    broken.add_error(None, _("The round closed a minute ago; your entries are still here."))
    kinds = [
        (_("Use case"), "UC-17 Wartungsprotokolle"),
        (_("Model proposal"), "Wartungsdeutsch 7B"),
        (_("Voting round"), "Frühjahr 2026"),
        (_("Model"), "cesai-wartung-7b"),
        (_("Fast-track project"), "Schnellboot Instandhaltungsdokumentation"),
        (_("Evaluation run"), ""),
        (_("Publication"), ""),
        (_("Report"), ""),
    ]
    return {
        "form": SampleForm(initial={"data_class": "none"}),
        "broken_form": broken,
        "filters": SampleFilters(),
        "breadcrumb": [
            (_("Projects"), "/projects/"),
            ("Schnellboot Instandhaltung", "#"),
            (_("Milestones"), ""),
        ],
        "actions": [
            {"label": _("Edit"), "url": "#", "icon": "edit"},
            {"label": _("Start evaluation"), "url": "#", "kind": "primary"},
        ],
        "tones": ["neutral", "info", "success", "warning", "danger"],
        "stations": [
            {"kind": kind, "label": label, "url": "#" if label else "", "current": number == 4}
            | ({"more": 2, "more_url": "#"} if number == 0 else {})
            for number, (kind, label) in enumerate(kinds)
        ],
        "milestones": [
            {
                "date": date(2026, 2, 2),
                "title": "Kick-off",
                "state": "done",
                "text": "Team vollständig, 8 Personen.",
            },
            {
                "date": date(2026, 5, 29),
                "title": "Datensatz freigegeben",
                "state": "late",
                "badge_label": _("late"),
                "badge_tone": "danger",
            },
            {"date": date(2026, 7, 15), "title": "Zwischenstand", "state": "current"},
            {"date": date(2026, 11, 30), "title": "Ergebnispräsentation", "state": "open"},
        ],
        "entries": [
            {
                "when": datetime(2026, 6, 1, 9, 30, tzinfo=UTC),
                "who": "Mira Vogel",
                "what": _("State changed"),
                "changes": [{"field": _("State"), "before": _("submitted"), "after": _("in triage")}],
            },
            {
                "when": datetime(2026, 5, 30, 16, 5, tzinfo=UTC),
                "who": "Jonas Brenner",
                "what": _("Submitted"),
            },
        ],
        "steps": [
            {"label": _("Problem"), "state": "done", "url": "#"},
            {"label": _("Data"), "state": "current"},
            {"label": _("Legal questions"), "state": "open"},
            {"label": _("Check and submit"), "state": "open"},
        ],
        "facts": [
            {"label": _("Organisation"), "value": "Brenner Maschinenbau GmbH", "url": "#"},
            {"label": _("Sector"), "value": "Maschinenbau"},
            {"label": _("Open conditions"), "value": 0},
            {"label": _("Co-financing"), "value": ""},
        ],
        "tabs": [
            {"label": _("Overview"), "url": "#", "active": True},
            {"label": _("Milestones"), "url": "#", "count": 4},
            {"label": _("History"), "url": "#", "count": 0},
        ],
        "page": Page(rows=[], previous_url="#", next_url="#"),
        "figure": _figure(),
        "columns": [_("Month"), _("Plan"), _("Actual")],
        "rows": [["Januar", 120, 98], ["Februar", 140, 151], ["März", 180, 166], ["April", 220, 231]],
    }
