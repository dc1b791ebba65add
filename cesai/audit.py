"""Who did it, in which request: the context that every audit row of a request carries."""

from typing import Any

from django.http import HttpRequest
from pghistory.middleware import HistoryMiddleware


class AuditMiddleware(HistoryMiddleware):
    """Adds actor, path and request id to the rows that the database triggers write during the request."""

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        import structlog

        request_id = structlog.contextvars.get_contextvars().get("request_id", "")
        return super().get_context(request) | {"method": request.method, "request": request_id}
