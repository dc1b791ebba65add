"""Jobs: prepare a plan, push a publication, pick up what was left lying.

The Hub's library costs every process 20 MB and a second, so it is imported where it is used: in these functions,
which run in workers only.
"""

from celery import shared_task

from hub.models import Plan, Publication

# Below the ten minutes after which the broker would hand the same job to a second worker.
PUSH_SECONDS = 540
# The files of a release are read for it once.
PREPARE_SECONDS = 300


@shared_task(soft_time_limit=PREPARE_SECONDS - 30, time_limit=PREPARE_SECONDS)
def prepare_plan(plan_id: int) -> None:
    """Compares release and Hub and writes the plan down; delivered twice it changes nothing."""
    from hub import preparing

    preparing.prepare(Plan.objects.select_related("target__connection", "release__model").get(pk=plan_id))


@shared_task(soft_time_limit=PUSH_SECONDS - 30, time_limit=PUSH_SECONDS)
def push_publication(publication_id: int) -> None:
    """One attempt to carry out an approved plan; returns at once when it is not due or another worker has it."""
    from hub import pushing

    publication = Publication.objects.select_related("plan__target__connection", "plan__release__model").get(
        pk=publication_id
    )
    pushing.push(publication)


@shared_task
def pick_up() -> None:
    """Sends what is due on its way again: after a pause, a lost message or a dead worker."""
    for pk in Publication.objects.due().order_by("not_before", "pk").values_list("pk", flat=True)[:20]:
        push_publication.delay(pk)
    for pk in (
        Plan.objects.filter(state=Plan.State.PREPARING).order_by("pk").values_list("pk", flat=True)[:20]
    ):
        prepare_plan.delay(pk)
