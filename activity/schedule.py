"""What activity does on the clock."""

from celery.schedules import crontab

SCHEDULE = {
    "activity.send_mails": {"task": "activity.tasks.send_mails", "schedule": crontab()},
}
