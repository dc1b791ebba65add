"""Forms of publishing; they check shapes, the actions hold the rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hub.models import Connection, Target
from portfolio.models import ModelRelease


class PlanForm(forms.ModelForm):
    """Where and how the model shall stand on the Hub, and what its card says beside the portal's own facts."""

    class Meta:
        model = Target
        fields = [
            "connection",
            "repository",
            "visibility",
            "gating",
            "intended_use",
            "out_of_scope",
            "training_data",
            "limitations",
        ]
        widgets = {
            name: forms.Textarea({"rows": 4})
            for name in ("intended_use", "out_of_scope", "training_data", "limitations")
        }
        help_texts = {
            "repository": _("Stays for good once the model is published."),
            "intended_use": _("These four texts stand on the model card. An empty one says “not stated”."),
        }

    def __init__(self, data: Any = None, *, release: ModelRelease) -> None:
        known = Target.objects.select_related("connection").filter(model=release.model).order_by("pk").first()
        connection = known.connection if known else Connection.objects.first()
        self.has_connection = connection is not None
        initial = None if known else {"connection": connection, "repository": release.model.slug}
        super().__init__(data, instance=known or Target(model=release.model), initial=initial)
        if known is not None and known.internal_id:
            for name in ("connection", "repository"):
                self.fields[name].disabled = True

    def validate_unique(self) -> None:
        """Left to the action: two managers may type at once."""

    def validate_constraints(self) -> None:
        """Left to the action."""
