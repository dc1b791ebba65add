from django.urls import path

from evaluations.views import (
    answers,
    comparisons,
    costs,
    exports,
    leaderboards,
    metrics,
    queue,
    regressions,
    runs,
    scores,
    suites,
)

app_name = "evaluations"
urlpatterns = [
    path("", runs.run_list, name="run_list"),
    path("releases/<int:pk>/request/", runs.run_request, name="run_request"),
    path("releases/<int:pk>/scores/", scores.release_scores, name="release_scores"),
    path("metrics/", metrics.metrics, name="metrics"),
    path("queue/", queue.queue_list, name="queue_list"),
    path("engines/<slug:slug>/pause/", queue.engine_pause, name="engine_pause"),
    path("engines/<slug:slug>/resume/", queue.engine_resume, name="engine_resume"),
    path("costs/", costs.cost_list, name="cost_list"),
    path("costs.csv", costs.cost_export, name="cost_export"),
    path("suites/", suites.suite_list, name="suite_list"),
    path("suites/<slug:slug>/", suites.suite_detail, name="suite_detail"),
    path("compare/", comparisons.release_compare, name="release_compare"),
    path(
        "suites/<slug:slug>/<int:number>/leaderboard/",
        leaderboards.suite_leaderboard,
        name="suite_leaderboard",
    ),
    path(
        "regressions/<int:pk>/acknowledge/",
        regressions.regression_acknowledge,
        name="regression_acknowledge",
    ),
    path("scores.<str:extension>", exports.score_export, name="score_export"),
    path(
        "suites/<slug:slug>/<int:number>/leaderboard.<str:extension>",
        exports.suite_export,
        name="suite_export",
    ),
    path("<str:code>/export.<str:extension>", exports.run_export, name="run_export"),
    path("<str:code>/answers/", answers.answer_list, name="answer_list"),
    path("<str:code>/", runs.run_detail, name="run_detail"),
    path("<str:code>/log/", runs.run_log, name="run_log"),
    path("<str:code>/cancel/", runs.run_cancel, name="run_cancel"),
]
