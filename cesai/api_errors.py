"""Refusals of the product's rules as API errors of the one documented shape."""

from django.core.exceptions import BadRequest
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework.exceptions import ParseError, ValidationError

from cesai.lib.refusals import Refused


class RefusalHandler(ExceptionHandler):
    """Answers a refusal with its own status, mostly 422, and its sentence, at its field where it has one."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, Refused):
            error = ValidationError({exc.field or "non_field_errors": [str(exc)]}, code="refused")
            error.status_code = exc.status
            return error
        if isinstance(exc, BadRequest):
            return ParseError(str(exc))
        return super().convert_known_exceptions(exc)
