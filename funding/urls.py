from django.urls import path

from funding import compute_views, views

app_name = "funding"
urlpatterns = [
    path("", views.programme_list, name="programme_list"),
    path("programmes/<slug:slug>/", views.programme_detail, name="programme_detail"),
    path("awards/<slug:code>/", views.award_detail, name="award_detail"),
    path("awards/<slug:code>/compute/", compute_views.award_compute, name="award_compute"),
    path("awards/<slug:code>/entries/", views.entry_list, name="entry_list"),
    path("awards/<slug:code>/entries/new/", views.entry_create, name="entry_create"),
    path("entries/<int:pk>/reverse/", views.entry_reverse, name="entry_reverse"),
]
