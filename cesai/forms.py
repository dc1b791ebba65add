"""How every form of the site is rendered: KERN markup through components/field.html."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting

CHECKBOX = "kern-form-check__checkbox"
RADIO = "kern-form-check__radio"
SELECT = "kern-form-input__select"
INPUT = "kern-form-input__input"


class DateInput(forms.DateInput):
    """The browser's own date picker, which reads and writes ISO dates in every language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class DateTimeInput(forms.DateTimeInput):
    """The browser's own date and time picker, to the minute."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%dT%H:%M")


class KernBoundField(BoundField):
    """A bound field that knows its KERN class and which markup it needs."""

    @property
    def kern_kind(self) -> str:
        """`group` (radios, several checkboxes), `check` (one checkbox), `select` or `input`."""
        widget = self.field.widget
        if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
            return "group"
        if isinstance(widget, forms.CheckboxInput):
            return "check"
        if isinstance(widget, forms.Select) and not isinstance(widget, forms.SelectMultiple):
            return "select"
        return "input"

    def _kern_class(self, widget: forms.Widget) -> str:
        if isinstance(widget, forms.CheckboxInput | forms.CheckboxSelectMultiple):
            name = CHECKBOX
        elif isinstance(widget, forms.RadioSelect):
            name = RADIO
        elif isinstance(widget, forms.Select) and not isinstance(widget, forms.SelectMultiple):
            name = SELECT
        else:
            name = INPUT
        return f"{name} {name}--error" if self.errors else name

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """Django's attributes plus the KERN class; the widget's own classes stay."""
        widget = widget or self.field.widget
        built = super().build_widget_attrs(attrs, widget)
        if not widget.is_hidden:
            own = built.get("class") or widget.attrs.get("class") or ""
            built["class"] = f"{own} {self._kern_class(widget)}".strip()
            if widget.attrs.get("placeholder") == self.label:
                # allauth repeats every label inside the field, where it looks like an entry.
                built["placeholder"] = False
        return built


class PortalRenderer(TemplatesSetting):
    """Renders `{{ form }}` and `{{ field.as_field_group }}` with the portal's components (setting FORM_RENDERER)."""

    form_template_name = "components/form_fields.html"
    field_template_name = "components/field.html"
    bound_field_class = KernBoundField
