"""Makes a plan out of a release and what is on the Hub."""

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from hub import card, client, snapshot
from hub.errors import HubError
from hub.kinds import ErrorKind
from hub.models import Connection, Plan, Target
from hub.plan import CARD, MANIFEST, Bond, SyncPlan, Wanted, make_plan, manifest, tree_file
from hub.state import TreeFile
from hub.tokens import TokenMissing, read_token
from portfolio.models import ModelRelease

# Only files up to this size are ever kept as regular files on a Hub, and only for those git's id is compared.
REGULAR_LIMIT = 10 * 1024 * 1024


class FilesChanged(Exception):
    """The files of the release are not those of its manifest."""


def connect(connection: Connection) -> client.HubClient:
    """The client of a connection. Raises TokenMissing."""
    client.use_certificates(settings.HUB_CA_FILE or None)
    return client.HubClient(connection.address, read_token(connection.token_source))


def prepare(plan: Plan) -> None:
    """Moves a plan on from "being prepared": ready, nothing to do, or failed with the reason."""
    if plan.state != Plan.State.PREPARING:
        return
    target = plan.target
    try:
        remote = connect(target.connection).remote_state(target.repo_id)
        generated, wanted = describe(plan.release, target)
    except HubError as error:
        if error.kind == ErrorKind.AUTH:
            mark_refused(target.connection)
        plan.move_to(Plan.State.FAILED, error_kind=error.kind, error_detail=str(error)[:500])
        return
    except TokenMissing as error:
        plan.move_to(Plan.State.FAILED, error_kind=ErrorKind.TOKEN, error_detail=str(error)[:500])
        return
    except FilesChanged as error:
        plan.move_to(Plan.State.FAILED, error_kind=ErrorKind.FILES, error_detail=str(error)[:500])
        return
    except SoftTimeLimitExceeded:
        plan.move_to(Plan.State.FAILED, error_kind=ErrorKind.UNREACHABLE, error_detail="time limit")
        return
    made = make_plan(wanted, remote, Bond(target.internal_id, target.published))
    with transaction.atomic():
        _keep(plan, made, generated)
        # The token has just been accepted, whatever it was refused for before.
        Connection.objects.filter(pk=target.connection_id, refused_at__isnull=False).update(refused_at=None)
        if made.drift and target.state == Target.State.IN_SYNC:
            Target.objects.filter(pk=target.pk).update(state=Target.State.DRIFTED)


def mark_refused(connection: Connection) -> None:
    """Remember the first refusal: nothing more is sent with this token until a person tries again."""
    Connection.objects.filter(pk=connection.pk, refused_at__isnull=True).update(refused_at=timezone.now())


def describe(release: ModelRelease, target: Target) -> tuple[dict[str, str], Wanted]:
    """(texts that the portal writes, everything that shall stand on the Hub). Raises FilesChanged."""
    files = _release_files(release)
    text = card.render(snapshot.snapshot(release, target)).decode()
    generated = {CARD: text, MANIFEST: manifest(files).decode()}
    wanted = Wanted(
        repo_id=target.repo_id,
        files={**files, **{path: tree_file(content.encode()) for path, content in generated.items()}},
        tag=f"v{release.version.removeprefix('v')}",
        title=f"{release.model.name} {release.version}",
        private=target.visibility == Target.Visibility.PRIVATE,
        gated=target.gating,
    )
    return generated, wanted


def _release_files(release: ModelRelease) -> dict[str, TreeFile]:
    files = {}
    for path, described in sorted(release.manifest.items()):
        if path in (CARD, MANIFEST, ".gitattributes"):
            continue
        source = release.folder / path
        size, sha256 = described["size"], described["sha256"]
        try:
            if source.stat().st_size != size:
                raise FilesChanged(path)
            if size > REGULAR_LIMIT:
                files[path] = TreeFile(size, sha256, "")
                continue
            file = tree_file(source.read_bytes())
        except OSError as error:
            raise FilesChanged(f"{path}: {error.strerror}") from error
        if file.sha256 != sha256:
            raise FilesChanged(path)
        files[path] = file
    return files


def _keep(plan: Plan, made: SyncPlan, generated: dict[str, str]) -> None:
    state = Plan.State.IN_SYNC if made.is_empty and not made.blockers else Plan.State.READY
    plan.move_to(
        state,
        content=made.as_dict(),
        generated=generated,
        digest=made.digest,
        base_sha=made.base_sha,
        bytes_to_send=made.bytes_to_send,
    )
