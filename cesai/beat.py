"""The clock of the periodic tasks: sends their names when they are due, and never runs one.

An application of its own, because a clock needs neither models nor pages: without them it takes a third of the
memory. Run it with ``celery --app=cesai.beat beat``.
"""

from importlib import import_module

from celery import Celery

from cesai.env import env

# Apps whose periodic tasks stand in `<app>/schedule.py`.
SCHEDULED_APPS = ("activity", "voting", "evaluations", "hub")

# One of Celery's fixups would load Django and every app of the portal.
app = Celery("cesai-beat", broker=env.str("BROKER_URL"), fixups=(), set_as_current=False)
app.conf.update(
    timezone="Europe/Berlin",
    broker_connection_retry_on_startup=True,
    beat_schedule={
        name: entry
        for scheduled in SCHEDULED_APPS
        for name, entry in import_module(f"{scheduled}.schedule").SCHEDULE.items()
    },
)
