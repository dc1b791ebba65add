"""JSON for the API: fast rendering, and refusals as documented errors."""

from typing import Any

import orjson
from django.db import models
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import BaseRenderer

from cesai.lib.refusals import Refused


class OrjsonRenderer(BaseRenderer):
    """Renders API answers; dates as ISO 8601, lazy sentences in the reader's language."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        if data is None:
            return b""
        return orjson.dumps(data, default=_plain, option=orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    if isinstance(value, models.QuerySet):
        return list(value)
    return str(value)


class RefusalHandler(ExceptionHandler):
    """Answers a refusal of the product's rules with status 422 and its sentence, at its field where it has one."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, Refused):
            error = ValidationError({exc.field or "non_field_errors": [str(exc)]}, code="refused")
            error.status_code = 422
            return error
        return super().convert_known_exceptions(exc)

