"""Demo of the evaluations: the n-gram baseline as a release whose endpoint the portal can start by itself."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.demo import Cast
from evaluations.actions.budgets import set_budget
from evaluations.actions.prices import set_price
from evaluations.demo_scores import load_scores
from evaluations.models import GpuClass
from evaluations.ngram.model import load_default
from evaluations.ngram.server import MODEL_ID
from portfolio import demo as portfolio_demo
from portfolio.models import AIModel, ModelProposal

SERVER: dict[str, Any] = settings.RELEASE_SERVERS["ngram"]
SERVE_COMMAND = [*SERVER["command"], "--name", MODEL_ID]


def load(cast: Cast) -> None:
    """Commissions the baseline, once its proposal has won a vote. Measuring its newest release is left to the visitor."""
    won = ModelProposal.objects.filter(
        title=portfolio_demo.BASELINE,
        status__in=[ModelProposal.Status.PRIORITISED, ModelProposal.Status.DECIDED],
    )
    if not won.exists():
        return
    with TemporaryDirectory() as folder:
        file = Path(folder) / SERVER["needs"]
        file.write_bytes(load_default().to_bytes())
        model = portfolio_demo.commission_baseline(cast, {SERVER["needs"]: file}, SERVE_COMMAND, MODEL_ID)
    _money(cast, model)
    load_scores(cast, model, SERVE_COMMAND, MODEL_ID)


def _money(cast: Cast, model: AIModel) -> None:
    """What an hour of the portal's own machine costs and draws, and what the project may spend. All figures invented."""
    machine = GpuClass.objects.get(code="local")
    if machine.prices.exists():
        return
    GpuClass.objects.filter(pk=machine.pk).update(
        site="Hürth", watts=65, watts_source="Angabe für die Demo, nicht gemessen"
    )
    start = timezone.localdate().replace(month=1, day=1)
    set_price(
        by=cast.petra,
        gpu_class=machine,
        cents_per_hour=12,
        valid_from=start,
        source="Interne Verrechnung (Demo)",
    )
    for project in model.projects.all():
        set_budget(
            by=cast.mira, project=project, limit_cents=50_000, note="Messungen bis zur Ergebnispräsentation"
        )
