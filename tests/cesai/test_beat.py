import subprocess
import sys

import pytest
from django.conf import settings

from cesai.beat import app as beat
from cesai.celery import app as worker


@pytest.mark.django_db  # a worker checks its models, which asks the database for its version
def test_the_worker_knows_every_task_of_the_schedule() -> None:
    worker.loader.import_default_modules()
    assert beat.conf.beat_schedule
    assert {entry["task"] for entry in beat.conf.beat_schedule.values()} <= set(worker.tasks)


def test_the_clock_reaches_the_queue_of_the_worker() -> None:
    assert beat.conf.broker_url == worker.conf.broker_url
    assert beat.conf.task_default_queue == worker.conf.task_default_queue
    assert beat.conf.timezone == worker.conf.timezone


def test_the_clock_loads_neither_models_nor_pages() -> None:
    program = "import sys, cesai.beat; cesai.beat.app.finalize(); print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=settings.BASE_DIR, check=True, stdout=subprocess.PIPE, text=True
    )
    assert {"django.db.models", "numpy", "voting.models"} & set(told.stdout.split()) == set()
