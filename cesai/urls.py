"""Addresses of the portal; each app owns what lies below its prefixes."""

from django.contrib import admin
from django.urls import include, path

from cesai import preferences, views

urlpatterns = [
    path("", views.home, name="home"),
    path("dashboard/", views.dashboard, name="dashboard"),
    path("pages/<slug:slug>/", views.page, name="page"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("preferences/language/", preferences.language_set, name="language_set"),
    path("preferences/theme/", preferences.theme_set, name="theme_set"),
    path("health/live/", views.health_live, name="health_live"),
    path("health/ready/", views.health_ready, name="health_ready"),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("cesai.api")),
    path("", include("portfolio.urls")),
    path("voting/", include("voting.urls")),
    path("evaluations/", include("evaluations.urls")),
    path("hub/", include("hub.urls")),
    path("funding/", include("funding.urls")),
    path("reports/", include("reports.urls")),
]
