"""Results of lm-eval: `results_*.json`. Its `_stderr` is one standard error, on the metric's own scale."""

from typing import Any

from django.utils.translation import gettext as _

from evaluations.importers.figures import Imported, NotReadable, Report, error_of, number


def read(document: Any) -> Report:
    """The figures of every task; groups are left out, because they hide members that lack a metric."""
    if not isinstance(document, dict) or not isinstance(document.get("results"), dict):
        raise NotReadable(_("The file is no result of lm-eval: it has no “results”."))
    groups = document.get("groups")
    groups = groups if isinstance(groups, dict) else {}
    figures = [
        figure
        for task, row in document["results"].items()
        if task not in groups
        for figure in _of_task(document, str(task), row)
    ]
    if not figures:
        raise NotReadable(_("The file holds no score."))
    version = document.get("lm_eval_version") or document.get("git_hash") or ""
    return Report("lm-eval", str(version)[:40], str(document.get("model_name") or "")[:200], figures)


def _of_task(document: dict[str, Any], task: str, row: Any) -> list[Imported]:
    if not isinstance(row, dict):
        raise NotReadable(
            _("The file is no result of lm-eval: %(task)s has no row of scores.") % {"task": task}
        )
    told = document.get("n-samples")
    counts = told.get(task) if isinstance(told, dict) else None
    questions = counts.get("effective") if isinstance(counts, dict) else row.get("sample_len")
    better = document.get("higher_is_better")
    better = better.get(task) if isinstance(better, dict) else None
    found = []
    for key, value in row.items():
        name, comma, chosen = str(key).partition(",")
        if not comma or name.endswith("_stderr"):
            continue
        where = f"{task} {key}"
        found.append(
            Imported(
                task=task[:100],
                metric=(name if chosen == "none" else str(key))[:40],
                value=number(value, where),
                stderr=error_of(row.get(f"{name}_stderr,{chosen}"), f"{task} {name}_stderr"),
                questions=questions if isinstance(questions, int) and questions > 0 else None,
                higher_is_better=bool(better.get(name, True)) if isinstance(better, dict) else True,
            )
        )
    return found
