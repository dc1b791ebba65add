"""How every form of the site is rendered: KERN markup through components/field.html."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cesai.lib.money import MAX_CENTS, parse_euro

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


class EuroField(forms.CharField):
    """Euro as people type them; cleans to whole cents. What was typed stays in the form."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=30, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            cents = parse_euro(text, get_language() or "de")
        except ValueError as error:
            raise forms.ValidationError(_("Please enter an amount in euro, for example 1,234.56.")) from error
        if cents > MAX_CENTS:
            raise forms.ValidationError(_("This amount is too large."))
        return cents

    def prepare_value(self, value: Any) -> Any:
        """Cents of the database as the reader would type them."""
        if not isinstance(value, int):
            return value
        mark = "." if get_language() == "en" else ","
        return f"{value // 100}{mark}{value % 100:02d}"


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
