"""Two earlier releases of the demo's baseline with scores that the real harness measured, so that comparisons and
leaderboards have something to say before the visitor's own first run.
"""

import json
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.demo import Cast
from evaluations.actions.regressions import look_for_regressions
from evaluations.catalogue.suites import TASKS
from evaluations.fingerprint import fingerprint_of
from evaluations.models import Attempt, Engine, Run, RunProgress, Score, StateChange, SuiteVersion, Task
from evaluations.models.run import State
from evaluations.ngram.model import CORPUS, NgramModel
from evaluations.sample_store import store_answers
from evaluations.samples import answers_of
from portfolio.actions import aimodels
from portfolio.models import AIModel, ModelRelease
from portfolio.models.code import next_code

RECORDED = Path(__file__).with_name("recorded")
# Version, recording, how many days ago, and what was new.
EARLIER = (
    ("0.8.0", "ngram-2.json", 70, "Erster Versuch: zählt nur Paare von Bytes."),
    ("0.9.0", "ngram-3.json", 40, "Zweiter Versuch: zählt Folgen von drei Bytes."),
)


@transaction.atomic
def load_scores(cast: Cast, model: AIModel, serve_command: list[str], served_name: str) -> None:
    """Releases with one accepted run each; does nothing when they are there."""
    if model.releases.filter(version=EARLIER[0][0]).exists():
        return
    for version, name, days, notes in EARLIER:
        recorded = json.loads((RECORDED / name).read_text())
        trained = NgramModel.train(CORPUS.read_text(encoding="utf-8"), recorded["order"])
        with TemporaryDirectory() as folder:
            file = Path(folder) / "model.ngram"
            file.write_bytes(trained.to_bytes())
            release = aimodels.add_release(
                by=cast.mira,
                model=model,
                version=version,
                notes=notes,
                files={file.name: file},
                serve_command=serve_command,
                served_name=served_name,
            )
        at = timezone.now() - timedelta(days=days)
        ModelRelease.objects.filter(pk=release.pk).update(created_at=at)
        release.refresh_from_db()
        _accepted(cast, release, recorded, at)


def _accepted(cast: Cast, release: ModelRelease, recorded: dict[str, Any], at: Any) -> None:
    version = SuiteVersion.objects.get(suite__slug="smoke-de", number=1)
    task = version.tasks.get(name=recorded["task"])
    Task.objects.filter(pk=task.pk, content_hash="").update(content_hash=recorded["content_hash"])
    began = at - timedelta(seconds=recorded["seconds"])
    run = Run.objects.create(
        code=next_code("EL"),
        release=release,
        suite_version=version,
        engine=Engine.objects.get(slug="local"),
        fingerprint=fingerprint_of(release, version),
        state=State.SUCCEEDED,
        requested_by=cast.mira,
        started_at=began,
        finished_at=at,
    )
    Run.objects.filter(pk=run.pk).update(created_at=began)
    asked = 4 * (task.questions or 0)
    RunProgress.objects.create(run=run, phase=RunProgress.Phase.DONE, done=asked, total=asked)
    StateChange.objects.create(run=run, after=State.QUEUED, actor=cast.mira)
    StateChange.objects.create(run=run, before=State.COLLECTING, after=State.SUCCEEDED)
    Attempt.objects.create(
        run=run,
        engine_job="demo",
        restart=0,
        started_at=began,
        ended_at=at,
        seconds=recorded["seconds"],
        cpu_seconds=recorded["cpu_seconds"],
        reason="published",
    )
    samples = _samples(task, recorded)
    scores = Score.objects.bulk_create(
        Score(
            run=run,
            task=task,
            metric=metric,
            value=told["value"],
            stderr=told["stderr"],
            questions=len(samples),
            right=round(sum(sample[metric] for sample in samples)),
        )
        for metric, told in recorded["scores"].items()
    )
    store_answers(run, scores, {task.name: answers_of(task.name, samples, task.metrics)})
    look_for_regressions(run)


def _samples(task: Task, recorded: dict[str, Any]) -> list[dict[str, Any]]:
    """The harness's lines again, from the shipped questions and the recorded likelihoods."""
    lines = (TASKS / f"{task.name}.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line) for line in lines]
    found = []
    for doc_id, likelihoods, acc, acc_norm, *hashes in recorded["answers"]:
        question = questions[doc_id]
        prompt = f"Frage: {question['frage']}\nAntwort:"
        found.append(
            {
                "doc_id": doc_id,
                "target": str(question["antwort"]),
                "arguments": [[prompt, f" {choice}"] for choice in question["optionen"]],
                "filtered_resps": [[likelihood, "False"] for likelihood in likelihoods],
                "acc": float(acc),
                "acc_norm": float(acc_norm),
                **dict(zip(("doc_hash", "prompt_hash", "target_hash"), hashes, strict=True)),
            }
        )
    return found
