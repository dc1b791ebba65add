from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cesai.lib.refusals import Refused
from evaluations.exports import eval_results, every_eval_ever, parquet
from evaluations.exports.tables import Table, as_csv, as_json, leaderboard_table, score_table
from evaluations.leaderboard import leaderboard
from evaluations.models import Run, Score
from evaluations.models.run import State
from evaluations.views.leaderboards import find_version

TABLES: dict[str, tuple[str, Callable[[Table], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "json": ("application/json", as_json),
    "parquet": ("application/vnd.apache.parquet", parquet.render),
}
DOCUMENTS: dict[str, tuple[str, Callable[[Run, list[Score]], bytes]]] = {
    "eee.json": ("application/json", every_eval_ever.render),
    "eval_results.yaml": ("application/yaml", eval_results.render),
}
# One file holds as many; beyond that one suite at a time.
MOST_ROWS = 50_000


@require_safe
@login_required
def run_export(request: HttpRequest, code: str, extension: str) -> HttpResponse:
    """The scores of a finished run as a file."""
    runs = Run.objects.visible_to(request.user).select_related("release__model", "suite_version__suite")
    run = get_object_or_404(runs, code=code, state=State.SUCCEEDED)
    scores = list(run.scores.select_related("task").order_by("task__name", "metric"))
    for score in scores:
        score.run = run
    if extension in TABLES:
        return _table(score_table(scores), run.code, extension)
    if extension not in DOCUMENTS:
        raise Http404(extension)
    kind, render = DOCUMENTS[extension]
    try:
        content = render(run, scores)
    except Refused as refusal:
        return HttpResponse(str(refusal), status=422, content_type="text/plain; charset=utf-8")
    return _file(content, kind, f"{run.code}.{extension}")


@require_safe
@login_required
def score_export(request: HttpRequest, extension: str) -> HttpResponse:
    """All scores that the reader may see as a file, or with `?suite=` those of one suite; newest first."""
    if extension not in TABLES:
        raise Http404(extension)
    runs = Run.objects.visible_to(request.user).filter(state=State.SUCCEEDED)
    rows = Score.objects.filter(run__in=runs)
    if suite := request.GET.get("suite"):
        rows = rows.filter(run__suite_version__suite__slug=suite)
    scores = list(
        rows.select_related("task", "run__release__model", "run__suite_version__suite").order_by(
            "-run_id", "task__name", "metric"
        )[: MOST_ROWS + 1]
    )
    if len(scores) > MOST_ROWS:
        sentence = _("These are too many scores for one file. Please ask for one suite at a time (?suite=…).")
        return HttpResponse(sentence, status=422, content_type="text/plain; charset=utf-8")
    return _table(score_table(scores), "scores", extension)


@require_safe
@login_required
def suite_export(request: HttpRequest, slug: str, number: int, extension: str) -> HttpResponse:
    """The leaderboard of one version of a suite as a file."""
    version = find_version(slug, number)
    if extension not in TABLES:
        raise Http404(extension)
    task = next((each for each in version.tasks.all() if each.name == request.GET.get("task")), None)
    board = leaderboard(version, request.user, task)
    if not board.tasks:
        return redirect("evaluations:suite_leaderboard", slug, number)
    return _table(leaderboard_table(board), f"{slug}-{number}", extension)


def _table(table: Table, name: str, extension: str) -> HttpResponse:
    kind, render = TABLES[extension]
    return _file(render(table), kind, f"{name}.{extension}")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
