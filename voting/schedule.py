"""What voting does on the clock."""

from celery.schedules import crontab

SCHEDULE = {
    "voting.open_due_rounds": {"task": "voting.tasks.open_due_rounds", "schedule": crontab()},
    "voting.close_due_rounds": {"task": "voting.tasks.close_due_rounds", "schedule": crontab()},
    "voting.finalise_due_rounds": {"task": "voting.tasks.finalise_due_rounds", "schedule": crontab()},
}
