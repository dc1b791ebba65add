"""The JSON API, version 1: everything a role can read in the browser, from the same rules."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="api_schema"), name="api_docs"),
    path("portfolio/", include("portfolio.api")),
    path("voting/", include("voting.api")),
    path("evaluations/", include("evaluations.api")),
    path("hub/", include("hub.api")),
    path("funding/", include("funding.api")),
    path("reports/", include("reports.api")),
]
