"""The demo's scores are measurements, not inventions."""

import json
from pathlib import Path

import pytest

from accounts.demo import Cast
from evaluations.catalogue.suites import TASKS
from evaluations.comparing import compare_releases
from evaluations.demo import SERVE_COMMAND
from evaluations.demo_scores import EARLIER, RECORDED, load_scores
from evaluations.leaderboard import leaderboard
from evaluations.models import Run, SuiteVersion
from evaluations.ngram.model import CORPUS, NgramModel
from evaluations.reproducing import gaps
from portfolio.models import AIModel


@pytest.mark.parametrize("name", [each[1] for each in EARLIER])
def test_what_was_recorded_is_what_the_shipped_model_says_to_the_shipped_questions(name: str) -> None:
    recorded = json.loads((RECORDED / name).read_text())
    model = NgramModel.train(CORPUS.read_text(encoding="utf-8"), recorded["order"])
    assert model.sha256 == recorded["model_sha256"]
    lines = (TASKS / "cesai_smoke_de.jsonl").read_text().splitlines()
    for line, (_doc, likelihoods, *_rest) in zip(lines[:10], recorded["answers"][:10], strict=True):
        question = json.loads(line)
        prompt = f"Frage: {question['frage']}\nAntwort:"
        own = [model.log_likelihood(prompt, f" {choice}") for choice in question["optionen"]]
        assert own == pytest.approx(likelihoods, abs=1e-9)
    counted = sum(answer[2] for answer in recorded["answers"])
    assert counted / 60 == pytest.approx(recorded["scores"]["acc"]["value"])


@pytest.mark.usefixtures("suite_version")
def test_the_demo_has_a_leaderboard_and_a_comparison(cast: Cast, settings, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    settings.VAR_DIR = tmp_path
    model = AIModel.objects.create(code="MO-2026-0901", slug="basis", name="Basis")
    for _twice in range(2):
        load_scores(cast, model, SERVE_COMMAND, "cesai-ngram-de")
    assert Run.objects.count() == 2
    board = leaderboard(SuiteVersion.objects.get(suite__slug="smoke-de"), cast.mira)
    assert [entry.ranks for entry in board.entries] == ["1–2", "1–2"]
    first, second = model.releases.order_by("created_at")
    (row,) = compare_releases(first, second).rows
    assert (row.first.right, row.second.right) == (10, 9)
    assert not row.is_significant
    assert gaps(Run.objects.order_by("pk")[0]) != []
