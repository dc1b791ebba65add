from django.urls import URLPattern

app_name = "portfolio_api"
urlpatterns: list[URLPattern] = []
