from django.urls import path

from portfolio import converters  # noqa: F401  the addresses below use it
from portfolio.views import aimodels, milestones, projects, proposals, roadmap, usecases

app_name = "portfolio"
urlpatterns = [
    path("use-cases/", usecases.usecase_list, name="usecase_list"),
    path("use-cases/new/", usecases.usecase_create, name="usecase_create"),
    path("use-cases/<code:code>/", usecases.usecase_detail, name="usecase_detail"),
    path("use-cases/<code:code>/edit/", usecases.usecase_edit, name="usecase_edit"),
    path("use-cases/<code:code>/submit/", usecases.usecase_submit, name="usecase_submit"),
    path("use-cases/<code:code>/withdraw/", usecases.usecase_withdraw, name="usecase_withdraw"),
    path("proposals/", proposals.proposal_list, name="proposal_list"),
    path("proposals/<code:code>/", proposals.proposal_detail, name="proposal_detail"),
    path("proposals/<code:code>/start/", projects.project_start, name="project_start"),
    path("models/", aimodels.model_list, name="model_list"),
    path("models/<slug:slug>/", aimodels.model_detail, name="model_detail"),
    path("models/<slug:slug>/releases/new/", aimodels.release_create, name="release_create"),
    path("projects/", projects.project_list, name="project_list"),
    path("projects/<code:code>/", projects.project_detail, name="project_detail"),
    path("projects/<code:code>/light/", projects.project_light, name="project_light"),
    path("projects/<code:code>/milestones/new/", milestones.milestone_create, name="milestone_create"),
    path("milestones/<int:pk>/report/", milestones.milestone_report, name="milestone_report"),
    path("milestones/<int:pk>/forecast/", milestones.milestone_forecast, name="milestone_forecast"),
    path("milestones/<int:pk>/decide/", milestones.milestone_decide, name="milestone_decide"),
    path("roadmap/", roadmap.roadmap, name="roadmap"),
]
