"""Accepted runs with their answers, written as the ingest writes them, without a folder of files."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from accounts.models import User
from evaluations.models import Engine, Run, RunProgress, Score, Suite, SuiteVersion, Task
from evaluations.models.run import State
from evaluations.sample_store import store_answers
from evaluations.samples import answers_of
from portfolio.models import AIModel, ModelRelease

CONTENT_HASH = "c" * 64


def another_release(release: ModelRelease, version: str, model: AIModel | None = None) -> ModelRelease:
    """A later release of the same model, or of another one."""
    return ModelRelease.objects.create(
        model=model or release.model,
        version=version,
        manifest=release.manifest,
        served_name=release.served_name,
        serve_command=release.serve_command,
        created_by=release.created_by,
    )


def another_model(name: str) -> AIModel:
    number = AIModel.objects.count()
    return AIModel.objects.create(code=f"MO-2026-08{number:02}", slug=f"model-{number}", name=name)


def suite_of(tasks: dict[str, int], metric: str = "acc", **changes: Any) -> SuiteVersion:
    """A suite version with these tasks and numbers of questions, all bound; `changes` go into each task."""
    suite = Suite.objects.create(slug=f"suite-{Suite.objects.count()}", title_de="Probe", title_en="Sample")
    version = SuiteVersion.objects.create(
        suite=suite, number=1, harness="lm-eval", harness_version="0.4.13", environment="e" * 64
    )
    for name, questions in tasks.items():
        Task.objects.create(
            version=version,
            name=name,
            title_de=f"Aufgabe {name}",
            title_en=f"Task {name}",
            **{
                "metrics": [metric],
                "questions": questions,
                "language": "de",
                "licence": "CC0-1.0",
                "files": {f"{name}.jsonl": "f" * 64},
                "content_hash": CONTENT_HASH,
                **changes,
            },
        )
    return version


def samples(values: Sequence[float], metric: str = "acc", **changes: Any) -> list[dict[str, Any]]:
    """lm-eval's lines for these values; the first of two choices is the expected one."""
    return [
        {
            "doc_id": number,
            "target": "0",
            "arguments": {
                "gen_args_0": {"arg_0": f"Frage {number}?\nAntwort:", "arg_1": " Rhein"},
                "gen_args_1": {"arg_0": f"Frage {number}?\nAntwort:", "arg_1": " Elbe"},
            },
            "filtered_resps": [["-1.0", "False"], ["-2.0" if value == 1 else "-0.5", "False"]],
            "doc_hash": f"{number:064x}",
            "prompt_hash": f"{number:064x}",
            "target_hash": f"{number:064x}",
            metric: value,
            **changes,
        }
        for number, value in enumerate(values)
    ]


def accepted_run(
    release: ModelRelease,
    version: SuiteVersion,
    values: Mapping[str, Sequence[float]],
    by: User,
    *,
    with_answers: bool = True,
    **changes: Any,
) -> Run:
    """A finished run whose tasks scored these values; `changes` go into each sample line."""
    number = Run.objects.count()
    run = Run.objects.create(
        code=f"EL-2026-{number:04}",
        release=release,
        suite_version=version,
        engine=Engine.objects.get_or_create(slug="local", defaults={"title": "Hier", "kind": "local"})[0],
        fingerprint=f"{number:064x}",
        state=State.SUCCEEDED,
        requested_by=by,
        finished_at=timezone.now(),
    )
    RunProgress.objects.create(run=run)
    tasks = {task.name: task for task in version.tasks.all()}
    scores = []
    for name, found in values.items():
        binary = all(value in (0, 1) for value in found)
        scores.append(
            Score(
                run=run,
                task=tasks[name],
                metric=tasks[name].metrics[0],
                value=sum(found) / len(found),
                stderr=0.02,
                questions=len(found),
                right=round(sum(found)) if binary else None,
            )
        )
    scores = Score.objects.bulk_create(scores)
    if with_answers:
        answers = {
            name: answers_of(name, samples(found, tasks[name].metrics[0], **changes), tasks[name].metrics)
            for name, found in values.items()
        }
        store_answers(run, scores, answers)
    return run


def right(count: int, of: int) -> list[float]:
    return [1.0] * count + [0.0] * (of - count)
