"""JSON for the API, rendered fast; dates as ISO 8601, lazy sentences in the reader's language."""

from typing import Any

import orjson
from django.db import models
from rest_framework.renderers import BaseRenderer


class OrjsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        if data is None:
            return b""
        return orjson.dumps(data, default=_plain, option=orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    if isinstance(value, models.QuerySet):
        return list(value)
    return str(value)
