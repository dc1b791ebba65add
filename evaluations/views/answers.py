from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from cesai.lib.http import require
from cesai.lib.keyset import paginate
from evaluations.answer_pages import AnswerFilter, cards_of
from evaluations.models import Run
from evaluations.models.run import State

PAGE_SIZE = 20


@require_safe
@login_required
def answer_list(request: HttpRequest, code: str) -> HttpResponse:
    """What a run asked and what it was told, question by question."""
    runs = Run.objects.visible_to(request.user).select_related("release__model", "suite_version__suite")
    run = get_object_or_404(runs, code=code)
    require(request.user, "evaluations.read_answers")
    found = AnswerFilter(request.GET, run=run, user=request.user)
    rows = found.qs if run.state == State.SUCCEEDED else found.qs.none()
    page = paginate(request, rows, key="number", size=PAGE_SIZE, descending=False)
    other = found.other
    context = {
        "run": run,
        "other": other,
        "filter": found,
        "page": page,
        "cards": cards_of(page.rows, other),
    }
    return render(request, "evaluations/answer_list.html", context)
