"""Periodic jobs of the app."""

SCHEDULE = {
    "hub-pick-up": {"task": "hub.tasks.pick_up", "schedule": 30.0},
}
