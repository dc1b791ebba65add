"""Tags that the base template and the components need."""

from typing import Any

from django import template
from django.middleware.csrf import get_token
from django.template import RequestContext
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


def _token(context: Any) -> str:
    request = getattr(context, "request", None) or context.get("request")
    return get_token(request) if request is not None else ""


@register.simple_tag(takes_context=True)
def csrf_value(context: RequestContext) -> str:
    """The CSRF token of the request, empty where a template is rendered without one."""
    return _token(context)


@register.simple_tag(takes_context=True)
def csrf_field(context: RequestContext) -> SafeString:
    """The hidden CSRF input, also inside `{% include ... only %}`, where `{% csrf_token %}` sees no token."""
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', _token(context))
