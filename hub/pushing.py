"""Carries an approved plan out: look, send, verify, tag, open. May be interrupted anywhere and started again.

The order keeps the world out until all is well: the repository is born private, files travel before the commit that
makes them visible, and the visibility changes last. The commit names the plan's digest, so whoever comes after a
crash finds it instead of making a second one.
"""

import random
from datetime import timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.utils import timezone

from activity.actions import record
from hub.client import HubClient, Landed, Upload
from hub.errors import HubConflictError, HubError, HubNotFoundError, HubRejectedError
from hub.kinds import PASSING, ErrorKind
from hub.models import Plan, Publication, Target
from hub.plan import Action, SyncPlan
from hub.preparing import connect, mark_refused
from hub.state import RemoteState
from hub.tokens import TokenMissing
from portfolio.actions import PortfolioRefused
from portfolio.actions.aimodels import mark_published
from portfolio.models import AIModel

# After so many attempts in a row a person is asked; attempts are counted on through every retry.
MOST_ATTEMPTS = 6
# A release of some terabytes needs many slices of nine minutes; more than this is no progress.
MOST_SLICES = 300
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=10)


def push(publication: Publication) -> None:
    """One attempt. Whatever the Hub says ends up on the row; only bugs of our own escape."""
    connection = publication.plan.target.connection
    if connection.refused_at is not None or not publication.claim():
        return
    try:
        hub = connect(connection)
    except TokenMissing as error:
        _fail(publication, ErrorKind.TOKEN, str(error))
        return
    with hub.recording() as traffic:
        try:
            _carry_out(publication, hub)
        except HubError as error:
            _settle(publication, error)
        except SoftTimeLimitExceeded:
            # What was uploaded stays at the Hub; the next attempt goes on from there.
            if publication.attempt < MOST_SLICES:
                _pause(publication, ErrorKind.UNKNOWN, "time limit of one attempt", timedelta(0))
            else:
                _fail(publication, ErrorKind.UNKNOWN, "time limit")
    ids = [*publication.request_ids, *filter(None, traffic.request_ids)][-200:]
    Publication.objects.filter(pk=publication.pk).update(request_ids=ids)


def _carry_out(publication: Publication, hub: HubClient) -> None:
    plan = publication.plan
    sync = plan.sync_plan()
    if sync.digest != plan.digest:
        raise HubRejectedError("the stored plan is not the approved one")
    if plan.release.model.status == AIModel.Status.WITHDRAWN:
        raise HubRejectedError("the model has been withdrawn")
    remote = _bound_state(plan.target, sync, hub)
    landed = _land(publication, hub, sync, remote)
    if not publication.update_running(
        step=Publication.Step.VERIFYING,
        commit_oid=landed.oid,
        recovered=publication.recovered or landed.recovered,
    ):
        return
    if wrong := hub.differences(sync.repo_id, revision=landed.oid, expected=dict(sync.expected)):
        raise HubConflictError(f"not as planned on the Hub: {', '.join(wrong[:5])}")
    publication.update_running(step=Publication.Step.FINISHING)
    chosen = {operation.action: operation for operation in sync.operations}
    if tag := chosen.get(Action.TAG):
        hub.tag(sync.repo_id, name=tag.value, commit=landed.oid)
    if Action.PUBLISH in chosen or Action.HIDE in chosen:
        hub.change_settings(sync.repo_id, private=Action.HIDE in chosen)
    _record_success(publication, landed, hub.remote_state(sync.repo_id), sync)


def _bound_state(target: Target, sync: SyncPlan, hub: HubClient) -> RemoteState:
    """The repository as it is, created if it never was; its key is written down before anything else happens."""
    remote = hub.remote_state(sync.repo_id)
    if not remote.exists:
        if target.internal_id:
            raise HubNotFoundError("the bound repository is gone")
        hub.ensure_repo(sync.repo_id, region=target.connection.region)
        remote = hub.remote_state(sync.repo_id)
    if target.internal_id and remote.internal_id != target.internal_id:
        raise HubConflictError("another repository has taken this name")
    if remote.repo_id != sync.repo_id:
        raise HubConflictError(f"renamed on the Hub to {remote.repo_id}")
    if not target.internal_id:
        Target.objects.filter(pk=target.pk, internal_id="").update(internal_id=remote.internal_id)
        target.internal_id = remote.internal_id
    return remote


