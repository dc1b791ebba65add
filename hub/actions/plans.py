from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from activity.actions import record
from hub.actions import HubRefused
from hub.models import Connection, Plan, Publication, Target
from hub.tasks import prepare_plan, push_publication
from portfolio.models import AIModel, ModelRelease

VALID_FOR = timedelta(days=7)
PUBLISHABLE = frozenset(
    {AIModel.Status.IN_DEVELOPMENT, AIModel.Status.IN_EVALUATION, AIModel.Status.PUBLISHED}
)


@transaction.atomic
def describe_target(
    *, by: User, model: AIModel, connection: Connection, repository: str, **content: Any
) -> Target:
    """Where and how `model` stands on this Hub. Name and Hub are fixed once the repository exists."""
    target = (
        Target.objects.select_for_update(of=["self"])
        .select_related("connection")
        .filter(model=model, connection=connection)
        .first()
    )
    if target is None:
        target = Target(model=model, connection=connection)
    if target.internal_id and repository != target.repository:
        raise HubRefused(
            _("This model is already on the Hub as “%(name)s”; its name there stays.")
            % {"name": target.repo_id},
            field="repository",
        )
    target.repository = repository
    for name, value in content.items():
        setattr(target, name, value)
    try:
        with transaction.atomic():
            target.save()
    except IntegrityError as error:
        raise HubRefused(_("Another model is published under this name."), field="repository") from error
    return target


@transaction.atomic
def plan_release(*, by: User, release: ModelRelease, target: Target) -> Plan:
    """Asks for a plan: a job compares the release with the Hub and writes down every operation.

    Raises HubRefused while another plan of this model is open, and for a model that is not to be published.
    """
    _check_publishable(release)
    if target.model_id != release.model_id:
        raise HubRefused(_("This place on the Hub belongs to another model."))
    try:
        with transaction.atomic():
            plan = Plan.objects.create(
                target=target,
                release=release,
                created_by=by,
                four_eyes=settings.HUB_FOUR_EYES,
                expires_at=timezone.now() + VALID_FOR,
            )
    except IntegrityError as error:
        raise HubRefused(
            _("There is already an open plan for this model. Approve or discard it first.")
        ) from error
    record(by, "hub.plan_made", plan)
    prepare_plan.delay_on_commit(plan.pk)
    return plan


@transaction.atomic
def approve_plan(*, by: User, plan: Plan, digest: str) -> Publication:
    """Approves exactly what was shown: `digest` is the one of the page. The publication starts at once.

    Raises HubRefused when the plan is another by now, too old, blocked, or by the same person where two are asked for.
    """
    if plan.state != Plan.State.READY:
        raise HubRefused(
            _("This plan no longer waits for approval: %(state)s.") % {"state": plan.get_state_display()}
        )
    if digest != plan.digest:
        raise HubRefused(_("The plan is not the one that was shown to you. Please read it again."))
    if plan.is_expired:
        raise HubRefused(_("This plan is too old. Please discard it and make a new one."))
    if plan.content["blockers"]:
        raise HubRefused(_("This plan cannot be carried out; the reasons are on the page."))
    if plan.four_eyes and plan.created_by_id == by.pk:
        raise HubRefused(_("You made this plan yourself. A second person has to approve it."))
    _check_publishable(plan.release)
    if not plan.move_to(Plan.State.APPROVED, approved_by=by, approved_at=timezone.now()):
        raise HubRefused(_("Somebody else has just decided on this plan."))
    publication = Publication.objects.create(plan=plan)
    record(by, "hub.plan_approved", plan, digest=plan.digest)
    push_publication.delay_on_commit(publication.pk)
    return publication


@transaction.atomic
def discard_plan(*, by: User, plan: Plan) -> None:
    """Puts a plan away. One that is being carried out right now cannot be stopped: it is a single step."""
    publication = Publication.objects.select_for_update().filter(plan=plan).first()
    if publication is not None:
        given_up = Publication.objects.filter(
            pk=publication.pk, state__in=[Publication.State.QUEUED, Publication.State.FAILED]
        ).update(state=Publication.State.ABANDONED, finished_at=timezone.now())
        if not given_up:
            raise HubRefused(_("This publication is running or done; it can no longer be discarded."))
    if not plan.move_to(Plan.State.DISCARDED):
        raise HubRefused(_("This plan is already closed: %(state)s.") % {"state": plan.get_state_display()})
    record(by, "hub.plan_discarded", plan)


@transaction.atomic
def retry_publication(*, by: User, publication: Publication) -> None:
    """Another attempt at a failed publication, with the same approved plan; also opens a refused connection again."""
    if not publication.may_be_retried:
        raise HubRefused(_("This publication cannot be tried again. Please make a new plan."))
    queued = Publication.objects.filter(pk=publication.pk, state=Publication.State.FAILED).update(
        state=Publication.State.QUEUED,
        step=Publication.Step.WAITING,
        not_before=timezone.now(),
        finished_at=None,
    )
    if not queued:
        raise HubRefused(_("Somebody else has just tried it again."))
    Connection.objects.filter(targets__plans__publication=publication).update(refused_at=None)
    publication.refresh_from_db()
    record(by, "hub.publication_retried", publication)
    push_publication.delay_on_commit(publication.pk)


@transaction.atomic
def replan_publication(*, by: User, publication: Publication) -> Plan:
    """Puts a failed publication away and asks for a new plan of the same release."""
    discard_plan(by=by, plan=publication.plan)
    return plan_release(by=by, release=publication.plan.release, target=publication.plan.target)


def _check_publishable(release: ModelRelease) -> None:
    model = release.model
    if model.status not in PUBLISHABLE:
        raise HubRefused(
            _("“%(model)s” is in the state “%(state)s” and is not to be published.")
            % {"model": model.name, "state": model.get_status_display()}
        )
    if not model.licence.strip():
        raise HubRefused(_("A model without a licence cannot be published."))
