"""Lists written in a template: Django's language has no literal for them."""

from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("components/breadcrumb.html")
def breadcrumb(*parts: Any) -> dict[str, Any]:
    """`{% breadcrumb label url label url last_label %}`: the way here; the last one is this page."""
    *pairs, last = parts
    items = [{"label": label, "url": url} for label, url in zip(pairs[::2], pairs[1::2], strict=True)]
    return {"items": [*items, {"label": last, "url": ""}]}


@register.inclusion_tag("components/description_list.html")
def facts(*parts: Any, columns: int = 0) -> dict[str, Any]:
    """`{% facts label value label value columns=2 %}`: facts about one thing; an empty value shows a dash."""
    items = [{"label": label, "value": value} for label, value in zip(parts[::2], parts[1::2], strict=True)]
    return {"items": items, "columns": columns}
