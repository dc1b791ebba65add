from django.urls import path

from hub.views import plans, publications

app_name = "hub"
urlpatterns = [
    path("", publications.publication_list, name="publication_list"),
    path("releases/<int:pk>/plan/", plans.plan_create, name="plan_create"),
    path("plans/<int:pk>/", plans.plan_detail, name="plan_detail"),
    path("plans/<int:pk>/card/", plans.plan_card, name="plan_card"),
    path("plans/<int:pk>/approve/", plans.plan_approve, name="plan_approve"),
    path("plans/<int:pk>/discard/", plans.plan_discard, name="plan_discard"),
    path("publications/<int:pk>/", publications.publication_detail, name="publication_detail"),
    path("publications/<int:pk>/retry/", publications.publication_retry, name="publication_retry"),
    path("publications/<int:pk>/replan/", publications.publication_replan, name="publication_replan"),
]
