"""Models with releases, and connections to a double."""

from pathlib import Path

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from hub.actions.plans import approve_plan, describe_target, plan_release
from hub.models import Connection, Plan, Publication, Target
from hub.preparing import prepare
from portfolio.actions.aimodels import add_release
from portfolio.models import AIModel, ModelRelease
from tests.hub.doubles import CANARY, NAMESPACE

FILES = {"model.json": b'{"order": 3}\n', "LICENSE.txt": b"CC0\n"}


def make_model(slug="werkstatt", *, status=AIModel.Status.IN_DEVELOPMENT, **fields):
    return AIModel.objects.create(
        code=f"MO-{slug}"[:16], slug=slug, name=fields.pop("name", "Werkstatt"), status=status, **fields
    )


def make_release(by, model, version="1.0.0", files=None, folder=None):
    sources = {}
    folder = Path(folder or settings.VAR_DIR / "sources" / model.slug / version)
    for name, content in (FILES if files is None else files).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        sources[name] = path
    return add_release(by=by, model=model, version=version, files=sources, served_name=model.slug)


def make_connection(double, token=CANARY):
    path = settings.VAR_DIR / f"token-{double.port}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(token + "\n")
    settings.HUB_CA_FILE = str(double.ca_file)
    return Connection.objects.create(
        name="Double", endpoint=double.endpoint, namespace=NAMESPACE, token_source=f"file:{path}"
    )


def make_plan(by, release, connection, **content):
    """A plan as the job leaves it."""
    target = describe_target(
        by=by, model=release.model, connection=connection, repository=release.model.slug, **content
    )
    plan = plan_release(by=by, release=release, target=target)
    prepare(plan)
    plan.refresh_from_db()
    return plan


def make_publication(planner, approver, release, connection):
    plan = make_plan(planner, release, connection)
    return approve_plan(by=approver, plan=plan, digest=plan.digest)


def published_row(release, planner, approver):
    """A publication as the jobs leave it, without asking any Hub."""
    connection = Connection.objects.get_or_create(
        name="Sample", defaults={"namespace": NAMESPACE, "token_source": "env:HUB_TOKEN"}
    )[0]
    target = Target.objects.filter(model=release.model).first() or Target.objects.create(
        model=release.model, connection=connection, repository=release.model.slug
    )
    plan = Plan.objects.create(
        target=target,
        release=release,
        state=Plan.State.DONE,
        digest="0" * 64,
        created_by=planner,
        approved_by=approver,
        approved_at=timezone.now(),
        expires_at=timezone.now(),
    )
    return Publication.objects.create(
        plan=plan,
        state=Publication.State.PUBLISHED,
        step=Publication.Step.DONE,
        commit_oid="0" * 40,
        finished_at=timezone.now(),
    )


def sample_publication():
    """A publication of the demo world; its release is the demo's where there is one."""
    if found := Publication.objects.first():
        return found
    mira, tariq = (User.objects.get(email=f"{name}@demo.example.org") for name in ("mira", "tariq"))
    release = ModelRelease.objects.select_related("model").first() or make_release(mira, make_model())
    return published_row(release, mira, tariq)
