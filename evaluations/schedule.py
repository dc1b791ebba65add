"""Periodic jobs of the app."""

SCHEDULE = {
    # A tick that finds nothing to do costs two statements; what people see is at most this old.
    "evaluations-reconcile": {
        "task": "evaluations.tasks.reconcile",
        "schedule": 3.0,
        "options": {"expires": 3.0},
    },
    "evaluations-accounts": {"task": "evaluations.tasks.settle_accounts", "schedule": 600.0},
    "evaluations-catalogue": {"task": "evaluations.tasks.sync_catalogue", "schedule": 3600.0},
}
