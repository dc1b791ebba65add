"""Estimates as the page of a request shows them."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cesai.templatetags.figures import euro
from evaluations.budgets import Room, rooms_of
from evaluations.estimate import Basis, Estimate, Estimator
from evaluations.forms import RunRequestForm
from evaluations.models import GpuClass
from evaluations.suite_facts import SuiteFacts


def decimal(value: float | None, places: int = 2) -> str:
    """A figure in the reader's language; `unknown` for None."""
    if value is None:
        return _("unknown")
    return number_format(round(value, places), decimal_pos=places, use_l10n=True, force_grouping=True)


def duration(seconds: float | None) -> str:
    """Whole minutes below two hours, hours with one decimal above; at least one minute."""
    if seconds is None:
        return _("unknown")
    if seconds < 7200:
        minutes = max(1, round(seconds / 60))
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    return _("%(n)s hours") % {"n": decimal(seconds / 3600, 1)}


@dataclass(frozen=True, slots=True)
class EstimateRow:
    suite: SuiteFacts
    gpu_class: GpuClass
    duration: str
    gpu_hours: str
    cost: str
    energy: str
    basis: str
    is_too_long: bool


def _row(suite: SuiteFacts, gpu_class: GpuClass, estimate: Estimate) -> EstimateRow:
    bases = {
        Basis.SAME: ngettext("from %(n)d run", "from %(n)d runs", estimate.runs) % {"n": estimate.runs},
        Basis.SIZE: _("from runs of other suites, by size"),
        Basis.DECLARED: _("declared, nothing measured yet"),
        Basis.UNKNOWN: _("unknown"),
    }
    return EstimateRow(
        suite=suite,
        gpu_class=gpu_class,
        duration=duration(estimate.seconds),
        gpu_hours=decimal(estimate.gpu_hours),
        cost=_("unknown") if estimate.cents is None else euro(estimate.cents),
        energy=_("unknown") if estimate.kwh is None else f"{decimal(estimate.kwh, 3)} kWh",
        basis=bases[estimate.basis],
        is_too_long=estimate.seconds is not None and estimate.seconds > gpu_class.minutes * 60,
    )


def estimate_rows(form: RunRequestForm) -> list[EstimateRow]:
    """Every suite on every class that can be requested, with the fewest GPUs."""
    estimator = Estimator(form.classes, timezone.localdate())
    return [
        _row(suite, each, estimator.of(suite.version, each, min(1, each.most_gpus)))
        for suite in form.suites
        for each in form.classes
    ]


def asked_estimate(form: RunRequestForm) -> dict[str, Any]:
    """The estimate for what a valid form asks for, with the limits of the project that it charges."""
    wanted = form.cleaned_data
    gpu_class, project = wanted["gpu_class"], wanted["project"]
    gpus = min(max(wanted["gpus"] or 1, min(1, gpu_class.most_gpus)), gpu_class.most_gpus)
    (suite,) = [each for each in form.suites if each.version == wanted["suite_version"]]
    today = timezone.localdate()
    estimate = Estimator([gpu_class], today).of(suite.version, gpu_class, gpus)
    rooms: list[Room] = rooms_of(project, today) if project else []
    return {"row": _row(suite, gpu_class, estimate), "gpus": gpus, "rooms": rooms}
