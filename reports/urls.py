from django.urls import path, re_path

from reports import views

app_name = "reports"
urlpatterns = [
    path("", views.report_list, name="report_list"),
    path("awards/<slug:code>/", views.award_report, name="award_report"),
    path("thread/<slug:kind>/<int:pk>/<slug:station>/", views.thread_station, name="thread_station"),
    re_path(
        r"^awards/(?P<code>[-\w]+)\.(?P<extension>pdf|xlsx|csv|zip|json)$",
        views.award_export,
        name="award_export",
    ),
]
