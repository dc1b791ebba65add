"""Demo of the evaluations: the n-gram baseline as a release whose endpoint the portal can start by itself."""

from pathlib import Path
from tempfile import TemporaryDirectory

from accounts.demo import Cast
from evaluations.ngram.model import load_default
from evaluations.ngram.server import MODEL_ID
from portfolio import demo as portfolio_demo
from portfolio.models import ModelProposal

MODEL_FILE = "ngram.json"
SERVE_COMMAND = [
    *("{python}", "-m", "evaluations.ngram"),
    *("--model", "{folder}/" + MODEL_FILE),
    *("--name", MODEL_ID),
    *("--port", "{port}"),
]


def load(cast: Cast) -> None:
    """Commissions the baseline, once its proposal has won a vote. Its first run is left to the visitor."""
    won = ModelProposal.objects.filter(
        title=portfolio_demo.BASELINE,
        status__in=[ModelProposal.Status.PRIORITISED, ModelProposal.Status.DECIDED],
    )
    if not won.exists():
        return
    with TemporaryDirectory() as folder:
        file = Path(folder) / MODEL_FILE
        file.write_bytes(load_default().to_bytes())
        portfolio_demo.commission_baseline(cast, {MODEL_FILE: file}, SERVE_COMMAND, MODEL_ID)
