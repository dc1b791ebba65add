"""What the page of a run says about the release before."""

from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from evaluations.actions.regressions import compare_with_previous
from evaluations.comparing import Board
from evaluations.comparison_pages import rows_of
from evaluations.exports import HUB_EXPORTS, RUN_EXPORTS
from evaluations.models import Regression, Run
from evaluations.models.run import State
from evaluations.reproducing import command_of, gaps
from evaluations.statistics import Interval
from evaluations.wording import difference_text, interval_text, is_share


def comparison_with_before(run: Run, user: User) -> dict[str, Any]:
    """Context of `evaluations/run_compared.html`; empty until the run is accepted."""
    if run.state != State.SUCCEEDED:
        return {}
    regressions = list(
        run.regressions.select_related("task", "acknowledged_by", "run__release").order_by("pk")
    )
    compared = compare_with_previous(run)
    # Whoever looks at the tasks below finds them here.
    prefetch_related_objects([run.suite_version], "tasks")
    may_read = user.has_perm("evaluations.read_answers")
    return {
        "regressions": [(each, _told(each), _may_acknowledge(each, user)) for each in regressions],
        "before": compared[0] if compared else None,
        "before_rows": rows_of(compared[1]) if compared else [],
        "before_sentence": power_sentence(compared[1]) if compared else "",
        "exports": [*RUN_EXPORTS, *(HUB_EXPORTS if _is_on_the_hub(run) else [])],
        "gaps": gaps(run),
        "reproduce_command": command_of(run),
        "may_read_answers": may_read,
        "has_answers": may_read and run.answers.exists(),
    }


def _is_on_the_hub(run: Run) -> bool:
    return any(task.dataset for task in run.suite_version.tasks.all())


def _may_acknowledge(regression: Regression, user: User) -> bool:
    return regression.acknowledged_at is None and user.has_perm(
        "evaluations.acknowledge_regression", regression
    )


def _told(regression: Regression) -> str:
    share = abs(regression.difference) <= 1
    return _("worse by %(points)s (95 %% interval of the difference: %(interval)s)") % {
        "points": difference_text(regression.difference, share),
        "interval": interval_text(Interval(regression.low, regression.high), share),
    }


def power_sentence(board: Board) -> str:
    """What this comparison could have seen; silence about a loss is no proof that there is none."""
    row = max(board.rows, key=lambda each: each.comparison.detectable)
    return ngettext(
        "With %(count)d task compared, losses smaller than about %(points)s can stay unseen.",
        "With %(count)d tasks compared, losses smaller than about %(points)s can stay unseen in some of them.",
        len(board.rows),
    ) % {
        "count": len(board.rows),
        "points": difference_text(row.comparison.detectable, is_share(row.second)),
    }
