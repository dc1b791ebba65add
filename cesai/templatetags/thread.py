"""The strip that shows where an object stands on the thread from the use case to the report."""

from typing import Any

from django import template
from django.conf import settings
from django.utils.module_loading import import_string

register = template.Library()


@register.inclusion_tag("components/thread.html", takes_context=True)
def thread_strip(context: Any, kind: str, pk: int) -> dict[str, Any]:
    """Stations before and after the object of `kind` with key `pk`, each linking to what the reader may see."""
    stations = import_string(settings.THREAD_RESOLVER)(kind, pk, context["request"].user)
    return {"stations": stations}
