"""The Celery application: short ticks only; `cesai/beat.py` sends those that are due.

Every task takes one id (or nothing), may be delivered twice and survives `kill -9`. What a task changes in the
database is recorded in the audit trail under the task's name.
"""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cesai.settings")

import pghistory
from celery import Celery
from celery.contrib.django.task import DjangoTask
from django_structlog.celery.steps import DjangoStructLogInitStep


class AuditedTask(DjangoTask):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with pghistory.context(task=self.name):
            return super().__call__(*args, **kwargs)


app = Celery("cesai", task_cls=AuditedTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    task_time_limit=60,
    task_soft_time_limit=45,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 600},
    worker_hijack_root_logger=False,
    timezone="Europe/Berlin",
)
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()
