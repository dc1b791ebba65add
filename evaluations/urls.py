from django.urls import path

from evaluations.views import costs, metrics, queue, runs, scores, suites

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
    path("<str:code>/", runs.run_detail, name="run_detail"),
    path("<str:code>/log/", runs.run_log, name="run_log"),
    path("<str:code>/cancel/", runs.run_cancel, name="run_cancel"),
]
