"""From the shipped files to rows."""

import hashlib

from django.db import transaction

from evaluations.catalogue.suites import SUITES, TASKS, SuiteSource, TaskSource
from evaluations.harness import environment
from evaluations.models import Engine, GpuClass, Suite, SuiteVersion, Task


class CatalogueChanged(Exception):
    """A published suite version no longer matches its files: a programmer has to give the change a new number."""


@transaction.atomic
def sync_catalogue(sources: tuple[SuiteSource, ...] = SUITES) -> None:
    """Bring shipped suites and this machine's engine into the database; run twice it changes nothing.

    Raises CatalogueChanged when what a version pins differs from what was published under its number.
    """
    engine, _made = Engine.objects.get_or_create(
        slug="local", defaults={"title": "Portalrechner", "kind": Engine.Kind.LOCAL, "most_at_once": 1}
    )
    GpuClass.objects.get_or_create(
        code="local",
        defaults={"title": "Portalrechner, ohne GPU", "engine": engine, "most_gpus": 0, "minutes": 360},
    )
    for source in sources:
        texts = {name: getattr(source, name) for name in ("title_de", "title_en", "summary_de", "summary_en")}
        suite = Suite.objects.filter(slug=source.slug).first() or Suite(slug=source.slug)
        _retitled(suite, texts)
        _version(suite, source)


def _version(suite: Suite, source: SuiteSource) -> None:
    pins = {
        "harness": "lm-eval",
        "harness_version": environment.VERSION,
        "environment": hashlib.sha256(environment.REQUIREMENTS.read_bytes()).hexdigest(),
        "seed": source.seed,
        "applies_chat_template": source.applies_chat_template,
    }
    version = SuiteVersion.objects.filter(suite=suite, number=source.number).first()
    if version is None:
        version = SuiteVersion.objects.create(suite=suite, number=source.number, **pins)
        for task in source.tasks:
            Task.objects.create(version=version, name=task.name, **_titles_of(task), **_pins_of(task))
        return
    _unchanged(f"{source.slug} {source.number}", version, pins)
    tasks = {task.name: task for task in version.tasks.all()}
    if tasks.keys() != {task.name for task in source.tasks}:
        raise CatalogueChanged(f"{source.slug} {source.number} has other tasks")
    for task in source.tasks:
        _unchanged(f"{source.slug} {source.number} {task.name}", tasks[task.name], _pins_of(task))
        _retitled(tasks[task.name], _titles_of(task))


def _titles_of(task: TaskSource) -> dict[str, str]:
    return {"title_de": task.title_de, "title_en": task.title_en}


def _pins_of(task: TaskSource) -> dict[str, object]:
    return {
        "metrics": list(task.metrics),
        "questions": task.questions,
        "shots": task.shots,
        "chance": task.chance,
        "language": task.language,
        "licence": task.licence,
        "non_commercial": task.non_commercial,
        "dataset": task.dataset,
        "configuration": task.configuration,
        "revision": task.revision,
        "files": {name: hashlib.sha256((TASKS / name).read_bytes()).hexdigest() for name in task.files},
    }


def _retitled(row: Suite | Task, texts: dict[str, str]) -> None:
    """Texts for people may be improved at any time; nothing is written when they are the same."""
    if row.pk is None or any(getattr(row, name) != text for name, text in texts.items()):
        for name, text in texts.items():
            setattr(row, name, text)
        row.save()


def _unchanged(label: str, row: SuiteVersion | Task, pins: dict[str, object]) -> None:
    for name, value in pins.items():
        if getattr(row, name) != value:
            raise CatalogueChanged(f"{label}: {name} was published as {getattr(row, name)!r}")
