from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from evaluations.charts import difference_chart
from evaluations.comparing import ComparisonRefused, compare_releases
from evaluations.comparison_pages import rows_of
from evaluations.forms import CompareForm
from evaluations.wording import is_share, summary


@require_safe
@login_required
def release_compare(request: HttpRequest) -> HttpResponse:
    """Two releases on equal questions, task by task; refused where there are none."""
    # A link may choose one of both and leave the other to the reader.
    is_complete = "first" in request.GET and "second" in request.GET
    form = CompareForm(request.GET if is_complete else None, user=request.user, initial=request.GET.dict())
    context: dict[str, object] = {"form": form}
    status = 200
    if form.is_valid():
        first, second = form.cleaned_data["first"], form.cleaned_data["second"]
        context |= {"first": first, "second": second}
        try:
            board = compare_releases(first, second)
        except ComparisonRefused as refusal:
            context["refusal"] = str(refusal)
            status = 422
        else:
            context |= {
                "board": board,
                "rows": rows_of(board),
                "summary": summary(board),
                "chart": difference_chart(board.rows)
                if any(is_share(row.second) for row in board.rows)
                else None,
                "may_read_answers": request.user.has_perm("evaluations.read_answers"),
            }
    elif form.is_bound:
        status = 422
    return render(request, "evaluations/release_compare.html", context, status=status)
