from django.urls import path

from evaluations.views import (
    answers,
    calibration,
    comparisons,
    exports,
    imports,
    leaderboards,
    quarantine,
    regressions,
    runs,
    scores,
)

app_name = "evaluations"
urlpatterns = [
    path("", runs.run_list, name="run_list"),
    path("releases/<int:pk>/request/", runs.run_request, name="run_request"),
    path("releases/<int:pk>/scores/", scores.release_scores, name="release_scores"),
    path("releases/<int:pk>/reference/", calibration.reference_detail, name="reference_detail"),
    path("releases/<int:pk>/import/", imports.scores_import, name="scores_import"),
    path("calibrations/", calibration.calibration_list, name="calibration_list"),
    path("suites/<slug:slug>/", scores.suite_detail, name="suite_detail"),
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
    path("<str:code>/check/", quarantine.run_check, name="run_check"),
    path("<str:code>/release/", quarantine.run_release, name="run_release"),
    path("<str:code>/reject/", quarantine.run_reject, name="run_reject"),
    path("<str:code>/hand-in/", quarantine.run_hand_in, name="run_hand_in"),
    path("<str:code>/cancel/", runs.run_cancel, name="run_cancel"),
]
