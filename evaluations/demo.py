"""Demo of the evaluations: the n-gram baseline as a release whose endpoint the portal can start by itself."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings

from accounts.demo import Cast
from evaluations.demo_scores import load_scores
from evaluations.ngram.model import load_default
from evaluations.ngram.server import MODEL_ID
from portfolio import demo as portfolio_demo
from portfolio.models import ModelProposal

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
    load_scores(cast, model, SERVE_COMMAND, MODEL_ID)
