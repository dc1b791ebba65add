"""What a database of its own needs for runs on a cluster; called in a process that has it as its own."""

from django.core.management import call_command

from accounts import demo
from evaluations.actions.catalogue import sync_catalogue
from evaluations.actions.runs import request_run
from evaluations.models import Engine, GpuClass, SuiteVersion
from portfolio.models import AIModel, ModelRelease
from tests.evaluations.workshop import NGRAM_SHA256
from tests.slurm.portal import with_reference


def populate(number: int, endpoint: str, most_at_once: int) -> None:
    """A migrated database with so many runs that wait for a cluster."""
    call_command("migrate", verbosity=0)
    mira = demo.load(password=None).mira
    sync_catalogue()
    engine = Engine.objects.create(
        slug="cluster", title="Rechenzentrum", kind=Engine.Kind.SLURM, most_at_once=most_at_once
    )
    gpu_class = GpuClass.objects.create(
        code="cores", title="Kerne", engine=engine, most_gpus=0, minutes=10, partition="low"
    )
    model = AIModel.objects.create(code="MO-2026-0900", slug="basislinie", name="Basislinie Deutsch")
    for patch in range(number):
        release = ModelRelease.objects.create(
            model=model,
            version=f"1.0.{patch}",
            manifest={"model.ngram": {"size": 1, "sha256": NGRAM_SHA256}},
            served_name="cesai-ngram-de",
            endpoint_url=endpoint,
            created_by=mira,
        )
        with_reference(release)
        request_run(
            by=mira,
            release=release,
            suite_version=SuiteVersion.objects.get(suite__slug="smoke-de", number=1),
            engine=engine,
            gpu_class=gpu_class,
        )
