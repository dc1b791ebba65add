"""Reading a ballot form by the name of a field."""

from django import forms, template
from django.forms.boundfield import BoundField

register = template.Library()


@register.filter
def bound(form: forms.Form, name: str) -> BoundField:
    """The field of the form; raises KeyError for one that it does not have."""
    return form[name]
