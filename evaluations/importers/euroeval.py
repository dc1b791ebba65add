"""Results of EuroEval: one JSON object per line and data set.

Its `_se` is not a standard error but 1.96 of them, the half of a 95 % interval, and both it and the score are mostly
multiplied by 100. The single rounds under `raw` are not: they say which scale it is, and check both numbers.
"""

import math
from statistics import fmean, stdev
from typing import Any

from django.utils.translation import gettext as _

from evaluations.importers.figures import Imported, NotReadable, Report, number

# As EuroEval has it.
RADIUS = 1.96
SCALES = (1.0, 100.0)
# The file rounds nothing, but sums in another order.
RELATIVE = 1e-6


def read(lines: list[Any]) -> Report:
    """The figures of every data set; all lines have to be about one model."""
    if not lines or not all(isinstance(line, dict) and "results" in line for line in lines):
        raise NotReadable(_("The file is no result of EuroEval: a line has no “results”."))
    models = sorted({str(line.get("model")) for line in lines})
    if len(models) != 1:
        raise NotReadable(
            _("The file is about several models: %(models)s. Please import one at a time.")
            % {"models": ", ".join(models)[:200]}
        )
    figures = [figure for line in lines for figure in _of_line(line)]
    if not figures:
        raise NotReadable(_("The file holds no score."))
    version = lines[-1].get("euroeval_version") or lines[-1].get("scandeval_version") or ""
    return Report("euroeval", str(version)[:40], models[0][:200], figures)


def _of_line(line: dict[str, Any]) -> list[Imported]:
    dataset, results = str(line.get("dataset") or "?")[:100], line["results"]
    total = results.get("total") if isinstance(results, dict) else None
    raw = results.get("raw") if isinstance(results, dict) else None
    if isinstance(raw, dict):
        raw = raw.get("test")
    if not isinstance(total, dict) or not isinstance(raw, list):
        raise NotReadable(
            _("The file is no result of EuroEval: %(dataset)s has no “total” and “raw”.")
            % {"dataset": dataset}
        )
    found = []
    for key, value in total.items():
        if not key.startswith("test_") or key.endswith("_se"):
            continue
        found.append(_figure(dataset, key, value, total.get(f"{key}_se"), raw))
    return found


def _figure(dataset: str, key: str, value: Any, radius: Any, raw: list[Any]) -> Imported:
    where = f"{dataset} {key}"
    told = number(value, where)
    rounds = [
        number(each.get(key, each.get(key.removeprefix("test_"))) if isinstance(each, dict) else None, where)
        for each in raw
    ]
    mean = fmean(rounds) if rounds else math.nan
    scale = next((by for by in SCALES if math.isclose(told, by * mean, rel_tol=RELATIVE, abs_tol=1e-9)), None)
    if scale is None:
        raise NotReadable(_("%(where)s does not follow from its single rounds.") % {"where": where})
    own = stdev(rounds) / math.sqrt(len(rounds)) if len(rounds) > 1 else None
    if own is not None:
        half = number(radius, f"{where}_se")
        if not math.isclose(half, RADIUS * scale * own, rel_tol=1e-3, abs_tol=1e-9):
            raise NotReadable(
                _("%(where)s does not follow from its single rounds.") % {"where": f"{where}_se"}
            )
    return Imported(dataset, key.removeprefix("test_")[:40], told / scale, own, None)
