"""Short ticks; no task holds a run."""

from celery import shared_task


@shared_task
def reconcile() -> None:
    """Brings rows and engines together once; a second one at the same time returns at once."""
    from evaluations.reconcile import tick

    tick()


@shared_task
def settle_accounts() -> None:
    """Completes what attempts of ended runs used, where their engine's accounts came late."""
    from evaluations.reconcile import settle_accounts as settle

    settle()


@shared_task
def sync_catalogue() -> None:
    """Loads suites that came with a new version of the portal."""
    from evaluations.actions.catalogue import sync_catalogue as sync

    sync()
