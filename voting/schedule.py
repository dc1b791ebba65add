"""What voting does on the clock."""

from celery.schedules import crontab

SCHEDULE = {
    "voting.close_due_rounds": {"task": "voting.tasks.close_due_rounds", "schedule": crontab()},
}
