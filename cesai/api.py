"""The JSON API, version 1: everything a role can read in the browser, from the same rules."""

from functools import cache
from typing import Any

from django.http import HttpResponse
from django.urls import include, path
from django.utils.encoding import force_bytes
from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.request import Request


@cache
def description(_language: str | None, media_type: str) -> bytes:
    """The API in OpenAPI 3, which is the same for everybody. Drawing it up takes a second, so each process keeps it."""
    drawn_up = SchemaGenerator().get_schema(request=None, public=True)
    renderer = next(each for each in SpectacularAPIView.renderer_classes if each.media_type == media_type)
    return force_bytes(renderer().render(drawn_up, media_type, {}))


class SchemaView(SpectacularAPIView):
    """Answers with `description` in the language of the request and the format it accepts."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        renderer = request.accepted_renderer
        return HttpResponse(
            description(get_language(), renderer.media_type),
            content_type=renderer.media_type,
            headers={"Content-Disposition": f'inline; filename="cesai-portal-api.{renderer.format}"'},
        )


urlpatterns = [
    path("schema/", SchemaView.as_view(), name="api_schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="api_schema"), name="api_docs"),
    path("portfolio/", include("portfolio.api")),
    path("voting/", include("voting.api")),
    path("evaluations/", include("evaluations.api")),
    path("hub/", include("hub.api")),
    path("funding/", include("funding.api")),
    path("reports/", include("reports.api")),
]