def _land(publication: Publication, hub: HubClient, sync: SyncPlan, remote: RemoteState) -> Landed:
    expected = dict(sync.expected)
    base = sync.base_sha or (remote.head if remote.is_empty else "")
    if remote.head != base:
        # The branch has moved: by an earlier attempt of ours whose record was lost, or by somebody else.
        if oid := hub.find_landed(sync.repo_id, digest=sync.digest, expected=expected):
            return Landed(oid, recovered=True)
        raise HubConflictError("a commit has happened since the plan was made")
    publication.update_running(step=Publication.Step.SENDING)
    gate = next((operation for operation in sync.operations if operation.action is Action.GATE), None)
    if gate is not None:
        hub.change_settings(sync.repo_id, gated=gate.value)
    if not sync.paths(Action.ADD, Action.REPLACE, Action.DELETE):
        return Landed(remote.head, recovered=False)
    plan = publication.plan
    return hub.commit(
        sync.repo_id,
        parent=base,
        uploads=[_upload(plan, sync, path) for path in sync.paths(Action.ADD, Action.REPLACE)],
        deletions=sync.paths(Action.DELETE),
        summary=sync.title,
        description=f"Published by the CESAI Portal: {plan.release.model.code}, version {plan.release.version}.",
        digest=sync.digest,
        expected=expected,
    )


def _upload(plan: Plan, sync: SyncPlan, path: str) -> Upload:
    text = plan.generated.get(path)
    source = plan.release.folder / path if text is None else text.encode()
    return Upload(path, source, sync.expected[path].sha256)


def _record_success(publication: Publication, landed: Landed, state: RemoteState, sync: SyncPlan) -> None:
    plan, target = publication.plan, publication.plan.target
    ours = plan.release.manifest.keys() | plan.generated.keys()
    published = {path: file.content_id for path, file in state.files.items() if path in ours}
    with transaction.atomic():
        done = publication.update_running(
            state=Publication.State.PUBLISHED,
            step=Publication.Step.DONE,
            leased_until=None,
            finished_at=timezone.now(),
        )
        if not done:
            return
        plan.move_to(Plan.State.DONE)
        Target.objects.filter(pk=target.pk).update(
            state=Target.State.IN_SYNC, head=landed.oid, published=published
        )
        record(plan.approved_by, "hub.published", publication, commit=landed.oid, repository=sync.repo_id)
        if target.visibility == Target.Visibility.PUBLIC:
            try:
                mark_published(by=plan.approved_by, model=plan.release.model)
            except PortfolioRefused:
                # Withdrawn while the files travelled: the portfolio's state is the newer decision and stays.
                record(plan.approved_by, "hub.publication_failed", publication, kind=ErrorKind.CONFLICT)


def _settle(publication: Publication, error: HubError) -> None:
    kind, detail = ErrorKind(error.kind), str(error)
    if kind == ErrorKind.AUTH:
        mark_refused(publication.plan.target.connection)
    tries = publication.attempt % MOST_ATTEMPTS
    if kind in PASSING and tries:
        pause = min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE)
        _pause(publication, kind, detail, timedelta(seconds=getattr(error, "eta", 0)) or pause)
        return
    _fail(publication, kind, detail)


def _pause(publication: Publication, kind: ErrorKind, detail: str, pause: timedelta) -> None:
    # A random share keeps many waiting ones from coming back at the same second.
    later = timezone.now() + pause * (1 + random.random() / 4)  # noqa: S311
    publication.update_running(
        state=Publication.State.QUEUED,
        step=Publication.Step.WAITING,
        not_before=later,
        leased_until=None,
        error_kind=kind,
        error_detail=detail[:500],
    )


def _fail(publication: Publication, kind: ErrorKind, detail: str) -> None:
    with transaction.atomic():
        failed = publication.update_running(
            state=Publication.State.FAILED,
            leased_until=None,
            finished_at=timezone.now(),
            error_kind=kind,
            error_detail=detail[:500],
        )
        if failed:
            record(None, "hub.publication_failed", publication, kind=kind)
